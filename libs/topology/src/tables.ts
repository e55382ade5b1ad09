import type { Aggregator, Duration, Key } from '@weir/model';
import type { ChangeRow, JoinedRows, RankValue, RankedRow, TableEntry, TableJoinKind, ToTableOptions, UpsertRow, ValueField } from '@weir/operators';
import type { KeyOf, Stream } from './stream.ts';

/** The decisions of a stream that becomes a table. */
export type TableDecisions<Row> = Omit<ToTableOptions<Row>, 'key'>;

/** The two outputs of a stream that becomes a table. */
export interface TableOutputs<Row, K extends Key> {
  readonly table: Table<Row, K>;
  /** Rows that were behind the watermark; they have not changed the table. */
  readonly late: Stream<Row>;
}

/** The decisions of a join of a stream with a table as of event time. */
export interface TemporalJoinDecisions<Kind extends 'inner' | 'left'> {
  /** `left` keeps rows that meet no version, with null in its place. */
  readonly kind: Kind;
  /** Versions are kept, and rows still joined, until the watermark has passed them by this; what comes out is held back by it. Default 0. */
  readonly allowedLateness?: Duration;
  /** Versions of the table that one instance keeps at most; more fail with TABLE_FULL. Default 10,000,000. */
  readonly limit?: number;
}

/** The decisions of a join of a stream with a table that every instance has all of. */
export interface LookupJoinDecisions<Row, Kind extends 'inner' | 'left', K extends Key> extends TemporalJoinDecisions<Kind> {
  /** The key of the table that a row means; null when it means none. Pure. */
  readonly key: (row: Row) => K | null;
}

/** The two outputs of a step that takes rows in order of event time. */
export interface TimedOutputs<Row, Out> {
  readonly results: Stream<Out>;
  /** Rows that were behind the watermark. */
  readonly late: Stream<Row>;
}

/** The decisions of a deduplication. */
export interface DeduplicateDecisions {
  /** A row is a duplicate of the first one of its key that is less than this older than it; at exactly this distance it is a first one again. */
  readonly within: Duration;
  /** `first` drops the duplicates; with `last` each replaces the row before it, and the results are a changelog. */
  readonly keep: 'first' | 'last';
  /** Keys that one instance remembers at most; more fail with TABLE_FULL. Default 10,000,000. */
  readonly limit?: number;
}

/** The decisions of a join of two tables. */
export interface TableJoinDecisions<Kind extends TableJoinKind> {
  readonly kind: Kind;
  /** Rows of each table that one instance keeps at most; more fail with TABLE_FULL. Default 10,000,000. */
  readonly limit?: number;
}

/** The decisions of a join on a key that the rows of the left table name. */
export interface ForeignKeyJoinDecisions<Row, Kind extends 'inner' | 'left', F extends Key> extends TableJoinDecisions<Kind> {
  /** The primary key of the other table; null when a row names none. Pure. */
  readonly key: (row: Row) => F | null;
}

/** The decisions of aggregates by group. */
export interface GroupDecisions {
  /** A group that nothing has touched for this long, in event time, leaves the table with its rows; at exactly this age it is gone. Default never. */
  readonly timeToLive?: Duration;
  /** Rows that one instance keeps at most, where it must keep some; more fail with TABLE_FULL. Default 10,000,000. */
  readonly limit?: number;
}

/** The decisions of a ranking. */
export interface TopDecisions<Row, Ranks extends boolean> {
  /** Places in each group; a whole number of at least 1. */
  readonly n: number;
  /** A field, or a pure function of the row. Rows without a value come last; equal ones by primary key, ascending. */
  readonly by: ValueField<Row> | ((row: Row) => RankValue);
  readonly order: 'ascending' | 'descending';
  /** True: rows come as `{ rank, row }`, and one whose place changes is an update. Default false. */
  readonly ranks?: Ranks;
  /** Rows of the table that one instance keeps at most; more fail with TABLE_FULL. Default 10,000,000. */
  readonly limit?: number;
}

/**
 * Rows by primary key, at each instant of event time. Whatever is computed from a table is a table that is right at each instant, and
 * moves on with the watermark. Read it as often as you like; end it by making it a stream again.
 */
export interface Table<Row, K extends Key> {
  /** Another row under each key. Pure; its argument must not be changed. */
  map<Out>(transform: (row: Row, key: K) => Out): Table<Out, K>;
  /** The rows that the pure function accepts; a row that comes to be accepted is inserted, one that no longer is, deleted. */
  filter(name: string, predicate: (row: Row, key: K) => boolean): Table<Row, K>;
  /** The rows of two tables with equal keys. `name` identifies the state in checkpoints. */
  join<Other, const Kind extends TableJoinKind, Out>(
    name: string,
    other: Table<Other, K>,
    decisions: TableJoinDecisions<Kind>,
    join: (...rows: JoinedRows<Kind, Row, Other>) => Out,
  ): Table<Out, K>;
  /** Each row with the row of the other table whose key it names; the result stands under the key of this one. `name` identifies the state in checkpoints. */
  foreignKeyJoin<Other, F extends Key, const Kind extends 'inner' | 'left', Out>(
    name: string,
    other: Table<Other, F>,
    decisions: ForeignKeyJoinDecisions<Row, Kind, NoInfer<F>>,
    join: (...rows: JoinedRows<Kind, Row, Other>) => Out,
  ): Table<Out, K>;
  /** Groups the rows by a field, or by what a pure function returns. A null group fails at run time with KEY_MISSING. */
  groupBy<Selector extends ValueField<Row> | ((row: Row) => Key)>(selector: Selector): GroupedTable<Row, K, KeyOf<Row, Selector>>;
  /** The first rows of the whole table. `name` identifies the state in checkpoints. */
  topN<const Ranks extends boolean = false>(name: string, decisions: TopDecisions<Row, Ranks>): Table<Ranks extends true ? RankedRow<Row> : Row, K>;
  /** The changelog: each row says by `Batch.changes` whether it comes or goes. What sinks of changelogs and further steps take. */
  toStream(): Stream<TableEntry<Row, K>>;
  /** The changelog as plain rows that name their change. */
  toChangelog(): Stream<ChangeRow<Row, K>>;
  /** New rows only, and a null for a key that has none any more: what an upsert sink or a compacted topic takes. */
  toUpserts(): Stream<UpsertRow<Row, K>>;
}

/** The rows of a table by group. */
export interface GroupedTable<Row, K extends Key, G> {
  /** Aggregates the rows that each group has at each instant, without windows. `name` identifies the state in checkpoints. */
  aggregate<Value extends object>(
    name: string,
    aggregators: { readonly [Name in keyof Value]: Aggregator<Row, unknown, Value[Name]> },
    decisions?: GroupDecisions,
  ): Table<Value, G & Key>;
  /** The first rows of each group. `name` identifies the state in checkpoints. */
  topN<const Ranks extends boolean = false>(name: string, decisions: TopDecisions<Row, Ranks>): Table<Ranks extends true ? RankedRow<Row> : Row, K>;
}
