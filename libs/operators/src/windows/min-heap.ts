/** A binary min-heap of values by a number; equal numbers come out in any but a deterministic order. Push and pop are O(log n). */
export class MinHeap<V> {
  readonly #ranks: number[] = [];
  readonly #values: V[] = [];

  /** The least rank; infinity when the heap is empty. */
  get least(): number {
    return this.#ranks[0] ?? Number.POSITIVE_INFINITY;
  }

  get size(): number {
    return this.#ranks.length;
  }

  push(rank: number, value: V): void {
    let at = this.#ranks.length;
    this.#ranks.push(rank);
    this.#values.push(value);
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (this.#ranks[parent]! <= rank) break;
      this.#put(at, this.#ranks[parent]!, this.#values[parent]!);
      at = parent;
    }
    this.#put(at, rank, value);
  }

  /** Takes out a value of the least rank; the heap must not be empty. */
  pop(): V {
    const top = this.#values[0]!;
    const rank = this.#ranks.pop()!;
    const value = this.#values.pop()!;
    if (this.#ranks.length > 0) this.#sink(rank, value);
    return top;
  }

  #sink(rank: number, value: V): void {
    const size = this.#ranks.length;
    let at = 0;
    for (let child = 1; child < size; child = 2 * at + 1) {
      if (child + 1 < size && this.#ranks[child + 1]! < this.#ranks[child]!) child++;
      if (this.#ranks[child]! >= rank) break;
      this.#put(at, this.#ranks[child]!, this.#values[child]!);
      at = child;
    }
    this.#put(at, rank, value);
  }

  #put(at: number, rank: number, value: V): void {
    this.#ranks[at] = rank;
    this.#values[at] = value;
  }
}
