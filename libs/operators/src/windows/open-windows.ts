import type { KeyTable, Timestamp } from '@weir/model';
import type { AggregateSet } from '../aggregates/aggregate-set.ts';
import { MinHeap } from './min-heap.ts';

/** One window of one key; its rows are in the accumulator slot. */
export interface OpenWindow {
  readonly keySlot: number;
  start: Timestamp;
  end: Timestamp;
  /** The watermark that closes it, and the one by which it expires. */
  closes: Timestamp;
  expires: Timestamp;
  readonly slot: number;
  /** What the last firing said, for taking it back; -1 when nothing has fired or nothing is taken back. */
  formerSlot: number;
  /** Counts the windows as they are opened: those that are due at one time fire in this order. */
  readonly ordinal: number;
  /** How often this window has fired since it has these bounds. */
  firings: number;
  /** Some row is in the accumulators. */
  filled: boolean;
  /** Rows came since the last firing. */
  touched: boolean;
  /** It was open before its end, and has not fired since the watermark passed that. */
  onTimeDue: boolean;
  /** Pane of the last firing. */
  formerTiming: number;
  formerIsLast: boolean;
  /** The greatest timestamp of its rows. */
  latest: Timestamp;
  /** What the trigger keeps. */
  cells: Float64Array<ArrayBuffer>;
  /** When the watermark next makes something due. */
  wake: Timestamp;
  /** The same by wall-clock time; infinity for never. */
  wakeNow: Timestamp;
  /** Least ranks in the heaps: entries with others are stale. */
  queued: Timestamp;
  queuedNow: Timestamp;
  /** The batch that last put rows into it. */
  batch: number;
  /** It went into another one, or has expired. */
  gone: boolean;
}

const NONE: readonly OpenWindow[] = [];

/** The windows of all keys that have not expired, and when each is due. */
export class OpenWindows {
  readonly #keys: KeyTable;
  readonly #aggregates: AggregateSet;
  readonly #blank: Float64Array<ArrayBuffer>;
  /** By key slot, ascending by start, then by end. */
  readonly #ofKey = new Map<number, OpenWindow[]>();
  readonly #byWatermark = new MinHeap<OpenWindow>();
  readonly #byClock = new MinHeap<OpenWindow>();
  readonly #freeSlots: number[] = [];
  #slots = 0;
  #opened = 0;

  constructor(keys: KeyTable, aggregates: AggregateSet, blank: Float64Array<ArrayBuffer>) {
    this.#keys = keys;
    this.#aggregates = aggregates;
    this.#blank = blank;
  }

  /** The windows of a key, ascending by start, then by end. */
  ofKey(keySlot: number): readonly OpenWindow[] {
    return this.#ofKey.get(keySlot) ?? NONE;
  }

  /** All windows in the order in which they were opened. */
  all(): readonly OpenWindow[] {
    return [...this.#ofKey.values()].flat().sort((a, b) => a.ordinal - b.ordinal);
  }

  /** The window with these bounds, if it is open. O(log n) in the windows of the key. */
  find(keySlot: number, start: Timestamp, end: Timestamp): OpenWindow | undefined {
    const mine = this.ofKey(keySlot);
    const found = mine[placeOf(mine, start, end) - 1];
    return found !== undefined && found.start === start && found.end === end ? found : undefined;
  }

  /** Those of the windows of a key, none of which touch, that overlap or touch [start, end); ascending. */
  touching(keySlot: number, start: Timestamp, end: Timestamp): readonly OpenWindow[] {
    const mine = this.ofKey(keySlot);
    const until = placeOf(mine, end, Number.POSITIVE_INFINITY);
    let first = until;
    while (first > 0 && mine[first - 1]!.end >= start) first--;
    return first === until ? NONE : mine.slice(first, until);
  }

  open(keySlot: number, start: Timestamp, end: Timestamp): OpenWindow {
    const window: OpenWindow = {
      keySlot,
      start,
      end,
      closes: end,
      expires: end,
      slot: this.takeSlot(),
      formerSlot: -1,
      ordinal: this.#opened++,
      firings: 0,
      filled: false,
      touched: false,
      onTimeDue: false,
      formerTiming: 0,
      formerIsLast: false,
      latest: Number.NEGATIVE_INFINITY,
      cells: this.#blank.slice(),
      wake: Number.POSITIVE_INFINITY,
      wakeNow: Number.POSITIVE_INFINITY,
      queued: Number.POSITIVE_INFINITY,
      queuedNow: Number.POSITIVE_INFINITY,
      batch: -1,
      gone: false,
    };
    const mine = this.#ofKey.get(keySlot);
    if (mine === undefined) this.#ofKey.set(keySlot, [window]);
    else mine.splice(placeOf(mine, start, end), 0, window);
    return window;
  }

  /** A fresh accumulator slot. */
  takeSlot(): number {
    const slot = this.#freeSlots.pop() ?? this.#slots++;
    this.#aggregates.grow(this.#slots);
    this.#aggregates.reset(slot);
    return slot;
  }

  releaseSlot(slot: number): void {
    this.#freeSlots.push(slot);
  }

  /** Sets when the window is due next. An entry that is too early is put back when it comes out, so that a growing session costs none. */
  schedule(window: OpenWindow, wake: Timestamp, wakeNow: Timestamp): void {
    window.wake = wake;
    if (wake < window.queued) {
      window.queued = wake;
      this.#byWatermark.push(wake, window.ordinal, window);
    }
    window.wakeNow = wakeNow;
    if (wakeNow < window.queuedNow) {
      window.queuedNow = wakeNow;
      this.#byClock.push(wakeNow, window.ordinal, window);
    }
  }

  /** True when something is due at this watermark, and nothing before it. */
  isDueAt(watermark: Timestamp): boolean {
    const heap = this.#byWatermark;
    while (heap.least === watermark && heap.size > 0) {
      const window = heap.pop();
      if (window.gone || window.queued !== watermark) continue;
      window.queued = Number.POSITIVE_INFINITY;
      this.schedule(window, window.wake, window.wakeNow);
      if (window.wake === watermark) return true;
    }
    return false;
  }

  /** The next window that the watermark makes due, in order of `wake`; it has to be scheduled again. */
  takeDue(watermark: Timestamp): OpenWindow | undefined {
    const heap = this.#byWatermark;
    while (heap.size > 0 && heap.least <= watermark) {
      const rank = heap.least;
      const window = heap.pop();
      if (window.gone || rank !== window.queued) continue;
      window.queued = Number.POSITIVE_INFINITY;
      if (window.wake === rank) return window;
      this.schedule(window, window.wake, window.wakeNow);
    }
    return undefined;
  }

  /** The next window that wall-clock time makes due, in order of `wakeNow`. */
  takeDueByClock(now: Timestamp): OpenWindow | undefined {
    const heap = this.#byClock;
    while (heap.size > 0 && heap.least <= now) {
      const rank = heap.least;
      const window = heap.pop();
      if (window.gone || rank !== window.queuedNow) continue;
      window.queuedNow = Number.POSITIVE_INFINITY;
      if (window.wakeNow === rank) return window;
      this.schedule(window, window.wake, window.wakeNow);
    }
    return undefined;
  }

  /** Forgets a window and frees what it held, apart from `slot`. */
  remove(window: OpenWindow): void {
    window.gone = true;
    if (window.formerSlot >= 0) this.releaseSlot(window.formerSlot);
    const mine = this.#ofKey.get(window.keySlot)!;
    if (mine.length === 1) this.#ofKey.delete(window.keySlot);
    else mine.splice(mine.indexOf(window), 1);
  }

  releaseKeyIfEmpty(keySlot: number): void {
    if (!this.#ofKey.has(keySlot)) this.#keys.release(keySlot);
  }
}

/** How many of the windows are at or before these bounds, by start, then by end. O(log n). */
function placeOf(windows: readonly OpenWindow[], start: Timestamp, end: Timestamp): number {
  let low = 0;
  let high = windows.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    const window = windows[middle]!;
    if (window.start < start || (window.start === start && window.end <= end)) low = middle + 1;
    else high = middle;
  }
  return low;
}
