import type { Duration, Key, Timestamp } from '@weir/model';

/** Windows of one size that begin every `slide`, at `offset` and multiples of `slide` from the epoch; a tumbling window slides by its size. */
export interface AlignedAssigner {
  readonly kind: 'aligned';
  readonly describe: string;
  readonly size: Duration;
  readonly slide: Duration;
  /** In milliseconds, 0 <= offset < slide. */
  readonly offset: number;
}

/** Windows that grow while rows of a key come no further than `gap` apart: [first, last + gap). */
export interface SessionAssigner {
  readonly kind: 'session';
  readonly describe: string;
  readonly gap: Duration;
}

/** Where an assigner puts the windows of a row. */
export interface WindowList {
  /** A window [start, end); start < end. The same window twice counts once. May begin at -infinity and end at +infinity. */
  add(start: Timestamp, end: Timestamp): void;
}

/**
 * Any other way to assign windows: the door for calendars, campaigns, sessions with a gap of their own, and a user's. `assign` is a
 * pure function of its arguments, and may add no window at all: the row is then in none, and is counted as filtered.
 */
export interface CustomAssigner<Row = never> {
  readonly kind: 'custom';
  readonly describe: string;
  /** Windows of one key that overlap or touch become one. A row has one window then, as it would count twice when its windows merge. */
  readonly merging: boolean;
  /** The fields of a row that `assign` reads; [] when none; absent when it may read any. */
  readonly reads?: readonly string[];
  /** Adds the windows of a row. `row` is valid only during the call. */
  assign(timestamp: Timestamp, key: Key, row: Row, into: WindowList): void;
}

/** Which windows a row belongs to, as an immutable value. */
export type WindowAssigner<Row = never> = AlignedAssigner | SessionAssigner | CustomAssigner<Row>;

/** The largest start <= timestamp of windows that begin every `slide`; floored, so right before 1970 too. */
export function startAt(timestamp: Timestamp, slide: number, offset: number): Timestamp {
  return Math.floor((timestamp - offset) / slide) * slide + offset;
}

/** The window that begins last among those that a timestamp may be in, and the one that begins first. */
export function lastStart(timestamp: Timestamp, { slide, offset }: AlignedAssigner): Timestamp {
  return startAt(timestamp, slide, offset);
}

/** The first start > timestamp - size: the oldest window that holds the timestamp, if any does. */
export function firstStart(timestamp: Timestamp, { size, slide, offset }: AlignedAssigner): Timestamp {
  return startAt(timestamp - size, slide, offset) + slide;
}

/** True when windows of one key that touch become one, so that a window is over only at W > end. */
export function mergesWindows(assigner: WindowAssigner): boolean {
  return assigner.kind === 'session' || (assigner.kind === 'custom' && assigner.merging);
}
