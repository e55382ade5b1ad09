import type { Key } from '@weir/model';

/** One row of a table with the primary key that it stands under: what the rows of a table's changelog are. */
export interface TableEntry<Row = unknown, K = Key> {
  readonly key: K;
  readonly value: Row;
}
