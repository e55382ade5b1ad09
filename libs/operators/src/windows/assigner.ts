import type { Duration, Timestamp } from '@weir/model';

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

/** Which windows a row belongs to, as an immutable value. */
export type WindowAssigner = AlignedAssigner | SessionAssigner;

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
