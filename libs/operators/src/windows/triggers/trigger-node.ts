import type { Key, Timestamp, Watermark } from '@weir/model';
import { MIN_WATERMARK } from '@weir/model';
import type { TriggerResult } from '../trigger.ts';

/** The window that a trigger is asked about; one object, moved from window to window. */
export class TriggerScope {
  /** Everything the trigger keeps for the window. */
  cells = new Float64Array(0);
  key: Key = '';
  start: Timestamp = 0;
  end: Timestamp = 0;
  closes: Timestamp = 0;
  timestamp: Timestamp = Number.NaN;
  watermark: Watermark = MIN_WATERMARK;
  now: Timestamp = Number.NaN;
  firstTick: Timestamp = Number.NaN;
}

/** How far a trigger is with a window; in the first cell of its region. */
export const IDLE = 0;
export const ACTIVE = 1;
export const DONE = 2;

/** Where in the cells of a window a trigger keeps what; timers are infinity when they are not set. */
export const STATE = 0;
export const EVENT_TIMER = 1;
export const PROCESSING_TIMER = 2;
export const OWN_CELLS = 3;

/** The event time that is rung at the end of input and never before: infinity stands for no timer. */
export const END_OF_TIME = Number.MAX_VALUE;

/** Gives out cells while a trigger is compiled, and knows what they hold in a window that nothing has happened in. */
export class CellLayout {
  readonly #initial: number[] = [];
  #blank: Float64Array<ArrayBuffer> | undefined;
  /** The cells that hold timers. */
  readonly eventTimers: number[] = [];
  readonly processingTimers: number[] = [];

  get length(): number {
    return this.#initial.length;
  }

  /** All cells of such a window; shared and never written to. */
  get blank(): Float64Array<ArrayBuffer> {
    return (this.#blank ??= Float64Array.from(this.#initial));
  }

  /** Reserves the state, the timers and so many cells more; answers the first. */
  reserve(own: number): number {
    const base = this.#initial.length;
    this.#initial.push(IDLE, Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY);
    this.eventTimers.push(base + EVENT_TIMER);
    this.processingTimers.push(base + PROCESSING_TIMER);
    for (let i = 0; i < own; i++) this.#initial.push(0);
    this.#blank = undefined;
    return base;
  }

  /** Blanks the region of a trigger: idle, no timers, numbers 0. */
  clear(node: TriggerNode, cells: Float64Array): void {
    cells.set(this.blank.subarray(node.base, node.until), node.base);
  }

  /** Ends a trigger and all that it is made of. */
  end(node: TriggerNode, cells: Float64Array): void {
    this.clear(node, cells);
    cells[node.base + STATE] = DONE;
  }
}

/** A trigger that runs: the value and its place in the cells. Its region holds those of the triggers that it is made of. */
export interface TriggerNode {
  readonly base: number;
  /** Behind the last cell of its region. */
  readonly until: number;
  /** Begins, in a blank region. */
  start(scope: TriggerScope): void;
  onRow(scope: TriggerScope, row: unknown): TriggerResult;
  /** Rings the event-time timers that are due at `time`. */
  onEventTime(scope: TriggerScope, time: Timestamp): TriggerResult;
  onProcessingTime(scope: TriggerScope, time: Timestamp): TriggerResult;
  /** The cells of the scope's window take over those of another one; both began, or one did, or none. */
  merge(scope: TriggerScope, from: Float64Array): void;
}

/** True when a trigger takes rows and rings. */
export function isActive(node: TriggerNode, cells: Float64Array): boolean {
  return cells[node.base + STATE] === ACTIVE;
}

export function isDone(node: TriggerNode, cells: Float64Array): boolean {
  return cells[node.base + STATE] === DONE;
}

/** The earliest of some timers; infinity when none is set. */
export function nextTimer(timers: readonly number[], cells: Float64Array): Timestamp {
  let next = Number.POSITIVE_INFINITY;
  for (let i = 0; i < timers.length; i++) if (cells[timers[i]!]! < next) next = cells[timers[i]!]!;
  return next;
}
