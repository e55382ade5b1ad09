import type { KeyTable, SlotTable, StateReader, StateWriter } from '@weir/model';
import { keyGroupOf } from '@weir/model';
import type { AggregateSet } from '../aggregates/aggregate-set.ts';
import { grownInts } from './grown-ints.ts';

/** A namespace of the slot table for the accumulators of a sliding window; not the start of any pane. */
const MEMBERS = Number.NEGATIVE_INFINITY;

/** The keys that have panes in a sliding window, in the order in which they came in, each with an accumulator. */
export class WindowMembers {
  readonly #slots: SlotTable;
  readonly #aggregates: AggregateSet;
  /** By slot: how many panes of the key are in; a key with none is released. */
  #panes = new Int32Array(64);

  constructor(slots: SlotTable, aggregates: AggregateSet) {
    this.#slots = slots;
    this.#aggregates = aggregates;
  }

  /** Slot of the accumulator of a key, or -1. */
  find(keySlot: number): number {
    return this.#slots.find(keySlot, MEMBERS);
  }

  forEach(visit: (keySlot: number, slot: number) => void): void {
    this.#slots.forEach(MEMBERS, visit);
  }

  /** One more pane of the key is in; answers its slot, with an empty accumulator when the key is new. */
  paneIn(keySlot: number): number {
    const slot = this.#obtain(keySlot);
    this.#panes[slot]!++;
    return slot;
  }

  /** One pane of the key less; true when it was the last and the key is gone. */
  paneOut(keySlot: number): boolean {
    const slot = this.find(keySlot);
    if (--this.#panes[slot]! > 0) return false;
    this.#slots.release(keySlot, MEMBERS);
    return true;
  }

  clear(): void {
    this.#slots.releaseNamespace(MEMBERS);
  }

  /** Only who is in, in which order: the accumulators follow from the panes. */
  write(writer: StateWriter, keys: KeyTable): void {
    let order = 0;
    this.forEach((keySlot) => {
      const key = keys.keyAt(keySlot);
      const section = writer.keyed('running', keyGroupOf(key));
      section.key(key);
      section.int32(order++);
    });
  }

  /** Takes the keys in, in their order, and then their panes by `putIn`. */
  read(reader: StateReader, keys: KeyTable, putIn: () => void): void {
    const inOrder: { readonly keySlot: number; readonly order: number }[] = [];
    for (const section of reader.keyed('running')) {
      while (section.remaining > 0) inOrder.push({ keySlot: keys.obtain(section.key()), order: section.int32() });
    }
    for (const { keySlot } of inOrder.sort((a, b) => a.order - b.order)) this.#obtain(keySlot);
    putIn();
    // A snapshot of another task may have had other bounds: its keys need not have a pane inside these.
    this.forEach((keySlot, slot) => {
      if (this.#panes[slot] === 0) this.#slots.release(keySlot, MEMBERS);
    });
  }

  #obtain(keySlot: number): number {
    const slot = this.#slots.obtain(keySlot, MEMBERS);
    if (this.#slots.created) {
      this.#aggregates.grow(this.#slots.capacity);
      this.#aggregates.reset(slot);
      if (this.#panes.length <= slot) this.#panes = grownInts(this.#panes, slot + 1);
      this.#panes[slot] = 0;
    }
    return slot;
  }
}
