import { invariant } from '@weir/model';

const FIRST_CAPACITY_BYTES = 64 * 1024;
/** A buffer that grew beyond this is let go when it is emptied. */
const KEPT_CAPACITY_BYTES = 16 * 1024 * 1024;
/** At most as many bytes in UTF-8 for a unit of a JavaScript string. */
const BYTES_PER_UNIT = 3;
/** Units of a text that is written unit by unit; its length takes one byte. */
const SHORT_TEXT = 40;
const TWO_TO_32 = 2 ** 32;

/** Writes numbers and texts as RowBinary has them, little-endian, into a buffer that grows. */
export class ByteWriter {
  #bytes = Buffer.allocUnsafeSlow(FIRST_CAPACITY_BYTES);
  #view = new DataView(this.#bytes.buffer);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  /** Forgets what was written from here on. */
  truncate(length: number): void {
    invariant(length <= this.#length, 'only what was written is forgotten');
    this.#length = length;
    if (length === 0 && this.#bytes.length > KEPT_CAPACITY_BYTES) this.#resize(FIRST_CAPACITY_BYTES);
  }

  /** The bytes from `from`, inclusive, to `to`, exclusive; valid until the next write. */
  slice(from: number, to: number): Uint8Array {
    return this.#bytes.subarray(from, to);
  }

  /** Moves written bytes towards the start. */
  move(to: number, from: number, length: number): void {
    this.#bytes.copyWithin(to, from, from + length);
  }

  append(bytes: Uint8Array): void {
    this.#reserve(bytes.length);
    this.#bytes.set(bytes, this.#length);
    this.#length += bytes.length;
  }

  byte(value: number): void {
    this.#reserve(1);
    this.#bytes[this.#length++] = value;
  }

  /** An integer of 1, 2, 4 or 8 bytes, as two's complement; must be safe. */
  integer(value: number, bytes: number): void {
    this.#reserve(8);
    const at = this.#length;
    // The high half of a value of 8 bytes is all that the conversion to 32 bits leaves out.
    this.#view.setInt32(at, value | 0, true);
    if (bytes === 8) this.#view.setInt32(at + 4, Math.floor(value / TWO_TO_32), true);
    this.#length = at + bytes;
  }

  float64(value: number): void {
    this.#reserve(8);
    this.#view.setFloat64(this.#length, value, true);
    this.#length += 8;
  }

  /** A length as LEB128; at most 2^31 - 1. */
  length32(value: number): void {
    this.#reserve(5);
    let rest = value;
    for (; rest >= 0x80; rest >>>= 7) this.#bytes[this.#length++] = (rest & 0x7f) | 0x80;
    this.#bytes[this.#length++] = rest;
  }

  /** Its length, then its UTF-8; half of a character becomes the replacement character. */
  text(value: string): void {
    this.#reserve(value.length * BYTES_PER_UNIT + 5);
    if (value.length <= SHORT_TEXT && this.#ascii(value)) return;
    this.length32(Buffer.byteLength(value));
    this.#length += this.#bytes.write(value, this.#length);
  }

  /** A short text without other characters, which is cheaper to write here than to hand over; false, and nothing is written, when it has others. */
  #ascii(value: string): boolean {
    const at = this.#length;
    for (let i = 0; i < value.length; i++) {
      const unit = value.charCodeAt(i);
      if (unit >= 0x80) return false;
      this.#bytes[at + 1 + i] = unit;
    }
    this.#bytes[at] = value.length;
    this.#length = at + 1 + value.length;
    return true;
  }

  #reserve(bytes: number): void {
    const needed = this.#length + bytes;
    if (needed > this.#bytes.length) this.#resize(Math.max(needed, 2 * this.#bytes.length));
  }

  #resize(capacity: number): void {
    const before = this.#bytes;
    this.#bytes = Buffer.allocUnsafeSlow(capacity);
    this.#view = new DataView(this.#bytes.buffer);
    before.copy(this.#bytes, 0, 0, this.#length);
  }
}
