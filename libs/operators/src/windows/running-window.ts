import type { Batch, SlotTable, Timestamp } from '@weir/model';
import type { AggregateSet } from '../aggregates/aggregate-set.ts';
import { grownInts } from './grown-ints.ts';

/** A namespace of the slot table for the running accumulators; not the start of any pane. */
const RUNNING = Number.NEGATIVE_INFINITY;

/**
 * One accumulator for each key over the panes in [start, end), kept up to date as the window slides: each pane is added once and
 * taken out once, however many windows it is in. Needs aggregates that retract. What it holds follows from the panes, so it is not
 * in snapshots.
 */
export class RunningWindow {
  readonly #slots: SlotTable;
  readonly #aggregates: AggregateSet;
  #start = Number.NaN;
  #end = Number.NEGATIVE_INFINITY;
  /** By slot: how many panes of the key are in. A key with none keeps its slot for a while, as it often comes back. */
  #panes = new Int32Array(64);
  #vacant = 0;
  #rowSlots = new Int32Array(0);

  constructor(slots: SlotTable, aggregates: AggregateSet) {
    this.#slots = slots;
    this.#aggregates = aggregates;
  }

  holds(pane: Timestamp): boolean {
    return pane >= this.#start && pane < this.#end;
  }

  /** True when a row at this time may belong to a pane that is in. */
  mayHold(timestamp: Timestamp): boolean {
    return timestamp < this.#end;
  }

  /** Slides to [start, end). Forward is cheap; anything else begins anew. */
  moveTo(start: Timestamp, end: Timestamp, panes: readonly Timestamp[]): void {
    if (!(start >= this.#start && start < this.#end) || this.#vacant > 1_024 + this.#slots.size / 2) {
      this.#clear();
      this.#start = this.#end = start;
    }
    for (const pane of panes) if (pane >= this.#start && pane < start) this.#takeOut(pane);
    for (const pane of panes) if (pane >= this.#end && pane < end) this.#putIn(pane);
    this.#start = start;
    this.#end = end;
  }

  forEach(visit: (keySlot: number, slot: number) => void): void {
    this.#slots.forEach(RUNNING, (keySlot, slot) => {
      if (this.#panes[slot]! > 0) visit(keySlot, slot);
    });
  }

  /** A key got a pane inside [start, end), still empty. */
  paneOpened(keySlot: number): void {
    const slot = this.#obtain(keySlot);
    if (this.#panes[slot]!++ === 0) this.#vacant--;
  }

  /** Adds the rows of a batch that belong to panes which are in; `paneOf[i]` is the pane of row i. */
  add(batch: Batch, keySlots: Int32Array, paneOf: Float64Array): void {
    if (this.#rowSlots.length < batch.length) this.#rowSlots = new Int32Array(batch.length * 2);
    for (let i = 0; i < batch.length; i++) this.#rowSlots[i] = this.holds(paneOf[i]!) ? this.#obtain(keySlots[i]!) : -1;
    this.#aggregates.addBatch(this.#rowSlots, batch);
  }

  /** Takes out a pane that is about to be dropped; those before it were dropped already. */
  forget(pane: Timestamp): void {
    if (!this.holds(pane)) return;
    this.#takeOut(pane);
    this.#start = pane + 1;
  }

  #putIn(pane: Timestamp): void {
    this.#slots.forEach(pane, (keySlot, slot) => {
      const running = this.#obtain(keySlot);
      this.#aggregates.merge(running, slot);
      if (this.#panes[running]!++ === 0) this.#vacant--;
    });
  }

  #takeOut(pane: Timestamp): void {
    this.#slots.forEach(pane, (keySlot, slot) => {
      const running = this.#obtain(keySlot);
      this.#aggregates.retract(running, slot);
      if (--this.#panes[running]! === 0) this.#vacant++;
    });
  }

  #obtain(keySlot: number): number {
    const slot = this.#slots.obtain(keySlot, RUNNING);
    if (this.#slots.created) {
      this.#aggregates.grow(this.#slots.capacity);
      this.#aggregates.reset(slot);
      if (this.#panes.length <= slot) this.#panes = grownInts(this.#panes, slot + 1);
      this.#panes[slot] = 0;
      this.#vacant++;
    }
    return slot;
  }

  #clear(): void {
    this.#slots.releaseNamespace(RUNNING);
    this.#vacant = 0;
  }
}
