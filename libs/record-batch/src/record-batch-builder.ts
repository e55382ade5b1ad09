import { invariant } from '@weir/model';
import { CRC_FROM, CURRENT_MAGIC, HEADER_BYTES, LOG_OVERHEAD, viewOf, writeInt64 } from './header.ts';
import { crc32c } from './crc32c.ts';

export interface RecordHeader {
  readonly key: string;
  readonly value: Uint8Array | null;
}

const textEncoder = new TextEncoder();
const NO_HEADERS: readonly RecordHeader[] = [];
/** Below this many bytes a loop copies faster than `TypedArray.set`. */
const LOOP_BYTES = 48;
/** Of a record: its length, attributes, two deltas, two sizes and the number of headers as varints at their longest. */
const RECORD_OVERHEAD = 48;

/** Encodes records into one batch at a time, without compression and without a producer id; reusable, its buffer only grows. */
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
  append(timestamp: number, key: Uint8Array | null, value: Uint8Array | null, headers: readonly RecordHeader[] = NO_HEADERS): void {
    invariant(Number.isSafeInteger(timestamp), `a record's timestamp is a whole number of milliseconds, not ${timestamp}`);
    if (this.#count === 0) this.#baseTimestamp = this.#maxTimestamp = timestamp;
    else if (timestamp > this.#maxTimestamp) this.#maxTimestamp = timestamp;
    const delta = timestamp - this.#baseTimestamp;
    const tail = headers.length === 0 ? undefined : encodedHeaders(headers);
    const tailBytes = tail === undefined ? 1 : tail.length;
    const length = 1 + varintSize(delta) + varintSize(this.#count) + sized(key) + sized(value) + tailBytes;
    this.#reserve(length + RECORD_OVERHEAD);
    this.#varint(length);
    this.#bytes[this.#at++] = 0; // attributes: none are defined for a record
    this.#varint(delta);
    this.#varint(this.#count);
    this.#sized(key);
    this.#sized(value);
    if (tail === undefined) this.#bytes[this.#at++] = 0;
    else this.#copy(tail);
    this.#count++;
  }

  /** The batch as bytes of its own, with base offset 0; the builder is empty afterwards. */
  build(): Uint8Array {
    invariant(this.#count > 0, 'a record batch holds at least one record');
    const batch = this.#bytes.slice(0, this.#at);
    const view = viewOf(batch);
    writeInt64(view, 0, 0);
    view.setInt32(8, batch.length - LOG_OVERHEAD);
    view.setInt32(12, -1);
    view.setInt8(16, CURRENT_MAGIC);
    view.setInt16(21, 0);
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
    if (bytes === null) {
      this.#bytes[this.#at++] = 1; // -1 in zigzag
      return;
    }
    this.#varint(bytes.length);
    this.#copy(bytes);
  }

  #copy(bytes: Uint8Array): void {
    if (bytes.length >= LOOP_BYTES) this.#bytes.set(bytes, this.#at);
    else for (let i = 0; i < bytes.length; i++) this.#bytes[this.#at + i] = bytes[i]!;
    this.#at += bytes.length;
  }

  #varint(value: number): void {
    this.#at = writeVarint(this.#bytes, this.#at, value);
  }
}

/** The number of headers and the headers, as they stand at the end of a record. Not for the hot path. */
function encodedHeaders(headers: readonly RecordHeader[]): Uint8Array {
  const encoded = headers.map((header) => ({ key: textEncoder.encode(header.key), value: header.value }));
  const bytes = new Uint8Array(encoded.reduce((sum, { key, value }) => sum + sized(key) + sized(value), varintSize(encoded.length)));
  let at = writeVarint(bytes, 0, encoded.length);
  for (const { key, value } of encoded) {
    for (const part of [key, value]) {
      at = writeVarint(bytes, at, part === null ? -1 : part.length);
      if (part === null) continue;
      bytes.set(part, at);
      at += part.length;
    }
  }
  return bytes;
}

/**
 * Zigzag and base 128, as in Protocol Buffers; answers the position behind it. Doubles, because time deltas may pass 32 bits; the
 * first seven bits are taken from the number itself, so that it is exact to 2^53.
 */
function writeVarint(bytes: Uint8Array, at: number, value: number): number {
  const magnitude = value >= 0 ? value : -value - 1;
  let low = (magnitude % 64) * 2 + (value >= 0 ? 0 : 1);
  let rest = Math.floor(magnitude / 64);
  for (; rest > 0; rest = Math.floor(rest / 128)) {
    bytes[at++] = low | 128;
    low = rest % 128;
  }
  bytes[at++] = low;
  return at;
}

function varintSize(value: number): number {
  let rest = Math.floor((value >= 0 ? value : -value - 1) / 64);
  let size = 1;
  for (; rest > 0; rest = Math.floor(rest / 128)) size++;
  return size;
}

function sized(bytes: Uint8Array | null): number {
  return bytes === null ? 1 : varintSize(bytes.length) + bytes.length;
}
