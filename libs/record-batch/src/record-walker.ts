import { CONTROL_BIT, HEADER_BYTES, viewOf } from './header.ts';
import { checkedHeader, corrupt } from './corrupt.ts';
import type { RecordHeader } from './record-batch-builder.ts';

export interface WalkOptions {
  /** Verify the checksum of each batch; default false, as a log that checked on append need not be asked again. */
  readonly checksum?: boolean;
}

const textDecoder = new TextDecoder();

/**
 * Walks the records of concatenated batches into reused typed arrays: no object for a record. Entry i, for i < count, is the
 * i-th record with from <= offset < to; -1 as a start means null. Control batches are passed over. Valid until the next walk.
 */
export class RecordWalker {
  count = 0;
  offsets = new Float64Array(1024);
  timestamps = new Float64Array(1024);
  keyStarts = new Int32Array(1024);
  keyEnds = new Int32Array(1024);
  valueStarts = new Int32Array(1024);
  valueEnds = new Int32Array(1024);
  /** Where the record's headers (their number first) begin. */
  headerStarts = new Int32Array(1024);
  #bytes: Uint8Array = new Uint8Array(0);
  #at = 0;

  /** Throws RECORD_BATCH_CORRUPT or RECORD_BATCH_COMPRESSION. O(records). */
  walk(bytes: Uint8Array, from: number, to: number, options: WalkOptions = {}): void {
    this.#bytes = bytes;
    this.count = 0;
    const view = viewOf(bytes);
    for (let at = 0; at < bytes.length; ) {
      const header = checkedHeader(bytes, view, at, options.checksum === true);
      const end = at + header.bytes;
      if (header.baseOffset >= to) return;
      if (header.lastOffset >= from && (header.attributes & CONTROL_BIT) === 0) {
        this.#reserve(this.count + header.records);
        this.#at = at + HEADER_BYTES;
        this.#walkBatch(header.baseOffset, header.baseTimestamp, header.records, end, from, to);
        if (this.#at !== end) throw corrupt(header.baseOffset, 'its records do not end where it ends');
      }
      at = end;
    }
  }

  /** The headers of entry i. Not for the hot path. */
  headers(i: number): readonly RecordHeader[] {
    this.#at = this.headerStarts[i]!;
    return Array.from({ length: this.#varint() }, () => {
      const key = textDecoder.decode(this.#sized());
      return { key, value: this.#sized().slice() };
    });
  }

  #walkBatch(baseOffset: number, baseTimestamp: number, records: number, end: number, from: number, to: number): void {
    for (let record = 0; record < records; record++) {
      const length = this.#varint();
      const next = this.#at + length;
      if (length < 0 || next > end) throw corrupt(baseOffset, `record ${record} is cut`);
      this.#at++;
      const timestamp = baseTimestamp + this.#varlong();
      const offset = baseOffset + this.#varint();
      if (offset >= from && offset < to) {
        const i = this.count++;
        this.offsets[i] = offset;
        this.timestamps[i] = timestamp;
        const keyLength = this.#varint();
        this.keyStarts[i] = keyLength < 0 ? -1 : this.#at;
        this.keyEnds[i] = this.#at += Math.max(0, keyLength);
        const valueLength = this.#varint();
        this.valueStarts[i] = valueLength < 0 ? -1 : this.#at;
        this.valueEnds[i] = this.#at += Math.max(0, valueLength);
        this.headerStarts[i] = this.#at;
        if (this.#at > next) throw corrupt(baseOffset, `record ${record} is longer than it says`);
      }
      this.#at = next;
    }
  }

  #sized(): Uint8Array {
    const length = Math.max(0, this.#varint());
    return this.#bytes.subarray(this.#at, (this.#at += length));
  }

  #varint(): number {
    const bytes = this.#bytes;
    let byte = bytes[this.#at++]!;
    if (byte < 128) return (byte >>> 1) ^ -(byte & 1);
    let value = byte & 127;
    let shift = 7;
    do {
      byte = bytes[this.#at++]!;
      value |= (byte & 127) << shift;
      shift += 7;
    } while (byte >= 128 && shift < 35);
    return (value >>> 1) ^ -(value & 1);
  }

  /** A 64-bit varint as a double, exact within 2^53. */
  #varlong(): number {
    const bytes = this.#bytes;
    let value = 0;
    let scale = 1;
    for (let i = 0; i < 10; i++) {
      const byte = bytes[this.#at++]!;
      value += (byte & 127) * scale;
      if (byte < 128) break;
      scale *= 128;
    }
    return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
  }

  #reserve(count: number): void {
    if (count <= this.offsets.length) return;
    const capacity = Math.max(count, this.offsets.length * 2);
    this.offsets = grown(Float64Array, this.offsets, capacity);
    this.timestamps = grown(Float64Array, this.timestamps, capacity);
    this.keyStarts = grown(Int32Array, this.keyStarts, capacity);
    this.keyEnds = grown(Int32Array, this.keyEnds, capacity);
    this.valueStarts = grown(Int32Array, this.valueStarts, capacity);
    this.valueEnds = grown(Int32Array, this.valueEnds, capacity);
    this.headerStarts = grown(Int32Array, this.headerStarts, capacity);
  }
}

function grown<A extends Float64Array | Int32Array>(kind: new (length: number) => A, old: A, capacity: number): A {
  const made = new kind(capacity);
  made.set(old);
  return made;
}
