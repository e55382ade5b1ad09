import type { Watermark } from '@weir/model';
import type { Cause } from './cause.ts';
import type { Difference } from './compare.ts';
import { canonicalData, resultId } from './result-row.ts';
import type { ResultRow } from './result-row.ts';

/** What the plain recomputation of the differing windows gave, per set of rows; results by id. */
export interface Recomputed {
  readonly batch: ReadonlyMap<string, ResultRow>;
  readonly speed: ReadonlyMap<string, ResultRow>;
  /** Rows of a difference's window (for sessions: of its key) that the speed layer refused, and that the replay did not reach. */
  refused(row: ResultRow): { readonly bySpeed: number; readonly byRange: number };
}

export interface JudgeOptions {
  readonly session: boolean;
  /** How far the speed layer's watermark is at the end of its track. */
  readonly speedWatermark: Watermark;
  /** All results of the speed layer, to find sessions that touch. */
  readonly speedRows: readonly ResultRow[];
}

/** Names the cause of one difference, or UNKNOWN when neither side's number follows from the rows it is said to have. */
export function judge(difference: Difference, recomputed: Recomputed, options: JudgeOptions): Cause {
  const row = (difference.batch ?? difference.speed)!;
  if (!same(recomputed.batch.get(difference.id), difference.batch)) return 'UNKNOWN';
  if (!same(recomputed.speed.get(difference.id), difference.speed)) {
    // A session is over when the watermark is behind its end, another window when it is there.
    const isOpen = options.speedWatermark < row.end || (options.session && options.speedWatermark === row.end);
    if (difference.speed?.isLast !== true && isOpen) return 'SPECULATIVE';
    return options.session && isBridged(row, recomputed, options.speedRows) ? 'SESSION_BRIDGED' : 'UNKNOWN';
  }
  const refused = recomputed.refused(row);
  if (refused.bySpeed > 0) return 'LATE_DROPPED';
  return refused.byRange > 0 ? 'OUT_OF_FRONTIER' : 'UNKNOWN';
}

function same(left: ResultRow | undefined, right: ResultRow | undefined): boolean {
  if (left === undefined || right === undefined) return left === right;
  return canonicalData(left.data) === canonicalData(right.data);
}

/**
 * A row within the gap of a session whose state had expired opens a session of its own. Then the speed layer's sessions of the
 * key that touch, joined, are the sessions of its rows.
 */
function isBridged(row: ResultRow, recomputed: Recomputed, speedRows: readonly ResultRow[]): boolean {
  const joined: { start: number; end: number }[] = [];
  const mine = speedRows.filter((other) => String(other.key) === String(row.key)).sort((a, b) => a.start - b.start || a.end - b.end);
  for (const { start, end } of mine) {
    const last = joined.at(-1);
    if (last !== undefined && start <= last.end) last.end = Math.max(last.end, end);
    else joined.push({ start, end });
  }
  const around = joined.find((span) => span.start <= row.start && row.end <= span.end);
  return around !== undefined && recomputed.speed.has(resultId({ key: row.key, ...around }));
}
