import type { Aggregator } from '@weir/model';
import { aggregator } from '@weir/operators';

/** The rows that are greatest so far. */
export interface Greatest<Row> {
  /** Null before the first row. */
  value: number | null;
  rows: Row[];
}

/** All rows with the greatest value, by `id` ascending: an aggregate of Nexmark's own, by the same door as those of the library. */
export function allGreatest<Row extends object>(by: (row: Row) => number, id: (row: Row) => number): Aggregator<Row, Greatest<Row>, readonly Row[]> {
  const join = (held: Greatest<Row>, value: number, rows: readonly Row[]): Greatest<Row> => {
    if (held.value === null || value > held.value) return { value, rows: [...rows] };
    if (value < held.value) return held;
    held.rows.push(...rows);
    // In order at all times, so that equal accumulators are equal bytes.
    held.rows.sort((a, b) => id(a) - id(b));
    return held;
  };
  return aggregator<Row, Greatest<Row>, readonly Row[]>({
    name: 'allGreatest',
    create: () => ({ value: null, rows: [] }),
    add: (held, row) => (held.value !== null && by(row) < held.value ? held : join(held, by(row), [{ ...row }])),
    merge: (into, from) => (from.value === null ? into : join(into, from.value, from.rows)),
    finish: (held) => [...held.rows],
  });
}
