import type { Batch, KeyTable, SlotTable, StateReader, StateWriter, Timestamp, Watermark } from '@weir/model';
import type { AggregateSet } from '../aggregates/aggregate-set.ts';
import type { AlignedAssigner } from './assigner.ts';
import { firstStart, lastStart, startAt } from './assigner.ts';
import type { Accumulation } from './trigger.ts';
import { grownInts } from './grown-ints.ts';
import { readPairs, writePairs } from './keyed-pairs.ts';
import { RunningWindow } from './running-window.ts';
import type { SlidingWindow } from './sliding-window.ts';
import { FIRST_STACK, StackedWindow } from './stacked-window.ts';

/** A namespace of the slot table for merging; not the start of any pane. */
const SCRATCH = Number.POSITIVE_INFINITY;

/** The panes of a windowed step: one accumulator slot for each (key, pane) that has rows. */
export class Panes {
  readonly #assigner: AlignedAssigner;
  readonly #discarding: boolean;
  readonly #pane: number;
  readonly #keys: KeyTable;
  readonly #slots: SlotTable;
  readonly #aggregates: AggregateSet;
  readonly #running: SlidingWindow | undefined;
  /** The namespaces of the slot table that `#paneStarts` was made from. */
  #namespaces: readonly number[] = [];
  #paneStarts: readonly Timestamp[] = [];
  /** By key slot: how many panes the key has; a key without any is released. */
  #panesOfKey = new Int32Array(64);
  /** By slot: rows were added since the last early firing (accumulating) or since the last firing (discarding). */
  #touched = new Uint8Array(64);
  #rowSlots = new Int32Array(1024);
  #paneOf = new Float64Array(1024);
  /** Slots that were taken while a batch was placed. */
  #fresh = new Int32Array(64);

  constructor(assigner: AlignedAssigner, accumulation: Accumulation, keys: KeyTable, slots: SlotTable, aggregates: AggregateSet) {
    this.#assigner = assigner;
    this.#discarding = accumulation === 'discarding';
    this.#pane = this.#discarding ? assigner.size : greatestCommonDivisor(assigner.size, assigner.slide);
    this.#keys = keys;
    this.#slots = slots;
    this.#aggregates = aggregates;
    const overlap = this.#pane < assigner.size && assigner.slide < assigner.size;
    if (overlap) this.#running = aggregates.retractable ? new RunningWindow(slots, aggregates) : new StackedWindow(this.#pane, slots, aggregates);
  }

  /** The earliest end, after the watermark that was given, of a window that the last `add` put rows into. */
  earliestNewEnd = Number.POSITIVE_INFINITY;

  /** Adds the rows of a batch, whose keys are resolved, to their panes. Rows whose windows have all expired are not in it. */
  add(batch: Batch, keySlots: Int32Array, least: Timestamp, watermark: Watermark, expired: Watermark): void {
    this.earliestNewEnd = Number.POSITIVE_INFINITY;
    if (this.#rowSlots.length < batch.length) {
      this.#rowSlots = new Int32Array(batch.length * 2);
      this.#paneOf = new Float64Array(batch.length * 2);
    }
    // When discarding, every window is a pane of its own: one pass for each of a row's windows, the latest first.
    const passes = this.#discarding ? Math.ceil(this.#assigner.size / this.#assigner.slide) : 1;
    for (let pass = 0; pass < passes; pass++) {
      this.#place(batch, keySlots, watermark, expired, pass * this.#assigner.slide);
      this.#aggregates.addBatch(this.#rowSlots, batch);
    }
    if (this.#running?.mayHold(least) === true) this.#running.add(batch, keySlots, this.#paneOf);
  }

  finish(slot: number): Readonly<Record<string, unknown>> {
    return this.#aggregates.finish(slot);
  }

  /** Starts, ascending, of windows with `after < end <= upTo` that hold rows. */
  windowsEnding(after: Watermark, upTo: Watermark): readonly Timestamp[] {
    const { size, slide } = this.#assigner;
    const starts = new Set<Timestamp>();
    for (const pane of this.#starts()) {
      for (let start = Math.max(this.#firstWindow(pane), this.#startAfterEnd(after)); start <= this.#lastWindow(pane) && start + size <= upTo; start += slide) starts.add(start);
    }
    return [...starts].sort((a, b) => a - b);
  }

  /** The earliest end > after of a window that holds rows. */
  earliestEndAfter(after: Watermark): Timestamp {
    let earliest = Number.POSITIVE_INFINITY;
    for (const pane of this.#starts()) earliest = Math.min(earliest, this.#endAfter(pane, after));
    return earliest;
  }

  /** Visits every key with rows in the window that starts at `start`; its merged slot is valid during the visit. Windows in order are cheapest. */
  forEachMerged(start: Timestamp, visit: (keySlot: number, slot: number) => void): void {
    if (this.#pane >= this.#assigner.size) {
      this.#slots.forEach(start, (keySlot, slot) => this.#visitOwn(slot, () => visit(keySlot, slot)));
    } else if (this.#running !== undefined) {
      this.#running.moveTo(start, start + this.#assigner.size, this.#starts());
      this.#running.forEach(visit);
    } else {
      for (const pane of this.#panesOf(start)) this.#slots.forEach(pane, (keySlot, slot) => this.#mergeInto(keySlot, slot));
      this.#slots.forEach(SCRATCH, visit);
      this.#slots.releaseNamespace(SCRATCH);
    }
  }

  /** The same for one key; nothing when it has no rows in the window. */
  withMerged(start: Timestamp, keySlot: number, visit: (slot: number) => void): void {
    if (this.#pane >= this.#assigner.size) {
      const slot = this.#slots.find(keySlot, start);
      if (slot >= 0) this.#visitOwn(slot, () => visit(slot));
      return;
    }
    if (this.#running?.is(start, start + this.#assigner.size) === true) {
      // The window that was closed last, which late rows mostly belong to.
      const slot = this.#running.find(keySlot);
      if (slot >= 0) visit(slot);
      return;
    }
    for (const pane of this.#panesOf(start)) {
      const slot = this.#slots.find(keySlot, pane);
      if (slot >= 0) this.#mergeInto(keySlot, slot);
    }
    const merged = this.#slots.find(keySlot, SCRATCH);
    if (merged >= 0) visit(merged);
    this.#slots.releaseNamespace(SCRATCH);
  }

  /** Open windows with rows since the last call, and the keys that got them; ascending by start. */
  takeTouched(watermark: Watermark): readonly (readonly [Timestamp, ReadonlySet<number>])[] {
    const { size, slide } = this.#assigner;
    const windows = new Map<Timestamp, Set<number>>();
    for (const pane of this.#starts()) {
      this.#slots.forEach(pane, (keySlot, slot) => {
        if (this.#touched[slot] === 0) return;
        if (!this.#discarding) this.#touched[slot] = 0;
        for (let start = this.#firstWindow(pane); start <= this.#lastWindow(pane); start += slide) {
          if (start + size <= watermark) continue;
          const keySlots = windows.get(start);
          if (keySlots === undefined) windows.set(start, new Set([keySlot]));
          else keySlots.add(keySlot);
        }
      });
    }
    return [...windows].sort(([a], [b]) => a - b);
  }

  /** Drops the panes whose last window ends at or before the bound. */
  expire(bound: Watermark): void {
    let expired = 0;
    const panes = this.#starts();
    while (expired < panes.length && this.#lastWindow(panes[expired]!) + this.#assigner.size <= bound) expired++;
    for (const pane of panes.slice(0, expired)) {
      this.#running?.forget(pane);
      this.#slots.forEach(pane, (keySlot) => {
        if (--this.#panesOfKey[keySlot]! === 0) this.#keys.release(keySlot);
      });
      this.#slots.releaseNamespace(pane);
    }
  }

  write(writer: StateWriter): void {
    this.#running?.write(writer, this.#keys);
    writePairs(writer, 'panes', this.#keys, this.#slots, this.#starts(), (slot, section) => {
      section.uint8(this.#touched[slot]!);
      this.#aggregates.write(slot, section);
    });
  }

  read(reader: StateReader): void {
    const take = (keySlot: number, slot: number): void => this.#prepare(keySlot, slot);
    readPairs(reader, 'panes', this.#keys, this.#slots, take, (slot, section) => {
      this.#touched[slot] = section.uint8();
      this.#aggregates.read(slot, section);
    });
    this.#running?.read(reader, this.#keys, this.#starts());
  }

  /** Writes the slot of each row's pane to `#rowSlots`; -1 where the window `back` before the row's last one is none of its, or has expired. */
  #place(batch: Batch, keySlots: Int32Array, watermark: Watermark, expired: Watermark, back: number): void {
    const { rows, timestamps, length } = batch;
    const step = this.#discarding ? this.#assigner.slide : this.#pane;
    let from = Number.NaN;
    let to = Number.NaN;
    let pane = Number.NaN;
    let usable = true;
    let fresh = 0;
    for (let i = 0; i < length; i++) {
      const timestamp = timestamps[rows[i]!]!;
      if (!(timestamp >= from && timestamp < to)) {
        from = startAt(timestamp, step, this.#assigner.offset);
        to = from + step;
        pane = from - back;
        usable = !this.#discarding || pane + this.#pane > expired;
        if (usable) this.earliestNewEnd = Math.min(this.earliestNewEnd, this.#endAfter(pane, watermark));
      }
      if (!usable || timestamp >= pane + this.#assigner.size) {
        this.#rowSlots[i] = -1;
        continue;
      }
      const slot = this.#slots.obtain(keySlots[i]!, pane);
      if (this.#slots.created) {
        if (this.#fresh.length < fresh + 3) this.#fresh = grownInts(this.#fresh, fresh + 3);
        this.#fresh[fresh++] = slot;
        this.#fresh[fresh++] = keySlots[i]!;
        if (this.#running?.holds(pane) === true) this.#running.paneOpened(keySlots[i]!);
      }
      this.#rowSlots[i] = slot;
      this.#paneOf[i] = pane;
    }
    for (let i = 0; i < fresh; i += 2) this.#prepare(this.#fresh[i + 1]!, this.#fresh[i]!);
    for (let i = 0; i < length; i++) if (this.#rowSlots[i]! >= 0) this.#touched[this.#rowSlots[i]!] = 1;
  }

  #prepare(keySlot: number, slot: number): void {
    this.#aggregates.grow(this.#slots.capacity);
    if (this.#touched.length < this.#slots.capacity) {
      const grown = new Uint8Array(this.#slots.capacity * 2);
      grown.set(this.#touched);
      this.#touched = grown;
    }
    if (this.#panesOfKey.length <= keySlot) this.#panesOfKey = grownInts(this.#panesOfKey, keySlot * 2 + 1);
    this.#panesOfKey[keySlot]!++;
    this.#aggregates.reset(slot);
    this.#touched[slot] = 0;
  }

  /** A window that is one pane. When discarding it fires only with new rows, and forgets them. */
  #visitOwn(slot: number, visit: () => void): void {
    if (!this.#discarding) return visit();
    if (this.#touched[slot] === 0) return;
    visit();
    this.#aggregates.reset(slot);
    this.#touched[slot] = 0;
  }

  #mergeInto(keySlot: number, slot: number): void {
    const merged = this.#slots.obtain(keySlot, SCRATCH);
    if (this.#slots.created) {
      this.#aggregates.grow(this.#slots.capacity);
      this.#aggregates.reset(merged);
    }
    this.#aggregates.merge(merged, slot);
  }

  /** Starts of the panes that hold rows, ascending. */
  #starts(): readonly Timestamp[] {
    const all = this.#slots.namespaces();
    if (all !== this.#namespaces) {
      this.#namespaces = all;
      this.#paneStarts = all.filter((namespace) => namespace > Number.NEGATIVE_INFINITY && namespace < FIRST_STACK);
    }
    return this.#paneStarts;
  }

  #panesOf(start: Timestamp): readonly Timestamp[] {
    return this.#starts().filter((pane) => pane >= start && pane < start + this.#assigner.size);
  }

  /** Start of the first and of the last window that holds a pane. */
  #firstWindow(pane: Timestamp): Timestamp {
    return this.#discarding ? pane : firstStart(pane + this.#pane - 1, this.#assigner);
  }

  #lastWindow(pane: Timestamp): Timestamp {
    return this.#discarding ? pane : lastStart(pane, this.#assigner);
  }

  /** The least window start whose end is > after. */
  #startAfterEnd(after: Watermark): Timestamp {
    return after === Number.NEGATIVE_INFINITY ? after : firstStart(after, this.#assigner);
  }

  /** The earliest end > after of a window that holds the pane; infinity when all have ended. */
  #endAfter(pane: Timestamp, after: Watermark): Timestamp {
    const start = Math.max(this.#firstWindow(pane), this.#startAfterEnd(after));
    return start <= this.#lastWindow(pane) ? start + this.#assigner.size : Number.POSITIVE_INFINITY;
  }
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}
