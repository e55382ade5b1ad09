import type { Collector, KeyTable, Timestamp, Watermark } from '@weir/model';
import { DELETE, EARLY, INSERT, LATE, ON_TIME, UPDATE_AFTER, UPDATE_BEFORE } from '@weir/model';
import type { AggregateSet } from '../aggregates/aggregate-set.ts';
import type { OpenWindow, OpenWindows } from './open-windows.ts';
import type { PendingRows } from './pending-rows.ts';
import { ResultBuilder } from './result-builder.ts';
import type { Accumulation, TriggerResult } from './trigger.ts';
import { CONTINUE, FIRE, PURGE } from './trigger.ts';

/** What makes a window fire. */
export type Cause = 'row' | 'watermark' | 'tick';

export interface FiringParts {
  readonly step: string;
  readonly accumulation: Accumulation;
  readonly keys: KeyTable;
  readonly aggregates: AggregateSet;
  readonly windows: OpenWindows;
  readonly pending: PendingRows;
}

/** Does what triggers say: makes results of windows, takes back what was said before, drops contents. */
export class WindowFirings {
  readonly #parts: FiringParts;
  readonly #results: ResultBuilder;

  constructor(parts: FiringParts) {
    this.#parts = parts;
    this.#results = new ResultBuilder(parts.step);
  }

  /** `time` is that of the timer which rang. */
  act(window: OpenWindow, result: TriggerResult, cause: Cause, time: Timestamp, watermark: Watermark): void {
    if (result === CONTINUE) return;
    if ((result & FIRE) !== 0) this.#fire(window, cause, time, watermark);
    if ((result & PURGE) !== 0) this.#empty(window);
  }

  /** The last chance: rows that no firing has shown come out. */
  expire(window: OpenWindow, time: Timestamp, watermark: Watermark): void {
    if (window.touched) this.#fire(window, 'watermark', time, watermark);
  }

  /**
   * A window is to have other bounds, so what it fired is the result of no window any more. With discarding results nothing is taken
   * back, because the rows that were fired are nowhere else. Under the new bounds the firings count from 0.
   */
  withdraw(window: OpenWindow, watermark: Watermark): void {
    if (window.firings === 0) return;
    const { accumulation, keys, aggregates, windows, pending } = this.#parts;
    const { start, end, firings } = window;
    const key = keys.keyAt(window.keySlot);
    if (accumulation === 'accumulating') {
      pending.flush();
      this.#results.withdraw(key, start, end, window.closes <= watermark ? LATE : EARLY, firings, aggregates.finish(window.slot));
    } else if (accumulation === 'accumulating-and-retracting') {
      this.#results.change(DELETE, key, start, end, window.formerTiming, firings - 1, window.formerIsLast, aggregates.finish(window.formerSlot), end - 1);
      windows.releaseSlot(window.formerSlot);
      window.formerSlot = -1;
    }
    window.firings = 0;
  }

  emit(out: Collector): void {
    this.#results.emit(out);
  }

  /** Without rows there is nothing to say; without new ones only that the window is complete. */
  #fire(window: OpenWindow, cause: Cause, time: Timestamp, watermark: Watermark): void {
    const { accumulation, aggregates, keys, pending } = this.#parts;
    const { start, end } = window;
    let timing = EARLY;
    if (watermark >= window.closes) {
      timing = cause === 'watermark' && window.onTimeDue ? ON_TIME : LATE;
      window.onTimeDue = false;
    }
    if (!window.filled || (!window.touched && timing !== ON_TIME)) return;
    pending.flush();
    const key = keys.keyAt(window.keySlot);
    const resultTime = end === Number.POSITIVE_INFINITY ? endlessTime(window, cause, time, watermark) : end - 1;
    const isLast = watermark >= window.expires;
    const value = aggregates.finish(window.slot);
    let change: number = INSERT;
    if (accumulation === 'accumulating-and-retracting') {
      if (window.firings > 0) {
        this.#results.change(UPDATE_BEFORE, key, start, end, window.formerTiming, window.firings - 1, window.formerIsLast, aggregates.finish(window.formerSlot), resultTime);
        change = UPDATE_AFTER;
      }
      this.#remember(window, timing, isLast);
    }
    this.#results.change(change, key, start, end, timing, window.firings, isLast, value, resultTime);
    window.firings++;
    window.touched = false;
    if (accumulation === 'discarding') this.#empty(window);
  }

  #remember(window: OpenWindow, timing: number, isLast: boolean): void {
    const { aggregates, windows } = this.#parts;
    if (window.formerSlot < 0) window.formerSlot = windows.takeSlot();
    else aggregates.reset(window.formerSlot);
    aggregates.merge(window.formerSlot, window.slot);
    window.formerTiming = timing;
    window.formerIsLast = isLast;
  }

  #empty(window: OpenWindow): void {
    this.#parts.pending.flush();
    this.#parts.aggregates.reset(window.slot);
    window.filled = window.touched = false;
  }
}

/** The time of a result of a window without end: that of its newest row, or of the timer, so that it is not late for the next step. */
function endlessTime(window: OpenWindow, cause: Cause, time: Timestamp, watermark: Watermark): Timestamp {
  if (cause === 'row') return window.latest;
  return Math.max(window.latest, cause === 'watermark' ? time - 1 : watermark);
}
