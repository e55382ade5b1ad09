import type { Key, KeyTable, StateReader, StateWriter, Timestamp } from '@weir/model';
import { keyGroupOf } from '@weir/model';
import { compareKeys } from '../tables/key-order.ts';
import { MinHeap } from '../windows/min-heap.ts';
import { readKept, renumber, writeKept } from './kept-row.ts';
import type { KeptRow } from './kept-row.ts';

/** The rows of both inputs in one window of one key. */
export interface JoinWindow {
  readonly keySlot: number;
  start: Timestamp;
  end: Timestamp;
  /** By input, in the order in which they came. */
  readonly rows: readonly [KeptRow[], KeptRow[]];
  /** It was merged into another one. */
  gone: boolean;
}

const NONE: readonly JoinWindow[] = [];

/** The open windows of a join, by key, with a heap of those that end next. */
export class JoinWindows {
  readonly #keys: KeyTable;
  /** By key slot, ascending by start, then by end. */
  readonly #ofKey = new Map<number, JoinWindow[]>();
  readonly #byEnd = new MinHeap<JoinWindow>();
  #ordinal = 0;

  constructor(keys: KeyTable) {
    this.#keys = keys;
  }

  /** The window with these bounds, opened if it is not there. O(log n) in the windows of the key, and O(n) for one that is not the last. */
  obtain(keySlot: number, start: Timestamp, end: Timestamp): JoinWindow {
    const mine = this.#ofKey.get(keySlot);
    const place = mine === undefined ? 0 : placeOf(mine, start, end);
    const found = mine?.[place - 1];
    if (found !== undefined && found.start === start && found.end === end) return found;
    const window: JoinWindow = { keySlot, start, end, rows: [[], []], gone: false };
    if (mine === undefined) this.#ofKey.set(keySlot, [window]);
    else mine.splice(place, 0, window);
    this.#byEnd.push(end, this.#ordinal++, window);
    return window;
  }

  /** One window of these bounds and of all that overlap or touch them; their rows are in it. */
  merge(keySlot: number, start: Timestamp, end: Timestamp): JoinWindow {
    const mine = this.#ofKey.get(keySlot) ?? NONE;
    // Windows of a key that merge never touch each other, so that they are in order of their ends too.
    let from = placeOf(mine, end, Number.POSITIVE_INFINITY);
    const to = from;
    while (from > 0 && mine[from - 1]!.end >= start) from--;
    if (from === to) return this.obtain(keySlot, start, end);
    const into = mine[from]!;
    into.start = Math.min(into.start, start);
    // The heap keeps the former end, and finds out when that comes up.
    into.end = Math.max(mine[to - 1]!.end, end);
    for (const other of (mine as JoinWindow[]).splice(from + 1, to - from - 1)) {
      other.gone = true;
      for (const [input, rows] of into.rows.entries()) for (const kept of other.rows[input]!) rows.push(kept);
    }
    return into;
  }

  /** True when `merge` would find a window to merge with. */
  touches(keySlot: number, start: Timestamp, end: Timestamp): boolean {
    const mine = this.#ofKey.get(keySlot) ?? NONE;
    const last = mine[placeOf(mine, end, Number.POSITIVE_INFINITY) - 1];
    return last !== undefined && last.end >= start;
  }

  /** Takes out the windows that have ended, ordered by (end, start, key). `hasEnded` is true for an earlier end whenever it is for a later one. */
  takeEnded(hasEnded: (end: Timestamp) => boolean): readonly JoinWindow[] {
    const ended: JoinWindow[] = [];
    while (this.#byEnd.size > 0 && hasEnded(this.#byEnd.least)) {
      const window = this.#byEnd.pop();
      if (window.gone) continue;
      if (!hasEnded(window.end)) {
        this.#byEnd.push(window.end, this.#ordinal++, window);
        continue;
      }
      ended.push(window);
      this.#remove(window);
    }
    const key = ({ keySlot }: JoinWindow): Key => this.#keys.keyAt(keySlot);
    return ended.sort((a, b) => a.end - b.end || a.start - b.start || compareKeys(key(a), key(b)));
  }

  releaseKeyIfEmpty(keySlot: number): void {
    if (!this.#ofKey.has(keySlot)) this.#keys.release(keySlot);
  }

  /** Writes all windows by key group, each row once, keys in order; answers the number of the next arrival. */
  write(writer: StateWriter, name: string): number {
    const sorted = [...this.#ofKey].map(([slot, windows]) => ({ key: this.#keys.keyAt(slot), windows })).sort((a, b) => compareKeys(a.key, b.key));
    const rowsOfKey = sorted.map(({ windows }) => [...new Set(windows.flatMap(({ rows: [left, right] }) => [...left, ...right]))]);
    const next = renumber(rowsOfKey.flat());
    for (const [index, { key, windows }] of sorted.entries()) {
      const rows = rowsOfKey[index]!.sort(byArrival);
      const section = writer.keyed(name, keyGroupOf(key));
      section.key(key);
      section.int32(rows.length);
      for (const kept of rows) writeKept(kept, section);
      const places = new Map(rows.map((kept, place) => [kept, place]));
      section.int32(windows.length);
      for (const { start, end, rows: inputs } of windows) {
        section.float64(start);
        section.float64(end);
        for (const input of inputs) {
          section.int32(input.length);
          for (const kept of [...input].sort(byArrival)) section.int32(places.get(kept)!);
        }
      }
    }
    return next;
  }

  /** Takes in what `write` wrote, of any number of instances; answers the number of the next arrival, and how many rows are in windows. */
  read(reader: StateReader, name: string): { readonly next: number; readonly held: number } {
    const all: KeptRow[] = [];
    let held = 0;
    for (const section of reader.keyed(name)) {
      while (section.remaining > 0) {
        const keySlot = this.#keys.obtain(section.key());
        const rows = Array.from({ length: section.int32() }, () => readKept(section));
        for (const kept of rows) all.push(kept);
        for (let windows = section.int32(); windows > 0; windows--) {
          const window = this.obtain(keySlot, section.float64(), section.float64());
          for (const input of window.rows) {
            const count = section.int32();
            for (let left = count; left > 0; left--) input.push(rows[section.int32()]!);
            held += count;
          }
        }
      }
    }
    return { next: renumber(all), held };
  }

  #remove(window: JoinWindow): void {
    const mine = this.#ofKey.get(window.keySlot)!;
    if (mine.length === 1) this.#ofKey.delete(window.keySlot);
    else mine.splice(mine.indexOf(window), 1);
  }
}

function byArrival(a: KeptRow, b: KeptRow): number {
  return a.arrival - b.arrival;
}

/** How many of the windows are at or before these bounds, by start, then by end. O(log n). */
function placeOf(windows: readonly JoinWindow[], start: Timestamp, end: Timestamp): number {
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
