import type { Duration, Watermark } from '@weir/model';
import { MAX_WATERMARK } from '@weir/model';
import type { WatermarkTracker } from './watermark-tracker.ts';

/** Sources that are read side by side: none of their partitions runs ahead of the others by more than `maxDrift` of event time. */
export interface Alignment {
  /** Sources of one pipeline that name the same group are aligned with each other. */
  readonly group: string;
  /** How far a partition of this source may be ahead of the least of the group. */
  readonly maxDrift: Duration;
}

/**
 * The watermark above which a partition is not read now: the least of the group + `maxDrift`; infinity when nothing holds it back.
 * Partitions that are idle, and those that have no watermark yet, hold nobody back; so while their number is finite one of the others is
 * always below the limit, and the group goes on. A pure function of the trackers: at a replay it is what it was.
 */
export function alignmentLimit(group: readonly WatermarkTracker[], maxDrift: Duration): Watermark {
  let least = MAX_WATERMARK;
  for (const tracker of group) least = Math.min(least, tracker.leastLive());
  return least + maxDrift;
}
