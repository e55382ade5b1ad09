import { MAX_DEPTH } from '../trouble.ts';
import { ValueInput } from '../value-input.ts';
import type { AvroArrayType, AvroMapType, AvroRecordType, AvroType } from './avro-type.ts';

/** The most bytes of a varint of 64 bits. */
const LONGEST_VARINT = 10;
const NANOSECONDS_PER_MILLISECOND = 1_000_000;
/** The most items of no bytes, such as nulls, in one value. */
const MAX_EMPTY_ITEMS = 1_000;

/** Reads Avro's binary encoding from one value of a fetch. */
export class AvroInput extends ValueInput {
  #emptyItems = 0;
  /** Of the last long that is no safe integer: its magnitude is high * 2^27 + low, one less than it where it is negative. */
  #high = 0;
  #low = 0;

  override begin(start: number, end: number): void {
    super.begin(start, end);
    this.#emptyItems = 0;
  }

  /** A zigzag varint of up to 64 bits as a double: exact within 2^53, rounded beyond. */
  long(): number {
    this.readLong();
    return this.number[0]!;
  }

  /** Reads what `long` answers. */
  readLong(): void {
    const { bytes } = this.fetch;
    let at = this.at;
    const first = bytes[at++]!;
    if (first < 128) {
      this.at = at;
      this.number[0] = (first >>> 1) ^ -(first & 1);
      return;
    }
    let low = first & 127;
    let byte = first;
    for (let shift = 7; byte >= 128 && shift < 28; shift += 7) {
      byte = bytes[at++]!;
      low |= (byte & 127) << shift;
    }
    if (byte < 128) {
      this.at = at;
      this.number[0] = (low >>> 1) ^ -(low & 1);
      return;
    }
    let high = 0;
    for (let scale = 1; byte >= 128 && at - this.at < LONGEST_VARINT; scale *= 128) {
      byte = bytes[at++]!;
      high += (byte & 127) * scale;
    }
    // 28 bits are in `low`, so 36 may be in `high`.
    if (byte < 128 && high < 2 ** 36) this.at = at;
    else this.damage();
    this.#high = high;
    this.#low = low >>> 1;
    const half = high * 2 ** 27 + (low >>> 1);
    this.number[0] = (low & 1) === 0 ? half : -half - 1;
  }

  /** Reads a long of nanoseconds as whole milliseconds, rounded down; exact over all 64 bits. */
  readNanoseconds(): void {
    const value = this.long();
    if (Number.isSafeInteger(value)) {
      this.number[0] = Math.floor(value / NANOSECONDS_PER_MILLISECOND);
      return;
    }
    const whole = Math.floor(this.#high / NANOSECONDS_PER_MILLISECOND);
    const rest = (this.#high % NANOSECONDS_PER_MILLISECOND) * 2 ** 27 + this.#low;
    const magnitude = whole * 2 ** 27 + Math.floor(rest / NANOSECONDS_PER_MILLISECOND);
    this.number[0] = value < 0 ? -magnitude - 1 : magnitude;
  }

  /** A length or a count of bytes that are all there; -1 when it is none. */
  size(): number {
    const size = this.long();
    if (size >= 0 && size <= this.end - this.at) return size;
    this.damage();
    return -1;
  }

  skipSized(): void {
    const size = this.size();
    this.at += size;
  }

  readFloat(): void {
    this.number[0] = this.whole(4) ? this.fetch.bytes.readFloatLE(this.at - 4) : Number.NaN;
  }

  readDouble(): void {
    this.number[0] = this.whole(8) ? this.fetch.bytes.readDoubleLE(this.at - 8) : Number.NaN;
  }

  /** True or false; damage when the byte is neither. */
  boolean(): boolean {
    const byte = this.fetch.bytes[this.at++];
    if (byte !== 0 && byte !== 1) this.damage();
    return byte === 1;
  }

  /** Items of the next block of an array or a map; 0 behind the last one, and when it is damaged. */
  block(): number {
    let count = this.long();
    if (count < 0) {
      count = -count;
      this.size();
    }
    if (this.isDamaged || count > MAX_EMPTY_ITEMS + this.end - this.at) this.damage();
    return this.isDamaged ? 0 : count;
  }

  /** Called behind each item that began at `from`; false when there should be no further one. */
  goesOn(from: number): boolean {
    if (this.at === from && ++this.#emptyItems > MAX_EMPTY_ITEMS) this.damage();
    return this.at <= this.end;
  }

  /** Passes over a value of a type, in `depth` records, arrays and maps already. */
  skip(type: AvroType, depth: number): void {
    switch (type.kind) {
      case 'null':
        return;
      case 'boolean':
        this.boolean();
        return;
      case 'int':
      case 'long':
        this.long();
        return;
      case 'float':
        this.at += 4;
        return;
      case 'double':
        this.at += 8;
        return;
      case 'bytes':
      case 'string':
        this.skipSized();
        return;
      case 'fixed':
        this.at += type.size;
        return;
      case 'enum':
        this.choice(type.symbols.length);
        return;
      case 'union':
        this.skip(type.branches[this.choice(type.branches.length)]!, depth);
        return;
      default:
        if (depth >= MAX_DEPTH) this.damage();
        else this.#skipNested(type, depth + 1);
    }
  }

  /** The number of a branch or a symbol below `count`; damage when there is no such. */
  choice(count: number): number {
    const choice = this.long();
    if (choice >= 0 && choice < count) return choice;
    this.damage();
    return 0;
  }

  #skipNested(type: AvroRecordType | AvroArrayType | AvroMapType, depth: number): void {
    if (type.kind === 'record') {
      for (const field of type.fields) {
        if (this.isDamaged) return;
        this.skip(field.type, depth);
      }
    } else {
      for (let count = this.block(); count > 0; count = this.block()) {
        for (let i = 0; i < count; i++) {
          const from = this.at;
          if (type.kind === 'map') this.skipSized();
          this.skip(type.kind === 'map' ? type.values : type.items, depth);
          if (!this.goesOn(from)) return;
        }
      }
    }
  }
}
