import type { FetchBytes } from '../fetch-bytes.ts';
import { FIXED32, FIXED64, GROUP_END, GROUP_START, SIZED, VARINT } from './protobuf-field.ts';
import type { ProtobufField } from './protobuf-field.ts';

const LONGEST_VARINT = 10;
/** How deep groups of unknown fields may nest; messages are passed over without looking into them. */
const MAX_GROUPS = 100;

/**
 * Reads the binary encoding of Protocol Buffers from one message of a fetch. It never throws: damage moves `at` behind everything there
 * is, so `at === end` after a message says that it is whole.
 */
export class ProtobufInput {
  readonly fetch: FetchBytes;
  at = 0;
  end = 0;
  /** Of the last varint: its lower 28 bits, and the 36 above. */
  #low = 0;
  #high = 0;

  constructor(fetch: FetchBytes) {
    this.fetch = fetch;
  }

  begin(start: number, end: number): void {
    this.at = start;
    this.end = end;
  }

  get isDamaged(): boolean {
    return this.at > this.end;
  }

  /** The message is damaged: nothing of it can be read any more. */
  damage(): void {
    this.at = this.fetch.bytes.length + 1;
  }

  /** The tag of the next field: its number times 8, and how it is written. 0 when it is damaged. */
  tag(): number {
    this.#varint();
    const tag = this.#high * 2 ** 28 + this.#low;
    if (tag >= 8 && tag < 2 ** 32) return tag;
    this.damage();
    return 0;
  }

  /** The length of what follows, all of which is there; -1 when it is damaged. */
  size(): number {
    this.#varint();
    const size = this.#high * 2 ** 28 + this.#low;
    if (size <= this.end - this.at) return size;
    this.damage();
    return -1;
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

  /** A number, or 0 and 1 for a truth value; of 64 bits exact within 2^53. */
  number({ kind }: ProtobufField): number {
    switch (kind) {
      case 'double':
        return this.#whole(8) ? this.fetch.bytes.readDoubleLE(this.at - 8) : 0;
      case 'float':
        return this.#whole(4) ? this.fetch.bytes.readFloatLE(this.at - 4) : 0;
      case 'fixed32':
        return this.#whole(4) ? this.fetch.bytes.readUInt32LE(this.at - 4) : 0;
      case 'sfixed32':
        return this.#whole(4) ? this.fetch.bytes.readInt32LE(this.at - 4) : 0;
      case 'fixed64':
        return this.#whole(8) ? this.fetch.bytes.readUInt32LE(this.at - 4) * 2 ** 32 + this.fetch.bytes.readUInt32LE(this.at - 8) : 0;
      case 'sfixed64':
        return this.#whole(8) ? this.fetch.bytes.readInt32LE(this.at - 4) * 2 ** 32 + this.fetch.bytes.readUInt32LE(this.at - 8) : 0;
      default:
        this.#varint();
        return this.#varintAs(kind);
    }
  }

  #varintAs(kind: ProtobufField['kind']): number {
    const low = this.#low;
    const high = this.#high;
    switch (kind) {
      case 'int64':
        return (high >= 2 ** 35 ? high - 2 ** 36 : high) * 2 ** 28 + low;
      case 'uint64':
        return high * 2 ** 28 + low;
      case 'sint64': {
        const half = high * 2 ** 27 + (low >>> 1);
        return (low & 1) === 0 ? half : -half - 1;
      }
      case 'bool':
        return low !== 0 || high !== 0 ? 1 : 0;
    }
    // Of 32 bits, whatever is above them.
    const word = low | ((high % 16) << 28);
    if (kind === 'uint32') return word >>> 0;
    return kind === 'sint32' ? (word >>> 1) ^ -(word & 1) : word;
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
    this.#low = low;
    // Of the tenth byte only one bit is of the number.
    this.#high = high < 2 ** 36 ? high : high % 2 ** 36;
    if (byte < 128) this.at = at;
    else this.damage();
  }

  #whole(length: number): boolean {
    this.at += length;
    if (this.at <= this.end) return true;
    this.damage();
    return false;
  }
}
