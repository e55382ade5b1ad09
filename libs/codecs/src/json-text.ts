import type { FetchBytes } from './fetch-bytes.ts';

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
/** By byte below 0x20, how JSON writes it. */
const CONTROLS = Array.from({ length: 0x20 }, (_, byte) => Buffer.from(JSON.stringify(String.fromCharCode(byte)).slice(1, -1), 'latin1'));
/** Of one byte of text. */
const LONGEST_ESCAPE = 6;

/** Writes JSON behind the bytes of a fetch. */
export class JsonText {
  readonly #fetch: FetchBytes;

  constructor(fetch: FetchBytes) {
    this.#fetch = fetch;
  }

  /** ASCII, as it is. */
  raw(text: string): void {
    const fetch = this.#fetch;
    fetch.reserve(text.length);
    fetch.advance(fetch.end + fetch.bytes.write(text, fetch.end, 'latin1'));
  }

  /** A finite number. */
  number(value: number): void {
    this.raw(Object.is(value, -0) ? '-0' : String(value));
  }

  /** UTF-8 at [start, end) of the fetch, as a string. */
  text(start: number, end: number): void {
    const fetch = this.#fetch;
    fetch.reserve((end - start) * LONGEST_ESCAPE + 2);
    const { bytes } = fetch;
    let out = fetch.end;
    bytes[out++] = QUOTE;
    for (let at = start; at < end; at++) {
      const byte = bytes[at]!;
      if (byte < 0x20) out += CONTROLS[byte]!.copy(bytes, out);
      else {
        if (byte === QUOTE || byte === BACKSLASH) bytes[out++] = BACKSLASH;
        bytes[out++] = byte;
      }
    }
    bytes[out++] = QUOTE;
    fetch.advance(out);
  }

  /** Bytes at [start, end) of the fetch, as a string of code points up to 255. */
  latin1(start: number, end: number): void {
    const from = this.#fetch.end;
    this.#fetch.reserve((end - start) * 2);
    let out = from;
    for (let at = start; at < end; at++) {
      const byte = this.#fetch.bytes[at]!;
      if (byte >= 0x80) this.#fetch.bytes[out++] = 0xc0 | (byte >>> 6);
      this.#fetch.bytes[out++] = byte < 0x80 ? byte : 0x80 | (byte & 0x3f);
    }
    this.#fetch.advance(out);
    this.text(from, out);
    this.#fetch.bytes.copyWithin(from, out, this.#fetch.end);
    this.#fetch.advance(from + this.#fetch.end - out);
  }
}
