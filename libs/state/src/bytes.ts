import type { BinaryReader, BinaryWriter, Key } from '@weir/model';
import { WeirError } from '@weir/model';

const textEncoder = new TextEncoder();
const textDecoder = new TextDecoder('utf-8', { fatal: true });
const TEXT_KEY = 0;
const NUMBER_KEY = 1;

/** A growing buffer of little-endian values. */
export class ByteWriter implements BinaryWriter {
  #bytes = new Uint8Array(256);
  #view = new DataView(this.#bytes.buffer);
  #at = 0;

  get length(): number {
    return this.#at;
  }

  uint8(value: number): void {
    this.#reserve(1);
    this.#bytes[this.#at++] = value;
  }

  int32(value: number): void {
    this.#reserve(4);
    this.#view.setInt32(this.#at, value, true);
    this.#at += 4;
  }

  float64(value: number): void {
    this.#reserve(8);
    this.#view.setFloat64(this.#at, value, true);
    this.#at += 8;
  }

  text(value: string): void {
    this.bytes(textEncoder.encode(value));
  }

  key(value: Key): void {
    if (typeof value === 'string') {
      this.uint8(TEXT_KEY);
      this.text(value);
    } else {
      this.uint8(NUMBER_KEY);
      this.float64(value);
    }
  }

  json(value: unknown): void {
    this.text(JSON.stringify(value));
  }

  /** Bytes with their length in front. */
  bytes(value: Uint8Array): void {
    this.int32(value.length);
    this.#reserve(value.length);
    this.#bytes.set(value, this.#at);
    this.#at += value.length;
  }

  /** A copy of what was written. */
  toBytes(): Uint8Array {
    return this.#bytes.slice(0, this.#at);
  }

  #reserve(count: number): void {
    if (this.#at + count <= this.#bytes.length) return;
    const grown = new Uint8Array(Math.max(this.#bytes.length * 2, this.#at + count));
    grown.set(this.#bytes);
    this.#bytes = grown;
    this.#view = new DataView(grown.buffer);
  }
}

/** Reads what a ByteWriter wrote. Throws SNAPSHOT_TRUNCATED past the end and SNAPSHOT_CORRUPT on text that is none. */
export class ByteReader implements BinaryReader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get remaining(): number {
    return this.#bytes.length - this.#at;
  }

  uint8(): number {
    return this.#bytes[this.#take(1)]!;
  }

  int32(): number {
    return this.#view.getInt32(this.#take(4), true);
  }

  float64(): number {
    return this.#view.getFloat64(this.#take(8), true);
  }

  text(): string {
    const bytes = this.bytes();
    try {
      return textDecoder.decode(bytes);
    } catch (cause) {
      throw corruptSnapshot('a text is not UTF-8', cause);
    }
  }

  key(): Key {
    const kind = this.uint8();
    if (kind === TEXT_KEY) return this.text();
    if (kind === NUMBER_KEY) return this.float64();
    throw corruptSnapshot(`a key is of unknown kind ${kind}`);
  }

  json(): unknown {
    const text = this.text();
    try {
      return JSON.parse(text) as unknown;
    } catch (cause) {
      throw corruptSnapshot('a value is not JSON', cause);
    }
  }

  /** A view of bytes with their length in front. */
  bytes(): Uint8Array {
    const length = this.int32();
    if (length < 0) throw corruptSnapshot(`a length is ${length}`);
    const from = this.#take(length);
    return this.#bytes.subarray(from, from + length);
  }

  #take(count: number): number {
    if (count > this.remaining) {
      throw new WeirError('SNAPSHOT_TRUNCATED', `A snapshot ends ${count - this.remaining} bytes too early.`, {
        remedy: 'Start from an earlier checkpoint.',
      });
    }
    const at = this.#at;
    this.#at += count;
    return at;
  }
}

/** Bytes that no snapshot has. */
export function corruptSnapshot(reason: string, cause?: unknown): WeirError {
  return new WeirError('SNAPSHOT_CORRUPT', `A snapshot cannot be read: ${reason}.`, { remedy: 'Start from an earlier checkpoint.', cause });
}
