import { batchBytes, lastOffsetOf, viewOf } from '@weir/record-batch';

/** Batches of one partition that were fetched and not yet handed over. */
export class ParkedBatches {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #end: number;
  #at = 0;
  #next: number;

  /** The batches that hold the offsets [from, end). */
  constructor(bytes: Uint8Array, from: number, end: number) {
    this.#bytes = bytes;
    this.#view = viewOf(bytes);
    this.#next = from;
    this.#end = end;
  }

  /** The offset from which what is left can be read. */
  get next(): number {
    return this.#next;
  }

  get isEmpty(): boolean {
    return this.#at >= this.#bytes.length;
  }

  /** The next batches: at least one, then while they fit; a view. */
  take(maxBytes: number): Uint8Array {
    const start = this.#at;
    if (this.#bytes.length - start <= maxBytes) {
      this.#at = this.#bytes.length;
      this.#next = this.#end;
      return this.#bytes.subarray(start);
    }
    while (this.#at < this.#bytes.length) {
      const bytes = batchBytes(this.#view, this.#at);
      if (this.#at > start && this.#at + bytes - start > maxBytes) break;
      this.#next = lastOffsetOf(this.#view, this.#at) + 1;
      this.#at += bytes;
    }
    return this.#bytes.subarray(start, this.#at);
  }
}
