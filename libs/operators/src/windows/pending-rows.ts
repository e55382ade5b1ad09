import type { Batch } from '@weir/model';
import type { AggregateSet } from '../aggregates/aggregate-set.ts';
import type { OpenWindows } from './open-windows.ts';

/**
 * Rows of a batch that were put into windows and are not in the accumulators yet: they are added together, before a firing that holds
 * them or at the end of the batch. The first windows of all rows are one list of slots, the second ones another, and so on.
 */
export class PendingRows {
  readonly #aggregates: AggregateSet;
  readonly #windows: OpenWindows;
  readonly #passes: Int32Array[] = [];
  /** How many of the passes this batch has come to. */
  #used = 0;
  #batch: Batch | undefined;
  #from = 0;
  #to = 0;
  /** Slots of windows that were merged in this batch, and the slots they went into. */
  readonly #mergedInto = new Map<number, number>();

  constructor(aggregates: AggregateSet, windows: OpenWindows) {
    this.#aggregates = aggregates;
    this.#windows = windows;
  }

  begin(batch: Batch): void {
    this.#batch = batch;
    this.#from = this.#to = this.#used = 0;
  }

  /** Puts row i into the slot of its window number `pass`; rows come in order. */
  add(i: number, pass: number, slot: number): void {
    if (pass >= this.#used) this.#use(pass);
    this.#passes[pass]![i] = slot;
    this.#to = i + 1;
  }

  /** The window of a slot went into that of another one, which takes the rows that are still to be added. */
  merged(slot: number, into: number): void {
    this.#mergedInto.set(slot, into);
  }

  /** Adds what is pending. */
  flush(): void {
    const batch = this.#batch;
    const from = this.#from;
    const to = this.#to;
    if (batch !== undefined && from < to) {
      const rows = from === 0 && to === batch.length ? batch : batch.select(batch.rows.subarray(from, to), to - from);
      for (let pass = 0; pass < this.#used; pass++) {
        const slots = this.#passes[pass]!.subarray(from, to);
        if (this.#mergedInto.size > 0) this.#settle(slots);
        this.#aggregates.addBatch(slots, rows);
      }
      this.#from = to;
    }
    for (const slot of this.#mergedInto.keys()) this.#windows.releaseSlot(slot);
    this.#mergedInto.clear();
  }

  /** Flushes, and lets the batch go. */
  finish(): void {
    this.flush();
    this.#batch = undefined;
  }

  #use(pass: number): void {
    const { length } = this.#batch!;
    if ((this.#passes[pass]?.length ?? 0) < length) this.#passes[pass] = new Int32Array(length * 2);
    this.#passes[pass]!.fill(-1, 0, length);
    this.#used = pass + 1;
  }

  #settle(slots: Int32Array): void {
    for (let i = 0; i < slots.length; i++) {
      let slot = slots[i]!;
      for (let next = this.#mergedInto.get(slot); next !== undefined; next = this.#mergedInto.get(slot)) slot = next;
      slots[i] = slot;
    }
  }
}
