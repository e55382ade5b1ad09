import type { Batch, BinaryReader, BinaryWriter, KeyTable, SlotTable, StateReader, StateWriter, Timestamp } from '@weir/model';
import { keyGroupOf } from '@weir/model';
import type { AggregateSet } from '../aggregates/aggregate-set.ts';
import { grownInts } from './grown-ints.ts';

/** A namespace of the slot table for the running accumulators; not the start of any pane. */
const RUNNING = Number.NEGATIVE_INFINITY;

/**
 * One accumulator for each key over the panes in [start, end), kept up to date as the window slides: each pane is added once and
 * taken out once, however many windows it is in. Needs aggregates that retract. The accumulators follow from the panes, so a
 * snapshot holds only the bounds and the order of the keys.
 */
export class RunningWindow {
  readonly #slots: SlotTable;
  readonly #aggregates: AggregateSet;
  #start = Number.NaN;
  #end = Number.NEGATIVE_INFINITY;
  /** By slot: how many panes of the key are in; a key with none is released. */
  #panes = new Int32Array(64);
  #rowSlots = new Int32Array(0);

  constructor(slots: SlotTable, aggregates: AggregateSet) {
    this.#slots = slots;
    this.#aggregates = aggregates;
  }

  /** True when what it holds are the panes of this window. */
  is(start: Timestamp, end: Timestamp): boolean {
    return start === this.#start && end === this.#end;
  }

  holds(pane: Timestamp): boolean {
    return pane >= this.#start && pane < this.#end;
  }

  /** True when a row at this time may belong to a pane that is in. */
  mayHold(timestamp: Timestamp): boolean {
    return timestamp < this.#end;
  }

  /** Slot of the accumulator of a key, or -1. */
  find(keySlot: number): number {
    return this.#slots.find(keySlot, RUNNING);
  }

  /** Slides to [start, end). Forward is cheap; anything else begins anew. */
  moveTo(start: Timestamp, end: Timestamp, panes: readonly Timestamp[]): void {
    if (!(start >= this.#start && start < this.#end)) {
      this.#slots.releaseNamespace(RUNNING);
      this.#start = this.#end = start;
    }
    for (const pane of panes) if (pane >= this.#start && pane < start) this.#takeOut(pane);
    for (const pane of panes) if (pane >= this.#end && pane < end) this.#putIn(pane);
    this.#start = start;
    this.#end = end;
  }

  forEach(visit: (keySlot: number, slot: number) => void): void {
    this.#slots.forEach(RUNNING, visit);
  }

  /** A key got a pane inside [start, end), still empty. */
  paneOpened(keySlot: number): void {
    const slot = this.#obtain(keySlot);
    this.#panes[slot]!++;
  }

  /** Adds the rows of a batch that belong to panes which are in; `paneOf[i]` is the pane of row i. */
  add(batch: Batch, keySlots: Int32Array, paneOf: Float64Array): void {
    if (this.#rowSlots.length < batch.length) this.#rowSlots = new Int32Array(batch.length * 2);
    for (let i = 0; i < batch.length; i++) this.#rowSlots[i] = this.holds(paneOf[i]!) ? this.find(keySlots[i]!) : -1;
    this.#aggregates.addBatch(this.#rowSlots, batch);
  }

  /** Takes out a pane that is about to be dropped; those before it were dropped already. */
  forget(pane: Timestamp): void {
    if (!this.holds(pane)) return;
    this.#takeOut(pane);
    this.#start = pane + 1;
  }

  write(own: BinaryWriter, writer: StateWriter, keys: KeyTable): void {
    own.float64(this.#start);
    own.float64(this.#end);
    let order = 0;
    this.forEach((keySlot) => {
      const key = keys.keyAt(keySlot);
      const section = writer.keyed('running', keyGroupOf(key));
      section.key(key);
      section.int32(order++);
    });
  }

  /** Builds the accumulators anew from the panes, which are there already. */
  read(own: BinaryReader | undefined, reader: StateReader, keys: KeyTable, panes: readonly Timestamp[]): void {
    if (own === undefined) return;
    const start = own.float64();
    const end = own.float64();
    const inOrder: { readonly keySlot: number; readonly order: number }[] = [];
    for (const section of reader.keyed('running')) {
      while (section.remaining > 0) inOrder.push({ keySlot: keys.obtain(section.key()), order: section.int32() });
    }
    for (const { keySlot } of inOrder.sort((a, b) => a.order - b.order)) this.#obtain(keySlot);
    this.#start = start;
    this.#end = start;
    if (start < end) {
      for (const pane of panes) if (pane >= start && pane < end) this.#putIn(pane);
    }
    this.#end = end;
    // A snapshot of another task may have had other bounds: its keys need not have a pane inside these.
    this.forEach((keySlot, slot) => {
      if (this.#panes[slot] === 0) this.#slots.release(keySlot, RUNNING);
    });
  }

  #putIn(pane: Timestamp): void {
    this.#slots.forEach(pane, (keySlot, slot) => {
      const running = this.#obtain(keySlot);
      this.#aggregates.merge(running, slot);
      this.#panes[running]!++;
    });
  }

  #takeOut(pane: Timestamp): void {
    this.#slots.forEach(pane, (keySlot, slot) => {
      const running = this.find(keySlot);
      if (--this.#panes[running]! === 0) this.#slots.release(keySlot, RUNNING);
      else this.#aggregates.retract(running, slot);
    });
  }

  #obtain(keySlot: number): number {
    const slot = this.#slots.obtain(keySlot, RUNNING);
    if (this.#slots.created) {
      this.#aggregates.grow(this.#slots.capacity);
      this.#aggregates.reset(slot);
      if (this.#panes.length <= slot) this.#panes = grownInts(this.#panes, slot + 1);
      this.#panes[slot] = 0;
    }
    return slot;
  }
}
