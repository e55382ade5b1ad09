import type { Timestamp } from '@weir/model';
import { compareKept } from './kept-row.ts';
import type { KeptRow } from './kept-row.ts';
import type { Reach } from './reach.ts';

/** Dead rows at the front of the array are cut off when there are this many, and as many as live ones. */
const LEAST_CUT = 32;

/**
 * The rows of one key and one input in the order (timestamp, partition, offset, arrival), in one array. Searching is O(log n);
 * a row that comes in order is added in O(1) amortised, another one moves those behind it; expiry from the front is O(1) amortised.
 */
export class Timeline {
  readonly keySlot: number;
  /** The rank under which it waits in the heap of keys that expire next; NaN when it does not. */
  scheduled = Number.NaN;
  readonly #rows: KeptRow[] = [];
  /** Index of the first live row. */
  #head = 0;

  constructor(keySlot: number) {
    this.keySlot = keySlot;
  }

  get size(): number {
    return this.#rows.length - this.#head;
  }

  /** Row 0 <= index < size. */
  at(index: number): KeptRow {
    return this.#rows[this.#head + index]!;
  }

  /** Answers where it was put. */
  insert(kept: KeptRow): number {
    const rows = this.#rows;
    let low = this.#head;
    let high = rows.length;
    if (high === low || compareKept(rows[high - 1]!, kept) < 0) {
      rows.push(kept);
      return high - low;
    }
    while (low < high) {
      const middle = (low + high) >> 1;
      if (compareKept(rows[middle]!, kept) < 0) low = middle + 1;
      else high = middle;
    }
    rows.splice(low, 0, kept);
    return low - this.#head;
  }

  /** Index of the first row that a row of the other input at `own` does not find too early; `size` when there is none. */
  firstWithin(own: Timestamp, reach: Reach): number {
    let low = 0;
    let high = this.size;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (reach.isBefore(own, this.at(middle).timestamp)) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** Index of the first row that a row of the other input at `own` finds too late; `size` when there is none. */
  firstBeyond(own: Timestamp, reach: Reach): number {
    let low = 0;
    let high = this.size;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (reach.isBeyond(own, this.at(middle).timestamp)) high = middle;
      else low = middle + 1;
    }
    return low;
  }

  /** Takes out the rows from <= index < to. */
  remove(from: number, to: number): void {
    if (from === 0) this.#cut(to);
    else this.#rows.splice(this.#head + from, to - from);
  }

  #cut(count: number): void {
    this.#rows.fill(undefined as never, this.#head, this.#head + count); // so that they can be collected
    this.#head += count;
    if (this.#head < LEAST_CUT || this.#head * 2 < this.#rows.length) return;
    this.#rows.splice(0, this.#head);
    this.#head = 0;
  }
}
