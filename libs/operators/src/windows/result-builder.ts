import type { Collector, Key, PaneTiming, Timestamp } from '@weir/model';
import { PANE_TIMINGS, RowBatch } from '@weir/model';

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

/** Collects firings and emits them as one batch. A result's time is the last instant of its window: end - 1. */
export class ResultBuilder {
  readonly #step: string;
  #results: Result[] = [];
  #timings: number[] = [];
  #deletes: number[] = [];

  constructor(step: string) {
    this.#step = step;
  }

  add(key: Key, start: Timestamp, end: Timestamp, timing: number, index: number, isLast: boolean, value: Readonly<Record<string, unknown>>): void {
    this.#push(key, start, end, timing, index, isLast, value, 0);
  }

  /** Withdraws a result that was fired before; `value` is the withdrawn one, or what stands for it. */
  withdraw(key: Key, start: Timestamp, end: Timestamp, timing: number, index: number, value: Readonly<Record<string, unknown>>): void {
    this.#push(key, start, end, timing, index, true, value, 1);
  }

  emit(out: Collector): void {
    const results = this.#results;
    if (results.length === 0) return;
    const batch = new RowBatch(results, {
      timestamps: Float64Array.from(results, (result) => result.window.end - 1),
      results: {
        step: this.#step,
        keys: results.map((result) => result.key),
        starts: Float64Array.from(results, (result) => result.window.start),
        ends: Float64Array.from(results, (result) => result.window.end),
        timings: Uint8Array.from(this.#timings),
        indexes: Int32Array.from(results, (result) => result.pane.index),
        lasts: Uint8Array.from(results, (result) => (result.pane.isLast ? 1 : 0)),
        deletes: Uint8Array.from(this.#deletes),
      },
    });
    this.#results = [];
    this.#timings = [];
    this.#deletes = [];
    out.emit(batch, RESULTS);
  }

  #push(key: Key, start: Timestamp, end: Timestamp, timing: number, index: number, isLast: boolean, value: Readonly<Record<string, unknown>>, deleted: number): void {
    const pane = { timing: PANE_TIMINGS[timing]!, index, isFirst: index === 0, isLast };
    this.#results.push({ key, window: { start, end }, pane, value });
    this.#timings.push(timing);
    this.#deletes.push(deleted);
  }
}
