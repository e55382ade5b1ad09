import { ValueInput } from '../value-input.ts';
import { FIXED32, FIXED64, GROUP_END, GROUP_START, SIZED, VARINT } from './protobuf-field.ts';
import type { ProtobufField } from './protobuf-field.ts';

const LONGEST_VARINT = 10;
/** How deep groups of unknown fields may nest; messages are passed over without looking into them. */
const MAX_GROUPS = 100;

/** Reads the binary encoding of Protocol Buffers from one message of a fetch. */
export class ProtobufInput extends ValueInput {
  /** Of the last varint: its lower 28 bits, and the 36 above. */
  readonly #parts = new Float64Array(2);

  /** The tag of the next field: its number times 8, and how it is written. 0 when it is damaged. */
  tag(): number {
    this.#varint();
    const tag = this.#parts[1]! * 2 ** 28 + this.#parts[0]!;
    if (tag >= 8 && tag < 2 ** 32) return tag;
    this.damage();
    return 0;
  }

  /** The length of what follows, all of which is there; -1 when it is damaged. */
  size(): number {
    this.#varint();
    const size = this.#parts[1]! * 2 ** 28 + this.#parts[0]!;
    if (size <= this.end - this.at) return size;
    this.damage();
    return -1;
  }

  /** A zigzag varint, as they stand in front of a message. */
  zigzag(): number {
    this.#varint();
    const low = this.#parts[0]!;
    return this.#parts[1]! === 0 ? (low >>> 1) ^ -(low & 1) : -1;
  }

  /** Passes over a field of unknown meaning. */
  skip(tag: number): void {
    switch (tag % 8) {
      case VARINT:
        this.#varint();
        return;
      case FIXED64:
        this.at += 8;
        return;
      case SIZED: {
        const size = this.size();
        this.at += size;
        return;
      }
      case FIXED32:
        this.at += 4;
        return;
      case GROUP_START:
        this.#skipGroup(tag);
        return;
      default:
        this.damage();
    }
  }

  /** Up to the end of the group that begins with `tag`. */
  #skipGroup(tag: number): void {
    const open = [tag];
    while (open.length > 0 && this.at < this.end) {
      const next = this.tag();
      if (next % 8 === GROUP_START) open.push(next);
      else if (next % 8 !== GROUP_END) this.skip(next);
      else if (next - GROUP_END !== open.pop()! - GROUP_START) this.damage();
      if (open.length > MAX_GROUPS) this.damage();
    }
    if (open.length > 0) this.damage();
  }

  /** Reads a number, or 0 and 1 for a truth value; of 64 bits exact within 2^53. */
  read({ kind }: ProtobufField): void {
    this.number[0] = 0;
    switch (kind) {
      case 'double':
        if (this.whole(8)) this.number[0] = this.fetch.bytes.readDoubleLE(this.at - 8);
        return;
      case 'float':
        if (this.whole(4)) this.number[0] = this.fetch.bytes.readFloatLE(this.at - 4);
        return;
      case 'fixed32':
        if (this.whole(4)) this.number[0] = this.fetch.bytes.readUInt32LE(this.at - 4);
        return;
      case 'sfixed32':
        if (this.whole(4)) this.number[0] = this.fetch.bytes.readInt32LE(this.at - 4);
        return;
      case 'fixed64':
        if (this.whole(8)) this.number[0] = this.fetch.bytes.readUInt32LE(this.at - 4) * 2 ** 32 + this.fetch.bytes.readUInt32LE(this.at - 8);
        return;
      case 'sfixed64':
        if (this.whole(8)) this.number[0] = this.fetch.bytes.readInt32LE(this.at - 4) * 2 ** 32 + this.fetch.bytes.readUInt32LE(this.at - 8);
        return;
      default:
        this.#varint();
        this.#takeVarint(kind);
    }
  }

  #takeVarint(kind: ProtobufField['kind']): void {
    const { number } = this;
    const low = this.#parts[0]!;
    const high = this.#parts[1]!;
    switch (kind) {
      case 'int64':
        number[0] = (high >= 2 ** 35 ? high - 2 ** 36 : high) * 2 ** 28 + low;
        return;
      case 'uint64':
        number[0] = high * 2 ** 28 + low;
        return;
      case 'sint64': {
        const half = high * 2 ** 27 + (low >>> 1);
        number[0] = (low & 1) === 0 ? half : -half - 1;
        return;
      }
      case 'bool':
        number[0] = low !== 0 || high !== 0 ? 1 : 0;
        return;
    }
    // Of 32 bits, whatever is above them.
    const word = low | ((high % 16) << 28);
    number[0] = kind === 'uint32' ? word >>> 0 : kind === 'sint32' ? (word >>> 1) ^ -(word & 1) : word;
  }

  #varint(): void {
    const { bytes } = this.fetch;
    let at = this.at;
    let byte = bytes[at++]!;
    let low = byte & 127;
    let high = 0;
    for (let shift = 7; byte >= 128 && shift < 28; shift += 7) {
      byte = bytes[at++]!;
      low |= (byte & 127) << shift;
    }
    if (byte >= 128) {
      for (let scale = 1; byte >= 128 && at - this.at < LONGEST_VARINT; scale *= 128) {
        byte = bytes[at++]!;
        high += (byte & 127) * scale;
      }
    }
    this.#parts[0] = low;
    // Of the tenth byte only one bit is of the number.
    this.#parts[1] = high < 2 ** 36 ? high : high % 2 ** 36;
    if (byte < 128) this.at = at;
    else this.damage();
  }
}
