/**
 * A watermark W says: every event with `timestamp < W` has arrived, or counts as late.
 * A window [start, end) is complete when W >= end.
 */
export type Watermark = number;

/** Before anything is known. */
export const MIN_WATERMARK: Watermark = Number.NEGATIVE_INFINITY;
/** End of input: nothing will follow. */
export const MAX_WATERMARK: Watermark = Number.POSITIVE_INFINITY;
