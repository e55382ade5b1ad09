import type { Revenue, Row, RowLabel } from './serving-api.ts';

/** One hour of revenue, of one country or of all. */
export interface RevenueHour {
  /** Inclusive. */
  readonly start: number;
  readonly cents: number;
  readonly units: number;
  readonly orders: number;
  /** Null for an hour in which nothing was ordered. */
  readonly label: RowLabel | null;
}

export const HOUR_MILLISECONDS = 3_600_000;

/**
 * The newest `most` hours, oldest first, without holes. An hour is as good as the least of its rows: provisional if one of them is.
 * `country` null adds all of them up.
 */
export function revenueHours(rows: readonly Row<Revenue>[], country: string | null, most: number): readonly RevenueHour[] {
  const hours = new Map<number, RevenueHour>();
  for (const { key, window, data, label } of rows) {
    if (country !== null && key !== country) continue;
    const before = hours.get(window.start);
    hours.set(window.start, {
      start: window.start,
      cents: (before?.cents ?? 0) + data.cents,
      units: (before?.units ?? 0) + data.units,
      orders: (before?.orders ?? 0) + data.orders,
      label: lesser(before?.label ?? null, label),
    });
  }
  if (hours.size === 0) return [];
  // A country may be silent in hours in which others are not: the span is everybody's.
  const starts = rows.map(({ window }) => window.start);
  const newest = Math.max(...starts);
  const oldest = Math.max(Math.min(...starts), newest - (most - 1) * HOUR_MILLISECONDS);
  const filled: RevenueHour[] = [];
  for (let start = oldest; start <= newest; start += HOUR_MILLISECONDS) {
    filled.push(hours.get(start) ?? { start, cents: 0, units: 0, orders: 0, label: null });
  }
  return filled;
}

/** Countries by what they ordered in the rows, most first. */
export function countriesByRevenue(rows: readonly Row<Revenue>[]): readonly string[] {
  const cents = new Map<string, number>();
  for (const { key, data } of rows) cents.set(key, (cents.get(key) ?? 0) + data.cents);
  return [...cents].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1)).map(([country]) => country);
}

/** The label that promises less. */
function lesser(a: RowLabel | null, b: RowLabel): RowLabel {
  if (a === null) return b;
  if (a.completeness !== b.completeness) return a.completeness === 'provisional' ? a : b;
  return (a.watermark ?? Number.NEGATIVE_INFINITY) <= (b.watermark ?? Number.NEGATIVE_INFINITY) ? a : b;
}

/** Leaves out the oldest hour when the rows were cut to `limit`, as some of its countries may be missing. Rows come newest first. */
export function wholeHours(rows: readonly Row<Revenue>[], limit: number): readonly Row<Revenue>[] {
  const oldest = rows.at(-1)?.window.end;
  return rows.length < limit ? rows : rows.filter(({ window }) => window.end !== oldest);
}
