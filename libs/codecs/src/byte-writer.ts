const FIRST_BYTES = 256;

/** A buffer that grows, reused from value to value. */
export class ByteWriter {
  #bytes = Buffer.alloc(FIRST_BYTES);
  #at = 0;

  get length(): number {
    return this.#at;
  }

  clear(): void {
    this.#at = 0;
  }

  /** Takes back what was written behind this length. */
  cut(length: number): void {
    this.#at = length;
  }

  /** A copy of what was written. */
  finish(): Uint8Array {
    return Uint8Array.prototype.slice.call(this.#bytes, 0, this.#at);
  }

  byte(value: number): void {
    this.#reserve(1);
    this.#bytes[this.#at++] = value;
  }

  raw(bytes: Uint8Array): void {
    this.#reserve(bytes.length);
    this.#bytes.set(bytes, this.#at);
    this.#at += bytes.length;
  }

  /** UTF-8, without its length; the caller writes that before. */
  text(text: string, bytes: number): void {
    this.#reserve(bytes);
    this.#at += this.#bytes.write(text, this.#at, 'utf8');
  }

  int32BE(value: number): void {
    this.#reserve(4);
    this.#at = this.#bytes.writeInt32BE(value, this.#at);
  }

  uint32LE(value: number): void {
    this.#reserve(4);
    this.#at = this.#bytes.writeUInt32LE(value, this.#at);
  }

  float(value: number): void {
    this.#reserve(4);
    this.#at = this.#bytes.writeFloatLE(value, this.#at);
  }

  double(value: number): void {
    this.#reserve(8);
    this.#at = this.#bytes.writeDoubleLE(value, this.#at);
  }

  /** A varint of a whole number from 0 to 2^53 - 1. */
  varint(value: number): void {
    this.#reserve(8);
    let rest = value;
    while (rest >= 128) {
      this.#bytes[this.#at++] = (rest % 128) | 128;
      rest = Math.floor(rest / 128);
    }
    this.#bytes[this.#at++] = rest;
  }

  /** A varint of a safe integer in two's complement of 64 bits. */
  signed64(value: number): void {
    if (value >= 0) {
      this.varint(value);
      return;
    }
    const high = Math.floor(value / 2 ** 28);
    let low = value - high * 2 ** 28;
    for (let i = 0; i < 4; i++, low >>>= 7) this.byte((low & 127) | 128);
    // 36 bits are left, all of which are written: the first one is set.
    this.varint(high + 2 ** 36);
  }

  /** A zigzag varint of a safe integer. */
  zigzag(value: number): void {
    // Twice the magnitude may be beyond 2^53: its last seven bits are taken before.
    const magnitude = value >= 0 ? value : -value - 1;
    const low = (magnitude % 64) * 2 + (value >= 0 ? 0 : 1);
    const rest = Math.floor(magnitude / 64);
    this.byte(rest === 0 ? low : low | 128);
    if (rest > 0) this.varint(rest);
  }

  #reserve(length: number): void {
    if (this.#at + length <= this.#bytes.length) return;
    const grown = Buffer.alloc(Math.max(this.#bytes.length * 2, this.#at + length));
    this.#bytes.copy(grown, 0, 0, this.#at);
    this.#bytes = grown;
  }
}
