import type { Collector, Key, PaneTiming, Timestamp } from '@weir/model';
import { DELETE, INSERT, MAX_TIMESTAMP, PANE_TIMINGS, RowBatch } from '@weir/model';

/** Port of the results and of the late rows of a windowed step. */
export const RESULTS = 0;
export const LATE_ROWS = 1;

/** One firing of one window of one key, as rows of the results stream have it. */
interface Result {
  readonly key: Key;
  readonly window: { readonly start: Timestamp; readonly end: Timestamp };
  readonly pane: { readonly timing: PaneTiming; readonly index: number; readonly isFirst: boolean; readonly isLast: boolean };
  readonly value: Readonly<Record<string, unknown>>;
}

/**
 * Collects firings and emits them as one batch. A result's time is the last instant of its window, end - 1, or, where the window has
 * no end, the time that it is given.
 */
export class ResultBuilder {
  readonly #step: string;
  #results: Result[] = [];
  #timings: number[] = [];
  #changes: number[] = [];
  #times: number[] = [];
  /** Some row is no plain insert. */
  #isChangelog = false;

  constructor(step: string) {
    this.#step = step;
  }

  add(key: Key, start: Timestamp, end: Timestamp, timing: number, index: number, isLast: boolean, value: Readonly<Record<string, unknown>>): void {
    this.#push(key, start, end, timing, index, isLast, value, INSERT, end - 1);
  }

  /** A row of any change, as INSERT, UPDATE_BEFORE or UPDATE_AFTER; `time` is that of the result. */
  change(change: number, key: Key, start: Timestamp, end: Timestamp, timing: number, index: number, isLast: boolean, value: Readonly<Record<string, unknown>>, time: Timestamp): void {
    this.#push(key, start, end, timing, index, isLast, value, change, time);
  }

  /** Withdraws a result that was fired before; `value` is the withdrawn one, or what stands for it. */
  withdraw(key: Key, start: Timestamp, end: Timestamp, timing: number, index: number, value: Readonly<Record<string, unknown>>): void {
    this.#push(key, start, end, timing, index, true, value, DELETE, end - 1);
  }

  emit(out: Collector): void {
    const length = this.#results.length;
    if (length === 0) return;
    const results = this.#results;
    const timestamps = new Float64Array(length);
    const keys: Key[] = new Array<Key>(length);
    const columns = {
      step: this.#step,
      keys,
      starts: new Float64Array(length),
      ends: new Float64Array(length),
      timings: Uint8Array.from(this.#timings),
      indexes: new Int32Array(length),
      lasts: new Uint8Array(length),
    };
    // A loop over all columns: the `from` of a typed array with a function is several times slower.
    for (let i = 0; i < length; i++) {
      const { key, window, pane } = results[i]!;
      timestamps[i] = this.#times[i]!;
      keys[i] = key;
      columns.starts[i] = window.start;
      columns.ends[i] = window.end;
      columns.indexes[i] = pane.index;
      columns.lasts[i] = pane.isLast ? 1 : 0;
    }
    const changes = this.#isChangelog ? Uint8Array.from(this.#changes) : undefined;
    this.#results = [];
    this.#timings = [];
    this.#changes = [];
    this.#times = [];
    this.#isChangelog = false;
    out.emit(new RowBatch(results, { timestamps, results: columns, changes }), RESULTS);
  }

  #push(key: Key, start: Timestamp, end: Timestamp, timing: number, index: number, isLast: boolean, value: Readonly<Record<string, unknown>>, change: number, time: Timestamp): void {
    const pane = { timing: PANE_TIMINGS[timing]!, index, isFirst: index === 0, isLast };
    this.#results.push({ key, window: { start, end }, pane, value });
    this.#timings.push(timing);
    this.#changes.push(change);
    this.#times.push(Math.min(time, MAX_TIMESTAMP));
    if (change !== INSERT) this.#isChangelog = true;
  }
}
