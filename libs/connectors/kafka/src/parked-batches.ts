import { readHeader, viewOf } from '@weir/record-batch';

/** Batches of one partition that were fetched and not yet handed over. */
export class ParkedBatches {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #at = 0;
  #next: number;
  /** Offset behind the last batch. */
  readonly end: number;

  constructor(bytes: Uint8Array, from: number, end: number) {
    this.#bytes = bytes;
    this.#view = viewOf(bytes);
    this.#next = from;
    this.end = end;
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
    while (this.#at < this.#bytes.length) {
      const header = readHeader(this.#view, this.#at);
      if (this.#at > start && this.#at + header.bytes - start > maxBytes) break;
      this.#at += header.bytes;
      this.#next = header.lastOffset + 1;
    }
    return this.#bytes.subarray(start, this.#at);
  }
}
