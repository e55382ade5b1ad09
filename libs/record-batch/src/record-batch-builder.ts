import { invariant } from '@weir/model';
import { CRC_FROM, CURRENT_MAGIC, HEADER_BYTES, LOG_OVERHEAD, viewOf, writeInt64 } from './header.ts';
import { crc32c } from './crc32c.ts';

export interface RecordHeader {
  readonly key: string;
  readonly value: Uint8Array;
}

const textEncoder = new TextEncoder();

/** Encodes records into one batch at a time; reusable, its buffer only grows. */
export class RecordBatchBuilder {
  #bytes: Uint8Array;
  #at = HEADER_BYTES;
  #count = 0;
  #baseTimestamp = 0;
  #maxTimestamp = 0;

  constructor(initialBytes = 64 * 1024) {
    this.#bytes = new Uint8Array(Math.max(HEADER_BYTES, initialBytes));
  }

  /** Records appended since the last `build`. */
  get count(): number {
    return this.#count;
  }

  /** Bytes that the batch has so far. */
  get size(): number {
    return this.#at;
  }

  /** Appends a record; `timestamp` in whole milliseconds. The bytes are copied. */
  append(timestamp: number, key: Uint8Array | null, value: Uint8Array | null, headers: readonly RecordHeader[] = []): void {
    if (this.#count === 0) this.#baseTimestamp = this.#maxTimestamp = timestamp;
    else if (timestamp > this.#maxTimestamp) this.#maxTimestamp = timestamp;
    const encodedHeaders = headers.map((header) => ({ key: textEncoder.encode(header.key), value: header.value }));
    const delta = timestamp - this.#baseTimestamp;
    let length = 1 + varlongSize(delta) + varlongSize(this.#count) + sized(key) + sized(value) + varlongSize(encodedHeaders.length);
    for (const header of encodedHeaders) length += sized(header.key) + sized(header.value);
    this.#reserve(length + 10);
    this.#varlong(length);
    this.#bytes[this.#at++] = 0;
    this.#varlong(delta);
    this.#varlong(this.#count);
    this.#sized(key);
    this.#sized(value);
    this.#varlong(encodedHeaders.length);
    for (const header of encodedHeaders) {
      this.#sized(header.key);
      this.#sized(header.value);
    }
    this.#count++;
  }

  /** The batch as bytes of its own, with base offset 0; the builder is empty afterwards. */
  build(): Uint8Array {
    invariant(this.#count > 0, 'a record batch holds at least one record');
    const batch = this.#bytes.slice(0, this.#at);
    const view = viewOf(batch);
    view.setInt32(8, batch.length - LOG_OVERHEAD);
    view.setInt32(12, -1);
    view.setInt8(16, CURRENT_MAGIC);
    view.setInt32(23, this.#count - 1);
    writeInt64(view, 27, this.#baseTimestamp);
    writeInt64(view, 35, this.#maxTimestamp);
    writeInt64(view, 43, -1);
    view.setInt16(51, -1);
    view.setInt32(53, -1);
    view.setInt32(57, this.#count);
    view.setUint32(17, crc32c(batch, CRC_FROM, batch.length));
    this.#at = HEADER_BYTES;
    this.#count = 0;
    return batch;
  }

  #reserve(bytes: number): void {
    if (this.#at + bytes <= this.#bytes.length) return;
    const grown = new Uint8Array(Math.max(this.#bytes.length * 2, this.#at + bytes));
    grown.set(this.#bytes.subarray(0, this.#at));
    this.#bytes = grown;
  }

  #sized(bytes: Uint8Array | null): void {
    this.#varlong(bytes === null ? -1 : bytes.length);
    if (bytes === null) return;
    this.#bytes.set(bytes, this.#at);
    this.#at += bytes.length;
  }

  /** Zigzag and base 128, as in Protocol Buffers. Doubles, because deltas may pass 32 bits. */
  #varlong(value: number): void {
    let rest = value >= 0 ? value * 2 : -value * 2 - 1;
    while (rest >= 128) {
      this.#bytes[this.#at++] = (rest % 128) | 128;
      rest = Math.floor(rest / 128);
    }
    this.#bytes[this.#at++] = rest;
  }
}

function varlongSize(value: number): number {
  let rest = value >= 0 ? value * 2 : -value * 2 - 1;
  let size = 1;
  for (; rest >= 128; rest = Math.floor(rest / 128)) size++;
  return size;
}

function sized(bytes: Uint8Array | null): number {
  return bytes === null ? varlongSize(-1) : varlongSize(bytes.length) + bytes.length;
}
