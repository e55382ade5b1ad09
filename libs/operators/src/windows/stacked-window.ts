import type { Batch, KeyTable, SlotTable, StateReader, StateWriter, Timestamp } from '@weir/model';
import type { AggregateSet } from '../aggregates/aggregate-set.ts';
import { grownInts } from './grown-ints.ts';
import type { SlidingWindow } from './sliding-window.ts';
import { WindowMembers } from './window-members.ts';

/** Namespaces of the slot table from here on are no panes: they lie behind the last time that there is. */
export const FIRST_STACK = 9e15;
const BACK = FIRST_STACK;
/** From here on, one for each pane of the front. */
const FRONT = FIRST_STACK + 1;

/**
 * A sliding window for aggregates that do not retract, by two stacks (Tangwongsan, Hirzel, Schneider and Wu, General incremental
 * sliding-window aggregation, VLDB 2015) over panes that all keys share. Newer panes are merged into one accumulator for each key,
 * the back. When the last of the older panes has slid out, the back is turned into the front: for each key and pane, what the pane
 * and all later ones of the front come to. So each pane of a key is merged twice at most, and a window is one merge of front and
 * back, however many panes it has.
 */
export class StackedWindow implements SlidingWindow {
  readonly #slots: SlotTable;
  readonly #aggregates: AggregateSet;
  readonly #members: WindowMembers;
  #start = Number.NaN;
  #end = Number.NEGATIVE_INFINITY;
  /** Panes before it are in the front, the others in the back. */
  #middle = Number.NEGATIVE_INFINITY;
  /** The pane whose namespace is FRONT. */
  #base: Timestamp = 0;
  readonly #paneSize: number;
  /** By member slot: the accumulator of the first pane of the key that is left in the front, or -1. */
  #frontOf = new Int32Array(64);
  /** By slot of the front: that of the next later pane of the same key, or -1. */
  #nextOf = new Int32Array(64);
  /** Keys whose panes changed after they were stacked. */
  readonly #stale = new Set<number>();

  constructor(paneSize: number, slots: SlotTable, aggregates: AggregateSet) {
    this.#paneSize = paneSize;
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

  moveTo(start: Timestamp, end: Timestamp, panes: readonly Timestamp[]): void {
    if (!(start >= this.#start && start < this.#end)) {
      this.#clear();
      this.#start = this.#end = this.#middle = start;
    }
    for (const pane of panes) if (pane >= this.#start && pane < start) this.#leave(pane);
    this.#pop(start);
    this.#start = start;
    if (start > this.#middle) this.#turn(panes);
    for (const pane of panes) if (pane >= this.#end && pane < end) this.#push(pane);
    this.#end = end;
  }

  forEach(visit: (keySlot: number, slot: number) => void): void {
    this.#members.forEach((keySlot, member) => visit(keySlot, this.#merged(keySlot, member)));
  }

  find(keySlot: number): number {
    const member = this.#members.find(keySlot);
    return member < 0 ? -1 : this.#merged(keySlot, member);
  }

  paneOpened(keySlot: number): void {
    this.#enter(keySlot);
    this.#stale.add(keySlot);
  }

  add(batch: Batch, keySlots: Int32Array, paneOf: Float64Array): void {
    for (let i = 0; i < batch.length; i++) if (this.holds(paneOf[i]!)) this.#stale.add(keySlots[i]!);
  }

  forget(pane: Timestamp): void {
    if (!this.holds(pane)) return;
    this.#leave(pane);
    this.#start = pane + 1;
    this.#pop(this.#start);
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
      for (const pane of panes) if (this.holds(pane)) this.#slots.forEach(pane, (keySlot) => this.#enter(keySlot));
    });
    this.#turn(panes);
  }

  /** Front and back of a key in one accumulator; where there is only one of them, that one. */
  #merged(keySlot: number, member: number): number {
    if (this.#stale.delete(keySlot)) this.#restack(keySlot, member);
    const front = this.#frontOf[member]!;
    const back = this.#slots.find(keySlot, BACK);
    if (front < 0 || back < 0) return front < 0 ? back : front;
    this.#aggregates.reset(member);
    this.#aggregates.merge(member, front);
    this.#aggregates.merge(member, back);
    return member;
  }

  /** A pane of the key comes in. */
  #enter(keySlot: number): void {
    const isNew = this.#members.find(keySlot) < 0;
    const member = this.#members.paneIn(keySlot);
    if (this.#frontOf.length <= member) this.#frontOf = grownInts(this.#frontOf, member + 1);
    if (isNew) this.#frontOf[member] = -1;
  }

  /** A pane goes out, as far as its keys are concerned. */
  #leave(pane: Timestamp): void {
    this.#slots.forEach(pane, (keySlot) => {
      if (!this.#members.paneOut(keySlot)) return;
      this.#slots.release(keySlot, BACK);
      this.#stale.delete(keySlot);
    });
  }

  #push(pane: Timestamp): void {
    this.#slots.forEach(pane, (keySlot, slot) => {
      this.#enter(keySlot);
      this.#aggregates.merge(this.#obtain(keySlot, BACK), slot);
    });
  }

  /** Drops the panes of the front that begin before `start`. */
  #pop(start: Timestamp): void {
    const bound = this.#frontOfPane(start);
    for (const front of this.#slots.namespaces()) {
      if (front < FRONT || front >= bound) continue;
      this.#slots.forEach(front, (keySlot, slot) => {
        const member = this.#members.find(keySlot);
        if (member >= 0 && this.#frontOf[member] === slot) this.#frontOf[member] = this.#nextOf[slot]!;
      });
      this.#slots.releaseNamespace(front);
    }
  }

  /** Makes all that is in the front. */
  #turn(panes: readonly Timestamp[]): void {
    this.#clearStacks();
    this.#middle = this.#end;
    // Windows end where a pane ends.
    this.#base = this.#end - Math.ceil((this.#end - this.#start) / this.#paneSize) * this.#paneSize;
    for (const pane of panes.toReversed()) {
      if (this.holds(pane)) this.#slots.forEach(pane, (keySlot, slot) => this.#stack(keySlot, this.#members.find(keySlot), pane, slot));
    }
  }

  /** Puts a pane of a key before those of the front that come later. */
  #stack(keySlot: number, member: number, pane: Timestamp, slot: number): void {
    const front = this.#obtain(keySlot, this.#frontOfPane(pane));
    const next = this.#frontOf[member]!;
    // The larger one first: merging into nothing can be a mere copy.
    if (next >= 0) this.#aggregates.merge(front, next);
    this.#aggregates.merge(front, slot);
    if (this.#nextOf.length <= front) this.#nextOf = grownInts(this.#nextOf, front + 1);
    this.#nextOf[front] = next;
    this.#frontOf[member] = front;
  }

  /** Stacks the panes of one key anew. Only rows behind the watermark make this necessary. */
  #restack(keySlot: number, member: number): void {
    const namespaces = this.#slots.namespaces();
    this.#frontOf[member] = -1;
    for (const each of namespaces) if (each >= FIRST_STACK && each < Number.POSITIVE_INFINITY) this.#slots.release(keySlot, each);
    for (const pane of namespaces.toReversed()) {
      const slot = this.holds(pane) ? this.#slots.find(keySlot, pane) : -1;
      if (slot < 0) continue;
      if (pane < this.#middle) this.#stack(keySlot, member, pane, slot);
      else this.#aggregates.merge(this.#obtain(keySlot, BACK), slot);
    }
  }

  #frontOfPane(pane: Timestamp): number {
    return FRONT + (pane - this.#base) / this.#paneSize;
  }

  /** A slot that is empty when it is new. */
  #obtain(keySlot: number, namespace: number): number {
    const slot = this.#slots.obtain(keySlot, namespace);
    if (this.#slots.created) {
      this.#aggregates.grow(this.#slots.capacity);
      this.#aggregates.reset(slot);
    }
    return slot;
  }

  #clear(): void {
    this.#clearStacks();
    this.#members.clear();
  }

  #clearStacks(): void {
    for (const each of this.#slots.namespaces()) if (each >= FIRST_STACK && each < Number.POSITIVE_INFINITY) this.#slots.releaseNamespace(each);
    this.#members.forEach((_, member) => (this.#frontOf[member] = -1));
    this.#stale.clear();
  }
}
