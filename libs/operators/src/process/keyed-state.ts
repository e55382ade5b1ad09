import type { BinaryReader, BinaryWriter, Key } from '@weir/model';
import { WeirError } from '@weir/model';
import { MinHeap } from '../windows/min-heap.ts';
import type { ProcessClock } from './process-clock.ts';
import type { CheckedTtl } from './ttl.ts';

/** A kind of state as a declaration; a user's own kinds come through this door too. */
export interface StateDeclaration<Handle = unknown> {
  /** What describe() prints, e.g. `value ttl 1h`. */
  readonly describe: string;
  readonly ttl: CheckedTtl | undefined;
  /** Makes the handle that functions use; it acts on the key that is handled at the time. */
  bind(place: StatePlace): BoundState<Handle>;
}

/** A declared state at work. A cell is what it keeps for one key. */
export interface BoundState<Handle = unknown> {
  readonly handle: Handle;
  /** True when nothing in the cell lives on; such a cell is not written. */
  isEmpty(cell: unknown): boolean;
  /** Writes what has not expired. */
  write(cell: unknown, writer: BinaryWriter): void;
  /** Reads a cell; the place stands at its key. */
  read(reader: BinaryReader): unknown;
  /** Takes an expired element out; answers true when the cell is empty then. */
  evict?(cell: unknown, element: Stamped): boolean;
}

/** A value and when it was written (or read, where that refreshes it), by the clock of its time to live; NaN without one. */
export interface Stamped<V = unknown> {
  value: V;
  touched: number;
  /** Key in a map. */
  readonly field?: Key;
  /** True while it is in its cell; an element that was taken out is skipped by the cleaning. */
  held: boolean;
}

/** All that is kept for one key. */
export interface KeyEntry {
  readonly key: Key;
  readonly slot: number;
  /** By the place of the declaration. */
  readonly cells: unknown[];
  /** How many timers are set, and how many rows wait; a key with any is kept. */
  timers: number;
  waiting: number;
  /** How many timers its timers have set since the end of input. */
  afterEnd: number;
}

interface Watched {
  readonly entry: KeyEntry;
  readonly place: StatePlace;
  readonly element: Stamped;
}

/** State by time of expiry, so that cleaning touches only what may have expired: a stamp that was renewed goes back in, once. Push and pop are O(log n). */
export class ExpiryQueue {
  readonly #heap = new MinHeap<Watched>();
  #pushed = 0;

  get size(): number {
    return this.#heap.size;
  }

  push(expiry: number, watched: Watched): void {
    this.#heap.push(expiry, this.#pushed++, watched);
  }

  /** Looks at up to `budget` elements that were due by `time`; `emptied` is told of keys that lost a whole cell. Answers how many were looked at. */
  clean(time: number, budget: number, emptied: (entry: KeyEntry) => void): number {
    let seen = 0;
    for (; seen < budget && this.#heap.size > 0 && this.#heap.least <= time; seen++) {
      const watched = this.#heap.pop();
      const { entry, place, element } = watched;
      if (!element.held) continue;
      const expiry = place.expiryOf(element.touched);
      if (expiry > time) {
        this.push(expiry, watched);
        continue;
      }
      if (place.bound!.evict?.(entry.cells[place.index], element) === false) continue;
      entry.cells[place.index] = undefined;
      emptied(entry);
    }
    return seen;
  }
}

/** Where a handle finds its key. */
export interface CurrentKey {
  entry: KeyEntry | undefined;
}

/** One declared state of a process function: its cell for the current key, and its clock. */
export class StatePlace {
  readonly step: string;
  readonly name: string;
  readonly index: number;
  readonly ttl: CheckedTtl | undefined;
  bound: BoundState | undefined;
  readonly #current: CurrentKey;
  readonly #clock: ProcessClock;
  readonly #queue: ExpiryQueue;

  constructor(step: string, name: string, index: number, ttl: CheckedTtl | undefined, current: CurrentKey, clock: ProcessClock, queue: ExpiryQueue) {
    this.step = step;
    this.name = name;
    this.index = index;
    this.ttl = ttl;
    this.#current = current;
    this.#clock = clock;
    this.#queue = queue;
  }

  get cell(): unknown {
    return this.#entry().cells[this.index];
  }

  set cell(cell: unknown) {
    this.#entry().cells[this.index] = cell;
  }

  /** The stamp of what is touched now. */
  stamp(): number {
    if (this.ttl === undefined) return Number.NaN;
    return this.ttl.clock === 'event-time' ? this.#clock.eventTime : this.#clock.now;
  }

  /** True when what was touched then is gone for the row or timer that is handled now. */
  isExpired(touched: number): boolean {
    return this.ttl !== undefined && this.stamp() >= this.expiryOf(touched);
  }

  /** True when it is gone for whatever may still come: what cleaning and snapshots go by. */
  isGone(touched: number): boolean {
    return this.ttl !== undefined && (this.ttl.clock === 'event-time' ? this.#clock.watermark : this.#clock.now) >= this.expiryOf(touched);
  }

  /** When what was touched then expires. What was written before the first tick counts as written at it. */
  expiryOf(touched: number): number {
    if (this.ttl === undefined) return Number.POSITIVE_INFINITY;
    if (this.ttl.clock === 'event-time') return touched + this.ttl.after;
    const { firstNow } = this.#clock;
    if (firstNow === Number.NEGATIVE_INFINITY) return Number.POSITIVE_INFINITY;
    return Math.max(touched, firstNow) + this.ttl.after;
  }

  /** A new element of the cell. */
  element<V>(value: V, touched: number, field?: Key): Stamped<V> {
    const element: Stamped<V> = { value, touched, held: true, ...(field === undefined ? {} : { field }) };
    if (this.ttl !== undefined && !Number.isNaN(touched)) this.#queue.push(touched + this.ttl.after, { entry: this.#entry(), place: this, element });
    return element;
  }

  /** Makes an element live on from now; it never lives shorter for it. */
  touch(element: Stamped): void {
    const stamp = this.stamp();
    if (Number.isNaN(stamp)) return;
    if (Number.isNaN(element.touched) && this.ttl !== undefined) this.#queue.push(stamp + this.ttl.after, { entry: this.#entry(), place: this, element });
    if (!(element.touched >= stamp)) element.touched = stamp;
  }

  /** Reading refreshes, where it was asked for. */
  touchByRead(element: Stamped): void {
    if (this.ttl?.refresh === 'read-and-write') this.touch(element);
  }

  /** Throws STATE_LIMIT when there are more elements than allowed. */
  checkSize(size: number, limit: number): void {
    if (size <= limit) return;
    throw new WeirError('STATE_LIMIT', `State '${this.name}' of key ${JSON.stringify(this.#entry().key)} has outgrown its ${limit} elements.`, {
      step: this.step,
      remedy: 'Clear it, give it a ttl, or raise its limit.',
    });
  }

  #entry(): KeyEntry {
    const { entry } = this.#current;
    if (entry !== undefined) return entry;
    throw new WeirError('PROCESS_CONTEXT_KEPT', `State '${this.name}' was used when no row and no timer was being handled.`, {
      step: this.step,
      remedy: 'Use ctx and ctx.state only inside onRow and onTimer, and not after they have returned.',
    });
  }
}
