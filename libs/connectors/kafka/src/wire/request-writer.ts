import { invariant } from '@weir/model';

/** Writes the fields of a Kafka request, big-endian and "compact" (KIP-482), into one growing buffer that is used again. */
export class RequestWriter {
  #buffer = Buffer.allocUnsafe(1024);
  #length = 0;

  /** Begins anew. */
  reset(): this {
    this.#length = 0;
    return this;
  }

  /** A copy of what was written. */
  toBytes(): Buffer {
    return Buffer.from(this.#buffer.subarray(0, this.#length));
  }

  int8(value: number): this {
    this.#length = this.#room(1).writeInt8(value, this.#length);
    return this;
  }

  int16(value: number): this {
    this.#length = this.#room(2).writeInt16BE(value, this.#length);
    return this;
  }

  int32(value: number): this {
    this.#length = this.#room(4).writeInt32BE(value, this.#length);
    return this;
  }

  /** A whole number within ±2^53. */
  int64(value: number): this {
    invariant(Number.isSafeInteger(value), `a field of 64 bits holds a whole number, not ${value}`);
    const buffer = this.#room(8);
    buffer.writeInt32BE(Math.floor(value / 2 ** 32), this.#length);
    this.#length = buffer.writeUInt32BE(value - Math.floor(value / 2 ** 32) * 2 ** 32, this.#length + 4);
    return this;
  }

  unsignedVarint(value: number): this {
    const buffer = this.#room(8);
    let rest = value;
    for (; rest >= 128; rest = Math.floor(rest / 128)) this.#length = buffer.writeUInt8((rest % 128) | 128, this.#length);
    this.#length = buffer.writeUInt8(rest, this.#length);
    return this;
  }

  compactText(value: string | null): this {
    if (value === null) return this.unsignedVarint(0);
    const bytes = Buffer.from(value);
    return this.unsignedVarint(bytes.length + 1).raw(bytes);
  }

  compactBytes(value: Uint8Array): this {
    return this.unsignedVarint(value.length + 1).raw(value);
  }

  compactArray(length: number): this {
    return this.unsignedVarint(length + 1);
  }

  /** A UUID of hexadecimal text. */
  uuid(value: string): this {
    return this.raw(Buffer.from(value, 'hex'));
  }

  /** A string with a length of 16 bits, as requests without flexible fields have it. */
  text16(value: string): this {
    const bytes = Buffer.from(value);
    return this.int16(bytes.length).raw(bytes);
  }

  raw(bytes: Uint8Array): this {
    this.#room(bytes.length).set(bytes, this.#length);
    this.#length += bytes.length;
    return this;
  }

  noTags(): this {
    return this.unsignedVarint(0);
  }

  #room(bytes: number): Buffer {
    if (this.#length + bytes > this.#buffer.length) {
      const grown = Buffer.allocUnsafe(Math.max(this.#buffer.length * 2, this.#length + bytes));
      this.#buffer.copy(grown, 0, 0, this.#length);
      this.#buffer = grown;
    }
    return this.#buffer;
  }
}
