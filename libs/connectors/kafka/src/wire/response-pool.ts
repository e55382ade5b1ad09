/** A response of a broker: its bytes are valid until `release`, which must be called once. */
export interface Response {
  readonly bytes: Uint8Array;
  release(): void;
}

const LEAST_BYTES = 64 * 1024;
const MOST_KEPT = 8;

/** Buffers for responses that are used again, so that fetching makes no garbage. Keeps at most eight. */
export class ResponsePool {
  readonly #free: Buffer[] = [];

  /** A buffer of at least that many bytes. */
  take(bytes: number): Buffer {
    const at = this.#free.findIndex((buffer) => buffer.length >= bytes);
    if (at >= 0) return this.#free.splice(at, 1)[0]!;
    return Buffer.allocUnsafeSlow(Math.max(LEAST_BYTES, 2 ** Math.ceil(Math.log2(bytes))));
  }

  give(buffer: Buffer): void {
    this.#free.push(buffer);
    // The smallest are the least worth keeping.
    if (this.#free.length > MOST_KEPT) this.#free.sort((a, b) => b.length - a.length).pop();
  }
}
