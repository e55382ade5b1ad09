/** A binary min-heap of values by (rank, tie); with distinct ties, what comes out does not depend on what went before. Push and pop are O(log n). */
export class MinHeap<V> {
  readonly #ranks: number[] = [];
  readonly #ties: number[] = [];
  readonly #values: V[] = [];

  /** The least rank; infinity when the heap is empty. */
  get least(): number {
    return this.#ranks[0] ?? Number.POSITIVE_INFINITY;
  }

  get size(): number {
    return this.#values.length;
  }

  /** The first value; undefined when the heap is empty. */
  get first(): V | undefined {
    return this.#values[0];
  }

  /** What is in it, in no order. */
  get values(): readonly V[] {
    return this.#values;
  }

  push(rank: number, tie: number, value: V): void {
    let at = this.#values.length;
    this.#put(at, rank, tie, value);
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!this.#isBefore(rank, tie, parent)) break;
      this.#copy(parent, at);
      at = parent;
    }
    this.#put(at, rank, tie, value);
  }

  /** Takes out the first value; the heap must not be empty. */
  pop(): V {
    const first = this.#values[0]!;
    const rank = this.#ranks.pop()!;
    const tie = this.#ties.pop()!;
    const value = this.#values.pop()!;
    if (this.#values.length > 0) this.#sink(rank, tie, value);
    return first;
  }

  /** Puts an element in the place of the first one, then down to where it belongs. */
  #sink(rank: number, tie: number, value: V): void {
    const size = this.#values.length;
    let at = 0;
    for (let child = 1; child < size; child = 2 * at + 1) {
      if (child + 1 < size && this.#isBefore(this.#ranks[child + 1]!, this.#ties[child + 1]!, child)) child++;
      if (this.#isBefore(rank, tie, child)) break;
      this.#copy(child, at);
      at = child;
    }
    this.#put(at, rank, tie, value);
  }

  #isBefore(rank: number, tie: number, at: number): boolean {
    const other = this.#ranks[at]!;
    return rank < other || (rank === other && tie < this.#ties[at]!);
  }

  #copy(from: number, to: number): void {
    this.#put(to, this.#ranks[from]!, this.#ties[from]!, this.#values[from]!);
  }

  #put(at: number, rank: number, tie: number, value: V): void {
    this.#ranks[at] = rank;
    this.#ties[at] = tie;
    this.#values[at] = value;
  }
}
