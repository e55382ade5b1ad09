import type { Batch, KeyTable, SlotTable, StateReader, StateWriter, Timestamp } from '@weir/model';
import type { AggregateSet } from '../aggregates/aggregate-set.ts';
import type { SlidingWindow } from './sliding-window.ts';
import { WindowMembers } from './window-members.ts';

/**
 * A sliding window for aggregates that retract: one accumulator for each key, into which each pane is merged once and out of which it
 * is taken once, however many windows it is in.
 */
export class RunningWindow implements SlidingWindow {
  readonly #slots: SlotTable;
  readonly #aggregates: AggregateSet;
  readonly #members: WindowMembers;
  #start = Number.NaN;
  #end = Number.NEGATIVE_INFINITY;
  #rowSlots = new Int32Array(0);

  constructor(slots: SlotTable, aggregates: AggregateSet) {
    this.#slots = slots;
    this.#aggregates = aggregates;
    this.#members = new WindowMembers(slots, aggregates);
  }

  is(start: Timestamp, end: Timestamp): boolean {
    return start === this.#start && end === this.#end;
  }

  holds(pane: Timestamp): boolean {
    return pane >= this.#start && pane < this.#end;
  }

  mayHold(timestamp: Timestamp): boolean {
    return timestamp < this.#end;
  }

  find(keySlot: number): number {
    return this.#members.find(keySlot);
  }

  moveTo(start: Timestamp, end: Timestamp, panes: readonly Timestamp[]): void {
    if (!(start >= this.#start && start < this.#end)) {
      this.#members.clear();
      this.#start = this.#end = start;
    }
    for (const pane of panes) if (pane >= this.#start && pane < start) this.#takeOut(pane);
    for (const pane of panes) if (pane >= this.#end && pane < end) this.#putIn(pane);
    this.#start = start;
    this.#end = end;
  }

  forEach(visit: (keySlot: number, slot: number) => void): void {
    this.#members.forEach(visit);
  }

  paneOpened(keySlot: number): void {
    this.#members.paneIn(keySlot);
  }

  add(batch: Batch, keySlots: Int32Array, paneOf: Float64Array): void {
    if (this.#rowSlots.length < batch.length) this.#rowSlots = new Int32Array(batch.length * 2);
    for (let i = 0; i < batch.length; i++) this.#rowSlots[i] = this.holds(paneOf[i]!) ? this.find(keySlots[i]!) : -1;
    this.#aggregates.addBatch(this.#rowSlots, batch);
  }

  forget(pane: Timestamp): void {
    if (!this.holds(pane)) return;
    this.#takeOut(pane);
    this.#start = pane + 1;
  }

  write(writer: StateWriter, keys: KeyTable): void {
    const own = writer.operator('running');
    own.float64(this.#start);
    own.float64(this.#end);
    this.#members.write(writer, keys);
  }

  read(reader: StateReader, keys: KeyTable, panes: readonly Timestamp[]): void {
    const own = reader.operator('running');
    if (own === undefined) return;
    this.#start = own.float64();
    this.#end = own.float64();
    this.#members.read(reader, keys, () => {
      for (const pane of panes) if (this.holds(pane)) this.#putIn(pane);
    });
  }

  #putIn(pane: Timestamp): void {
    this.#slots.forEach(pane, (keySlot, slot) => this.#aggregates.merge(this.#members.paneIn(keySlot), slot));
  }

  #takeOut(pane: Timestamp): void {
    this.#slots.forEach(pane, (keySlot, slot) => {
      const running = this.find(keySlot);
      if (!this.#members.paneOut(keySlot)) this.#aggregates.retract(running, slot);
    });
  }
}
