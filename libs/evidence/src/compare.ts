import type { Watermark } from '@weir/model';
import { canonicalData, resultId } from './result-row.ts';
import type { ResultRow } from './result-row.ts';

/** A result on which two layers do not agree; a side is undefined where the layer has no such result. */
export interface Difference {
  readonly id: string;
  readonly speed: ResultRow | undefined;
  readonly batch: ResultRow | undefined;
}

export interface Comparison {
  /** Results that at least one side has. */
  readonly compared: number;
  readonly equal: number;
  readonly differences: readonly Difference[];
}

/** Compares two layers' results of windows with `end <= frontier`, by value. O(n). */
export function compare(speed: readonly ResultRow[], batch: readonly ResultRow[], frontier: Watermark): Comparison {
  const left = byId(speed, frontier);
  const right = byId(batch, frontier);
  const differences: Difference[] = [];
  let equal = 0;
  for (const [id, row] of left) {
    const other = right.get(id);
    if (other !== undefined && canonicalData(row.data) === canonicalData(other.data)) equal++;
    else differences.push({ id, speed: row, batch: other });
  }
  for (const [id, row] of right) {
    if (!left.has(id)) differences.push({ id, speed: undefined, batch: row });
  }
  return { compared: equal + differences.length, equal, differences };
}

function byId(rows: readonly ResultRow[], frontier: Watermark): Map<string, ResultRow> {
  const map = new Map<string, ResultRow>();
  for (const row of rows) if (row.end <= frontier) map.set(resultId(row), row);
  return map;
}
