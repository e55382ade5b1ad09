import type { KeyTable, Timestamp } from '@weir/model';
import { compareKeys } from '../tables/key-order.ts';
import { MinHeap } from '../windows/min-heap.ts';
import type { KeyMatches } from './key-matches.ts';

/** When something is over for which key. A key that is set again leaves its old entry in the heap, where it is passed over. */
export class KeyTimes {
  readonly keys: KeyTable;
  readonly #heap = new MinHeap<KeyMatches>();
  /** The deadline that a key is in the heap with. */
  readonly #queued = new Map<KeyMatches, Timestamp>();

  constructor(keys: KeyTable) {
    this.keys = keys;
  }

  /** Takes note of the deadline of a key. O(log keys) when it is a new one. */
  set(matches: KeyMatches): void {
    const { deadline } = matches;
    if (this.#queued.get(matches) === deadline) return;
    if (deadline === Number.POSITIVE_INFINITY) {
      this.#queued.delete(matches);
      return;
    }
    this.#queued.set(matches, deadline);
    this.#heap.push(deadline, matches.keySlot, matches);
  }

  /** Visits the keys whose deadline is at or before a time, by deadline, then by key; `visit` sets what comes next. */
  drain(timestamp: Timestamp, visit: (matches: KeyMatches, deadline: Timestamp) => void): void {
    while (this.#heap.least <= timestamp && this.#heap.size > 0) {
      const deadline = this.#heap.least;
      const due = new Set<KeyMatches>();
      while (this.#heap.least === deadline) {
        const matches = this.#heap.pop();
        if (this.#queued.get(matches) === deadline) due.add(matches);
      }
      for (const matches of due) this.#queued.delete(matches);
      for (const matches of due.size > 1 ? this.inKeyOrder([...due]) : due) visit(matches, deadline);
    }
  }

  /** By key: numbers first, in one order whatever slots the keys have. */
  inKeyOrder(all: readonly KeyMatches[]): readonly KeyMatches[] {
    return all
      .map((matches) => ({ matches, key: this.keys.keyAt(matches.keySlot) }))
      .sort((a, b) => compareKeys(a.key, b.key))
      .map(({ matches }) => matches);
  }
}
