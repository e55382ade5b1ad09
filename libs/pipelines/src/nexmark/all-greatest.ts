import type { Aggregator, BinaryReader, BinaryWriter } from '@weir/model';

/** The rows that are greatest so far, and by how much. */
export interface Greatest<Row> {
  value: number;
  rows: Row[];
}

/**
 * All rows with the greatest value, in the order of `id`; of rows with equal ids any one comes first. An aggregate of Nexmark's own, by
 * the same door as those of the library.
 */
export function allGreatest<Row extends object>(by: (row: Row) => number, id: (row: Row) => number): Aggregator<Row, Greatest<Row>, readonly Row[]> {
  const join = (held: Greatest<Row>, value: number, rows: readonly Row[]): Greatest<Row> => {
    if (value > held.value) {
      held.value = value;
      held.rows = [];
    }
    if (value === held.value) held.rows.push(...rows);
    return held;
  };
  const ordered = (rows: readonly Row[]): Row[] => [...rows].sort((a, b) => id(a) - id(b));
  return Object.freeze({
    kind: 'all-greatest',
    describe: 'allGreatest(function)',
    create: () => ({ value: Number.NEGATIVE_INFINITY, rows: [] }),
    add: (held: Greatest<Row>, row: Row) => join(held, by(row), by(row) >= held.value ? [{ ...row }] : []),
    merge: (into: Greatest<Row>, from: Greatest<Row>) => join(into, from.value, from.rows),
    finish: (held: Greatest<Row>) => ordered(held.rows),
    write: (held: Greatest<Row>, writer: BinaryWriter) => {
      writer.float64(held.value);
      writer.json(ordered(held.rows));
    },
    read: (reader: BinaryReader) => ({ value: reader.float64(), rows: reader.json() as Row[] }),
  });
}
