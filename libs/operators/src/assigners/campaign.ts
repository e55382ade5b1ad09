import type { Timestamp } from '@weir/model';
import { WeirError } from '@weir/model';
import type { CustomAssigner } from '../windows/assigner.ts';

/** One campaign: [start, end). */
export interface Campaign {
  readonly start: Timestamp;
  readonly end: Timestamp;
}

/**
 * The windows are these intervals, which may overlap and leave gaps: a row is in every campaign that runs at its time, or in none, and is
 * then counted as filtered. Equal intervals are one window. O(log n + campaigns that begin before the row and end after the oldest that
 * still runs). Throws CAMPAIGN_INTERVAL.
 */
export function campaign(campaigns: readonly Campaign[]): CustomAssigner<unknown> {
  for (const { start, end } of campaigns) {
    if (start < end && Number.isFinite(start) && Number.isFinite(end)) continue;
    throw new WeirError('CAMPAIGN_INTERVAL', `A campaign cannot run from ${start} to ${end}.`, { remedy: 'Use timestamps of which the start comes first.' });
  }
  const sorted = [...campaigns].sort((a, b) => a.start - b.start || a.end - b.end);
  const starts = Float64Array.from(sorted, ({ start }) => start);
  const ends = Float64Array.from(sorted, ({ end }) => end);
  // The greatest end of a campaign and all that begin before it: where it is past, none of them runs any more.
  const latestEnds = ends.slice();
  for (let i = 1; i < latestEnds.length; i++) latestEnds[i] = Math.max(latestEnds[i]!, latestEnds[i - 1]!);
  return Object.freeze({
    kind: 'custom' as const,
    describe: `campaign ${sorted.map(({ start, end }) => `[${start}, ${end})`).join(' ')}`,
    merging: false,
    reads: [],
    assign: (timestamp, _key, _row, into) => {
      const to = countUpTo(starts, timestamp);
      for (let i = countUpTo(latestEnds, timestamp); i < to; i++) if (ends[i]! > timestamp) into.add(starts[i]!, ends[i]!);
    },
  } satisfies CustomAssigner<unknown>);
}

/** How many of the values, which ascend, are not above a bound. */
function countUpTo(values: Float64Array, bound: number): number {
  let low = 0;
  let high = values.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (values[middle]! <= bound) low = middle + 1;
    else high = middle;
  }
  return low;
}
