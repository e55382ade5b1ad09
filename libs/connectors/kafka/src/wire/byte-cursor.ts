import { malformed } from './errors.ts';

/** Reads the fields of a Kafka response in order, in its big-endian and "compact" (flexible) forms (KIP-482). Throws KAFKA_CONNECTION where they go beyond its end. */
export class ByteCursor {
  readonly bytes: Uint8Array;
  at = 0;
  readonly #view: DataView;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  int16(): number {
    return this.#view.getInt16(this.#past(2));
  }

  int32(): number {
    return this.#view.getInt32(this.#past(4));
  }

  /** Exact within ±2^53. */
  int64(): number {
    const at = this.#past(8);
    return this.#view.getInt32(at) * 2 ** 32 + this.#view.getUint32(at + 4);
  }

  unsignedVarint(): number {
    let value = 0;
    for (let scale = 1; scale <= MOST_SCALE; scale *= 128) {
      const byte = this.bytes[this.#past(1)]!;
      value += (byte & 127) * scale;
      if (byte < 128) return value;
    }
    throw malformed();
  }

  /** The length of a compact array, string or byte string; -1 for null. */
  compactLength(): number {
    return this.unsignedVarint() - 1;
  }

  /** A UUID as hexadecimal text. */
  uuid(): string {
    return Buffer.from(this.bytes.buffer, this.bytes.byteOffset + this.#past(16), 16).toString('hex');
  }

  /** The next bytes, not copied. */
  take(length: number): Uint8Array {
    const at = this.#past(length);
    return this.bytes.subarray(at, at + length);
  }

  skipTags(): void {
    for (let left = this.unsignedVarint(); left > 0; left--) {
      this.unsignedVarint();
      this.#past(this.unsignedVarint());
    }
  }

  /** Goes over that many bytes; answers where they begin. */
  #past(bytes: number): number {
    const from = this.at;
    if (from + bytes > this.bytes.length) throw malformed();
    this.at = from + bytes;
    return from;
  }
}

/** Of the fifth byte, which is the last that a number of 32 bits may have. */
const MOST_SCALE = 128 ** 4;
