import type { KeyTable, StateReader, StateWriter, Timestamp } from '@weir/model';
import { keyGroupOf } from '@weir/model';
import { MinHeap } from '../windows/min-heap.ts';
import { compareKeys } from './key-order.ts';

/** When what lies under each key slot ends, in event time. Setting and taking are O(log n), amortised. */
export class Expiries {
  /** Exact deadlines; NaN where there is none. */
  readonly #deadlines: number[] = [];
  /** Lower bounds of them, one for each slot that has one. */
  readonly #heap = new MinHeap<number>();
  readonly #inHeap: boolean[] = [];

  /** A deadline may only be put off, or taken away by NaN. */
  set(slot: number, deadline: Timestamp): void {
    this.#deadlines[slot] = deadline;
    if (Number.isNaN(deadline) || this.#inHeap[slot] === true) return;
    this.#inHeap[slot] = true;
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
      const deadline = this.at(slot);
      if (deadline === heap.least) return deadline;
      heap.pop();
      if (Number.isNaN(deadline)) this.#inHeap[slot] = false;
      else heap.push(deadline, slot, slot);
    }
    return Number.POSITIVE_INFINITY;
  }

  /** Takes out the slots whose deadline is `instant`, which must be `next`; by key. */
  take(instant: Timestamp, keys: KeyTable): readonly number[] {
    const due: number[] = [];
    while (this.next === instant) {
      const slot = this.#heap.pop();
      this.#inHeap[slot] = false;
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
