import type { Timestamp } from '@weir/model';

/** A number just above a time, by two units in the last place at most; infinity stays. */
export function justAfter(time: Timestamp): number {
  return time + Math.max(Math.abs(time) * Number.EPSILON, Number.MIN_VALUE);
}

/**
 * The watermark by which no row in time can come into a window that ends here: the end, as W says that all before it is there. Where
 * windows that touch become one, it is just behind the end: a row of exactly that time touches.
 */
export function closingTime(end: Timestamp, merging: boolean): Timestamp {
  return merging ? justAfter(end) : end;
}
