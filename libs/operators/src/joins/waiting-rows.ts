import type { Timestamp } from '@weir/model';
import { MinHeap } from '../windows/min-heap.ts';
import type { KeptRow } from './kept-row.ts';

/** Rows that have met one are left in until there are this many, and as many as of those that have not. */
const LEAST_REBUILD = 64;

/** The rows of one input that have met none yet, by time. A row that meets one is taken out lazily: O(log n) amortised for each row. */
export class WaitingRows {
  #heap = new MinHeap<KeptRow>();
  /** Rows in the heap that have met one. */
  #met = 0;

  push(kept: KeptRow): void {
    this.#heap.push(kept.timestamp, kept.arrival, kept);
  }

  /** A row that is in it has met its first. */
  meet(): void {
    this.#met++;
    if (this.#met < LEAST_REBUILD || this.#met * 2 < this.#heap.size) return;
    const waiting = this.#heap.values.filter(({ matches }) => matches === 0);
    this.#heap = new MinHeap();
    this.#met = 0;
    for (const kept of waiting) this.push(kept);
  }

  /** The least timestamp of a row that has met none; infinity when there is none. */
  least(): Timestamp {
    for (let first = this.#heap.first; first !== undefined && first.matches > 0; first = this.#heap.first) this.#pop();
    return this.#heap.least;
  }

  /** Takes out the rows that have met none and are dead, in the order of their times. `isDead` is true for an earlier row whenever it is for a later one. */
  takeDead(isDead: (timestamp: Timestamp) => boolean): readonly KeptRow[] {
    const dead: KeptRow[] = [];
    while (this.#heap.size > 0 && isDead(this.#heap.least)) {
      const kept = this.#pop();
      if (kept.matches === 0) dead.push(kept);
    }
    return dead;
  }

  #pop(): KeptRow {
    const kept = this.#heap.pop();
    if (kept.matches > 0) this.#met--;
    return kept;
  }
}
