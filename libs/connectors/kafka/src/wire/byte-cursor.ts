/** Reads the fields of a Kafka response in order, in its big-endian and "compact" (flexible) forms (KIP-482). */
export class ByteCursor {
  readonly bytes: Uint8Array;
  at = 0;
  readonly #view: DataView;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  int16(): number {
    this.at += 2;
    return this.#view.getInt16(this.at - 2);
  }

  int32(): number {
    this.at += 4;
    return this.#view.getInt32(this.at - 4);
  }

  /** Exact within ±2^53. */
  int64(): number {
    this.at += 8;
    return this.#view.getInt32(this.at - 8) * 2 ** 32 + this.#view.getUint32(this.at - 4);
  }

  unsignedVarint(): number {
    let value = 0;
    for (let scale = 1; ; scale *= 128) {
      const byte = this.bytes[this.at++]!;
      value += (byte & 127) * scale;
      if (byte < 128) return value;
    }
  }

  /** The length of a compact array, string or byte string; -1 for null. */
  compactLength(): number {
    return this.unsignedVarint() - 1;
  }

  /** A UUID as hexadecimal text. */
  uuid(): string {
    this.at += 16;
    return Buffer.from(this.bytes.buffer, this.bytes.byteOffset + this.at - 16, 16).toString('hex');
  }

  /** The next bytes, not copied. */
  take(length: number): Uint8Array {
    this.at += length;
    return this.bytes.subarray(this.at - length, this.at);
  }

  skipTags(): void {
    for (let left = this.unsignedVarint(); left > 0; left--) {
      this.unsignedVarint();
      this.at += this.unsignedVarint();
    }
  }
}
