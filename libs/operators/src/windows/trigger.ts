import type { Duration, Key, Timestamp, Watermark } from '@weir/model';

/**
 * What each firing holds: all rows of the window so far (`accumulating`), those since the firing before (`discarding`), or all so far,
 * after a row that takes back what the firing before said (`accumulating-and-retracting`).
 */
export type Accumulation = 'accumulating' | 'discarding' | 'accumulating-and-retracting';

/** What a trigger wants done with a window: nothing, a result, its content dropped, or first the one and then the other. */
export type TriggerResult = 0 | 1 | 2 | 3;
export const CONTINUE = 0;
export const FIRE = 1;
/** Drops the content of the window, that is its rows; what the trigger keeps for the window stays. */
export const PURGE = 2;
export const FIRE_AND_PURGE = 3;

/** One window of one key as a trigger sees it, with the numbers and the timers that the trigger keeps for it. */
export interface TriggerWindow {
  readonly key: Key;
  readonly start: Timestamp;
  readonly end: Timestamp;
  /** The watermark that closes the window: its end, or just behind it where windows that touch become one. */
  readonly closes: Timestamp;
  /** Of the row, in `onRow`; of the last row elsewhere. */
  readonly timestamp: Timestamp;
  readonly watermark: Watermark;
  /** Wall-clock time of the last tick; NaN before the first. */
  readonly now: Timestamp;
  /** When the first tick was; NaN before it. Periods of processing time are counted from here, so that all windows share them. */
  readonly firstTick: Timestamp;
  /** A number that the trigger keeps; 0 until it is set. */
  get(cell: number): number;
  set(cell: number, value: number): void;
  /** When the event-time timer rings; infinity when it is not set. */
  readonly eventTimer: Timestamp;
  /** When the processing-time timer rings; infinity when it is not set. */
  readonly processingTimer: Timestamp;
  /**
   * Calls `onEventTime` when the watermark is at or past `time`: after this batch if it is already. There is one such timer; setting it
   * again moves it, infinity takes it away. A timer that is set while it rings must ring later, or TRIGGER_TIMER is thrown.
   */
  setEventTimer(time: Timestamp): void;
  /** The same by wall-clock time, which moves by ticks only; -infinity is the next tick. */
  setProcessingTimer(time: Timestamp): void;
  /** The trigger is done with the window and is called no more, unless a `repeat` around it begins it anew. */
  finish(): void;
}

/**
 * The door for triggers: what a user writes, and what the built-in ones are made of. A pure value: all it keeps for a window is in the
 * cells, which are in checkpoints.
 */
export interface CustomTrigger<Row = never> {
  readonly kind: 'custom';
  readonly describe: string;
  /** How many numbers it keeps for each window. */
  readonly cells: number;
  /** The fields of a row that `onRow` reads; [] when none; absent when it may read any. */
  readonly reads?: readonly string[];
  /** Before the first row of a window, and when a `repeat` or a sequence begins with the trigger; its cells are 0. */
  onStart?(window: TriggerWindow): void;
  /** A row was put into the window. `row` is valid only during the call. */
  onRow(window: TriggerWindow, row: Row): TriggerResult;
  /** The event-time timer rang; `time` is when it was to ring. */
  onEventTime?(window: TriggerWindow, time: Timestamp): TriggerResult;
  /** The processing-time timer rang. */
  onProcessingTime?(window: TriggerWindow, time: Timestamp): TriggerResult;
  /**
   * A window went into this one, or this one got other bounds; takes over what the trigger kept for that one (0 throughout, if it was
   * new). The timers are the earlier ones of both already. A trigger that was done with either window is done, and is not called.
   */
  onMerge(window: TriggerWindow, from: MergedTrigger): void;
}

/** What a trigger kept for a window that went into another one. */
export interface MergedTrigger {
  get(cell: number): number;
}

/** Once per this much wall-clock time. */
export interface Period<Row = never> extends CustomTrigger<Row> {
  readonly every: Duration;
}

/** Fires at the end of the window by the watermark; see `afterWatermark`. */
export interface AfterWatermark<Row = never> {
  readonly kind: 'after-watermark';
  readonly describe: string;
  /** Fires before the end; begun anew as often as it is done. */
  readonly early: Trigger<Row> | undefined;
  /** Fires after the end; begun anew as often as it is done. Undefined: after each batch with late rows. */
  readonly late: Trigger<Row> | undefined;
}

/** Triggers put together; see `or`, `and`, `repeat`, `once`, `inSequence` and `purging`. */
export interface CombinedTrigger<Row = never> {
  readonly kind: 'or' | 'and' | 'repeat' | 'once' | 'in-sequence' | 'purging';
  readonly describe: string;
  readonly of: readonly Trigger<Row>[];
}

/** When a window fires, as an immutable value. */
export type Trigger<Row = never> = AfterWatermark<Row> | CombinedTrigger<Row> | CustomTrigger<Row>;

/** The fields of a row that a trigger reads; undefined when it may read any. */
export function triggerReads(trigger: Trigger): readonly string[] | undefined {
  if (trigger.kind === 'custom') return trigger.reads;
  const parts = trigger.kind === 'after-watermark' ? [trigger.early, trigger.late] : trigger.of;
  const lists = parts.map((part) => (part === undefined ? [] : triggerReads(part)));
  return lists.includes(undefined) ? undefined : lists.flatMap((fields) => fields ?? []);
}
