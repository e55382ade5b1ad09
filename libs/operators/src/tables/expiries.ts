import type { KeyTable, StateReader, StateWriter, Timestamp } from '@weir/model';
import { keyGroupOf } from '@weir/model';
import { MinHeap } from '../windows/min-heap.ts';
import { compareKeys } from './key-order.ts';

/** When what lies under each key slot ends, in event time. Setting and taking are O(log n), amortised. */
export class Expiries {
  /** Exact deadlines; NaN where there is none. */
  readonly #deadlines: number[] = [];
  /** At or before each deadline there is one entry of its slot, at the time that stands in `#bounds`; others of the slot are void. */
  readonly #heap = new MinHeap<number>();
  readonly #bounds: number[] = [];

  /** NaN takes the deadline away. */
  set(slot: number, deadline: Timestamp): void {
    this.#deadlines[slot] = deadline;
    const bound = this.#bounds[slot] ?? Number.NaN;
    if (Number.isNaN(deadline) || bound <= deadline) return;
    this.#bounds[slot] = deadline;
    this.#heap.push(deadline, slot, slot);
  }

  at(slot: number): Timestamp {
    return this.#deadlines[slot] ?? Number.NaN;
  }

  /** The earliest deadline; infinity when there is none. */
  get next(): Timestamp {
    const heap = this.#heap;
    while (heap.size > 0) {
      const slot = heap.values[0]!;
      const isVoid = heap.least !== this.#bounds[slot];
      if (!isVoid && heap.least === this.at(slot)) return heap.least;
      heap.pop();
      if (isVoid) continue;
      this.#bounds[slot] = Number.NaN;
      this.set(slot, this.at(slot));
    }
    return Number.POSITIVE_INFINITY;
  }

  /** Takes out the slots whose deadline is `instant`, which must be `next`; by key. */
  take(instant: Timestamp, keys: KeyTable): readonly number[] {
    const due: number[] = [];
    while (this.#heap.size > 0 && this.next === instant) {
      const slot = this.#heap.pop();
      this.#bounds[slot] = Number.NaN;
      this.#deadlines[slot] = Number.NaN;
      due.push(slot);
    }
    return due.sort((a, b) => compareKeys(keys.keyAt(a), keys.keyAt(b)));
  }

  write(writer: StateWriter, name: string, keys: KeyTable): void {
    const slots = this.#deadlines.flatMap((deadline, slot) => (Number.isNaN(deadline) ? [] : [slot]));
    for (const slot of slots.sort((a, b) => compareKeys(keys.keyAt(a), keys.keyAt(b)))) {
      const key = keys.keyAt(slot);
      const section = writer.keyed(name, keyGroupOf(key));
      section.key(key);
      section.float64(this.at(slot));
    }
  }

  read(reader: StateReader, name: string, keys: KeyTable): void {
    for (const section of reader.keyed(name)) while (section.remaining > 0) this.set(keys.obtain(section.key()), section.float64());
  }
}
