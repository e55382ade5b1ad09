import type { BinaryReader, BinaryWriter } from '@weir/model';
import { compareKept } from './kept-value.ts';

/**
 * At most `limit` candidates with counters (Misra and Gries, 1982; merged as in Agarwal et al., Mergeable summaries, 2012): of n
 * occurrences in all, every item with more than n / (limit + 1) is among them, however rows came and sketches were merged. The counters
 * themselves depend on the order.
 */
export class MisraGries {
  readonly #limit: number;
  #counts = new Map<string | number, number>();

  constructor(limit: number) {
    this.#limit = limit;
  }

  get size(): number {
    return this.#counts.size;
  }

  has(item: string | number): boolean {
    return this.#counts.has(item);
  }

  /** O(1) amortised: a pass over all candidates takes at least as many occurrences away. */
  add(item: string | number): void {
    const count = this.#counts.get(item);
    this.#counts.set(item, (count ?? 0) + 1);
    if (this.#counts.size > this.#limit) this.#lower(1);
  }

  merge(from: Iterable<readonly [string | number, number]>): void {
    for (const [item, count] of from) this.#counts.set(item, (this.#counts.get(item) ?? 0) + count);
    if (this.#counts.size <= this.#limit) return;
    const counts = Float64Array.from(this.#counts.values()).sort();
    this.#lower(counts[counts.length - 1 - this.#limit]!);
  }

  [Symbol.iterator](): Iterator<readonly [string | number, number]> {
    return this.#counts.entries();
  }

  write(writer: BinaryWriter): void {
    writer.int32(this.#counts.size);
    for (const [item, count] of [...this.#counts].sort(([a], [b]) => compareKept(a, b))) {
      writer.key(item);
      writer.float64(count);
    }
  }

  static read(reader: BinaryReader, limit: number): MisraGries {
    const summary = new MisraGries(limit);
    for (let left = reader.int32(); left > 0; left--) summary.#counts.set(reader.key(), reader.float64());
    return summary;
  }

  #lower(by: number): void {
    for (const [item, count] of this.#counts) {
      if (count > by) this.#counts.set(item, count - by);
      else this.#counts.delete(item);
    }
  }
}
