import { HEADER_BYTES, viewOf } from './header.ts';
import { checkedHeader, corrupt, refuseCompression, verifyChecksum } from './corrupt.ts';
import type { BatchHeader } from './header.ts';
import type { RecordHeader } from './record-batch-builder.ts';

export interface WalkOptions {
  /** Verify the checksum of each batch that begins before the end of the range; default false, as a log that checked on append need not be asked again. */
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

  /** Throws RECORD_BATCH_CORRUPT or RECORD_BATCH_COMPRESSION; then `count` is 0. O(records). */
  walk(bytes: Uint8Array, from: number, to: number, options: WalkOptions = {}): void {
    this.count = 0;
    let count = 0;
    const view = viewOf(bytes);
    this.#bytes = bytes;
    for (let at = 0; at < bytes.length; ) {
      const header = checkedHeader(bytes, view, at);
      if (header.baseOffset >= to) break;
      // Before anything of the header is believed, or damage could pass for a batch that is to be skipped.
      if (options.checksum === true) verifyChecksum(bytes, at, header);
      if (header.lastOffset >= from && !header.isControl) {
        refuseCompression(header);
        this.#reserve(count + header.records);
        count = this.#walkBatch(header, at + HEADER_BYTES, at + header.bytes, from, to, count);
      }
      at += header.bytes;
    }
    this.count = count;
  }

  /** The headers of entry i. Not for the hot path. */
  headers(i: number): readonly RecordHeader[] {
    this.#at = this.headerStarts[i]!;
    return Array.from({ length: this.#varint() }, () => {
      const key = textDecoder.decode(this.#sized() ?? undefined);
      return { key, value: this.#sized()?.slice() ?? null };
    });
  }

  /** Records of the batch whose records lie in [start, end); answers the new count. */
  #walkBatch(header: BatchHeader, start: number, end: number, from: number, to: number, count: number): number {
    const { baseOffset, lastOffset, baseTimestamp, records } = header;
    this.#at = start;
    let previous = baseOffset - 1;
    for (let record = 0; record < records; record++) {
      const length = this.#varint();
      const next = this.#at + length;
      if (length < 0 || next > end) throw corrupt(baseOffset, `record ${record} is cut`);
      this.#at++;
      const timestamp = header.isLogAppendTime ? (this.#varlong(), header.maxTimestamp) : baseTimestamp + this.#varlong();
      const offset = baseOffset + this.#varint();
      if (offset <= previous || offset > lastOffset) throw corrupt(baseOffset, `record ${record} says to have offset ${offset}`);
      previous = offset;
      if (offset >= from && offset < to) {
        this.offsets[count] = offset;
        this.timestamps[count] = timestamp;
        const keyLength = this.#varint();
        this.keyStarts[count] = keyLength < 0 ? -1 : this.#at;
        if (keyLength > 0) this.#at += keyLength;
        this.keyEnds[count] = this.#at;
        const valueLength = this.#varint();
        this.valueStarts[count] = valueLength < 0 ? -1 : this.#at;
        if (valueLength > 0) this.#at += valueLength;
        this.valueEnds[count] = this.#at;
        this.headerStarts[count] = this.#at;
        count++;
        if (keyLength < -1 || valueLength < -1 || this.#at >= next) throw corrupt(baseOffset, `record ${record} is longer than it says`);
      }
      this.#at = next;
    }
    if (this.#at !== end) throw corrupt(baseOffset, 'its records do not end where it ends');
    return count;
  }

  #sized(): Uint8Array | undefined {
    const length = this.#varint();
    return length < 0 ? undefined : this.#bytes.subarray(this.#at, (this.#at += length));
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
    let byte = bytes[this.#at++]!;
    if (byte < 128) return (byte >>> 1) ^ -(byte & 1);
    const sign = byte & 1;
    let magnitude = (byte & 127) >>> 1;
    for (let scale = 64, i = 1; byte >= 128 && i < 10; scale *= 128, i++) {
      byte = bytes[this.#at++]!;
      magnitude += (byte & 127) * scale;
    }
    return sign === 0 ? magnitude : -magnitude - 1;
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
