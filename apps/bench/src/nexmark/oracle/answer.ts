import type { Logged, LoggedEvents } from '../logged-events.ts';

/** A row of an answer; the names are those of the query's sink. */
export type AnswerRow = Readonly<Record<string, string | number>>;

/** Computes the answer of a query from all events at once, by sorting, grouping and folding plain arrays. */
export type Answer = (events: LoggedEvents) => readonly AnswerRow[];

/** The rows of each key, in their order. */
export function grouped<Row>(rows: Iterable<Row>, keyOf: (row: Row) => string | number): Map<string | number, Row[]> {
  return Map.groupBy(rows, keyOf);
}

/** The order in which rows count as having happened: by time, then by place in the log. */
export function happenedBefore<Row extends { readonly dateTime: number }>(a: Logged<Row>, b: Logged<Row>): number {
  return a.row.dateTime - b.row.dateTime || a.partition - b.partition || a.offset - b.offset;
}

/** `2026-01-31T23:59:00.000Z`, of which queries want parts. */
export function isoOf(time: number): string {
  return new Date(time).toISOString();
}

export function total(values: readonly number[]): number {
  let sum = 0;
  for (const value of values) sum += value;
  return sum;
}
