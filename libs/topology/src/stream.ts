import type { Aggregator, Change, Duration, Key, Pane, Window } from '@weir/model';
import type { Accumulation, BroadcastProcessFunction, BroadcastProcessOptions, Changed, CountWindows, DetectLimits, FlatMapOptions, JoinKind, JoinedRows, OnRequestFailure, OperatorStates, OutputDeclarations, Pattern, ProcessFunction, ProcessOptions, ProcessOrder, RegularJoinKind, StateDeclarations, Trigger, ValueField, WindowAssigner } from '@weir/operators';
import type { RecordSchema } from '@weir/schema';
import type { AnswerOf, EnrichDecisions, EnrichOutputs } from './enrich.ts';
import type { EventTimeOptions } from './event-time.ts';
import type { DetectOutputs } from './patterns.ts';
import type { None, ProcessOutputs } from './process.ts';
import type { SplitByOutputs, SplitOutputs } from './shaping.ts';
import type { DeduplicateDecisions, LookupJoinDecisions, Table, TableDecisions, TableOutputs, TemporalJoinDecisions, TimedOutputs } from './tables.ts';
import type { OperatorOutputs, TypedOperator } from './operator-stage.ts';
import type { IntervalJoinDecisions, JoinOutputs, RegularJoinDecisions, WindowJoinDecisions } from './joins.ts';

/** Names of the fields of a row that hold a number. */
export type NumberField<Row> = { [Name in keyof Row]-?: Row[Name] extends number ? Name : never }[keyof Row] & string;

/** The type of key that a selector yields. */
export type KeyOf<Row, Selector> = Selector extends keyof Row
  ? NonNullable<Row[Selector]>
  : Selector extends (row: Row) => infer K
    ? K
    : never;

/** The decisions that a windowed step must spell; nothing defaults. */
export interface WindowOptions<Row = never> {
  /** State is kept, and a row still counts, until the watermark reaches window end + this. */
  readonly allowedLateness: Duration;
  readonly trigger: Trigger<Row>;
  /** Whether a firing holds all rows of the window so far, or those since the firing before; and whether it first takes back what that one said. */
  readonly accumulation: Accumulation;
}

export interface CountWindowOptions {
  /** Rows that may wait for the watermark at once; more throw BUFFER_FULL. Default 1,000,000. */
  readonly limit?: number;
}

/** One firing of one window of one key. */
export interface WindowResult<K, Value> {
  readonly key: K;
  readonly window: Window;
  readonly pane: Pane;
  readonly value: Value;
}

/** The two outputs of a windowed step. */
export interface WindowOutputs<Row, K, Value> {
  readonly results: Stream<WindowResult<K, Value>>;
  /** Rows that at least one of their windows refused because it had been closed for good; once each, though other windows may hold them. */
  readonly late: Stream<Row>;
}

/** A sink as it is named inside a pipeline: where rows of one type may go. */
export interface SinkPort<Row> {
  readonly name: string;
  /** Carries the type; never set. A sink of wide rows takes narrower ones, not the other way round. */
  readonly accepts?: (row: Row) => void;
}

/** A source before its time is decided: the one thing to do with it is to decide. */
export interface UntimedStream<Row> {
  withEventTime(options: EventTimeOptions<Row>): Stream<Row>;
}

/** Rows with event time. Every stream must end in `to` or `discard`; one may be read any number of times. */
export interface Stream<Row> {
  /** One row out for each row in. The function is pure; its argument is valid only during the call. */
  map<Out>(transform: (row: Row) => Out): Stream<Out>;
  /** Keeps the rows for which the pure function returns true. */
  filter(predicate: (row: Row) => boolean): Stream<Row>;
  /** Any number of rows out for each row in. The function is pure; a row that becomes more than `limit` (10,000) fails with FLAT_MAP_LIMIT. */
  flatMap<Out>(transform: (row: Row) => Iterable<Out>, options?: FlatMapOptions): Stream<Out>;
  /** Keeps the named fields. Unlike a `map` it holds no function, so fields that nobody names are not even decoded. */
  project<Name extends keyof Row & string>(...fields: readonly Name[]): Stream<Pick<Row, Name>>;
  /** The rows of this stream and of others, each as it came; the watermark is the least of theirs. */
  union(...others: readonly [Stream<Row>, ...Stream<Row>[]]): Stream<Row>;
  /** Each row to the first output whose pure predicate is true of it, in the order of naming; to `rest` when none is. */
  split<const Predicates extends Readonly<Record<string, (row: Row) => boolean>>>(predicates: Predicates): SplitOutputs<Row, keyof Predicates>;
  /** Each row to the output that the pure function names. */
  splitBy<const Names extends readonly string[]>(outputs: Names, selector: (row: Row) => Names[number]): SplitByOutputs<Row, Names[number]>;
  /** Adds an id that is the same in every layer and replay: the row's place in the log, or a hash of the named fields. */
  assignIds<const Name extends string>(name: Name, fields?: readonly (keyof Row & string)[]): Stream<Row & { readonly [Field in Name]: string }>;
  /** Joins each row with what a function outside the pipeline answers: bound by name where it runs, called by the runtime, recorded. `name` identifies the rows that wait. */
  enrich<Out, Response extends RecordSchema | undefined = undefined, const Failure extends OnRequestFailure = OnRequestFailure>(
    name: string,
    decisions: EnrichDecisions<Row, Response, Failure>,
    join: (row: Row, answer: AnswerOf<Response, Failure>) => Out,
  ): EnrichOutputs<Row, Out, Failure>;
  /** The rows of a changelog with their changes as data: what a regular join says, for sinks that take plain rows. */
  changes(): Stream<Changed<Row>>;
  /** Reads rows as changes, as the pure function says: a log of inserts, updates and deletes, for a regular join. */
  asChangelog(changeOf: (row: Row) => Change): Stream<Row>;
  /** A step by an operator of one's own, which comes through the same door as the built-in ones. `name` identifies its state in checkpoints. */
  operator<Outputs extends Readonly<Record<string, unknown>>>(name: string, spec: TypedOperator<Row, Outputs>): OperatorOutputs<Outputs>;
  /** Applies a function of streams, so that steps can be shared between pipelines without breaking the chain. */
  through<Next>(transform: (stream: Stream<Row>) => Next): Next;
  /** Groups by a field, or by what a pure function returns. A null key fails at run time with KEY_MISSING: filter it out before. */
  keyBy<Selector extends ValueField<Row> | ((row: Row) => Key)>(selector: Selector): KeyedStream<Row, KeyOf<Row, Selector>>;
  /**
   * Joins each row with the row of a table that was valid at its time, where every instance has the whole table: for small ones.
   * `name` identifies the state in checkpoints.
   */
  lookupJoin<Version, K extends Key, const Kind extends 'inner' | 'left', Out>(
    name: string,
    table: Table<Version, K>,
    decisions: LookupJoinDecisions<Row, Kind, NoInfer<K>>,
    join: (...rows: JoinedRows<Kind, Row, Version>) => Out,
  ): TimedOutputs<Row, Out>;
  /** Ends the stream in a sink. */
  to(sink: SinkPort<Row>): void;
  /** Ends the stream on purpose; the reason is printed with the pipeline. */
  discard(reason: string): void;
}

/** Rows grouped by key. */
export interface KeyedStream<Row, K> {
  /** Carries the type; never set. Streams of different types of keys have nothing to join by. */
  readonly keyType?: K;
  /** Windows by time. */
  window(assigner: WindowAssigner<Row>, options: WindowOptions<Row>): WindowedStream<Row, K>;
  /** Windows by numbers of rows in order of event time; each fires once, when it is full and the watermark has passed its last row. */
  countWindow(windows: CountWindows, options?: CountWindowOptions): WindowedStream<Row, K>;
  /** State and timers of each key by hand, for what no other step covers. `name` identifies the state in checkpoints: renaming it drops the state. */
  process<Out, States extends StateDeclarations = None, Outputs extends OutputDeclarations = None, Instance extends OperatorStates = None, Order extends ProcessOrder = 'arrival'>(
    name: string,
    definition: ProcessFunction<Row, K, States, Out, Outputs, Instance>,
    options?: ProcessOptions<Order>,
  ): ProcessOutputs<Row, Out, Outputs, Order>;
  /** The same with a stream of rules that every instance has all of; rows and rules are taken in order of event time, rules before rows. */
  processWithBroadcast<Rule, F extends Key, V, Out, States extends StateDeclarations = None, Outputs extends OutputDeclarations = None>(
    name: string,
    rules: Stream<Rule>,
    definition: BroadcastProcessFunction<Row, Rule, K, F, V, States, Out, Outputs>,
    options?: BroadcastProcessOptions,
  ): ProcessOutputs<Row, Out, Outputs, 'event-time'>;
  /** Joins rows of equal keys that lie near each other in time. `name` identifies the state in checkpoints: renaming it drops the state. */
  intervalJoin<Other, const Kind extends JoinKind, Out>(
    name: string,
    right: KeyedStream<Other, K>,
    decisions: IntervalJoinDecisions<Kind>,
    join: (...rows: JoinedRows<Kind, Row, Other>) => Out,
  ): JoinOutputs<Row, Other, Out>;
  /** Joins rows of equal keys that are in the same window, when the window ends. `name` identifies the state in checkpoints. */
  windowJoin<Other, const Kind extends JoinKind, Out>(
    name: string,
    right: KeyedStream<Other, K>,
    decisions: WindowJoinDecisions<Kind, Row | Other>,
    join: (...rowsAndWindow: [...JoinedRows<Kind, Row, Other>, window: Window]) => Out,
  ): JoinOutputs<Row, Other, Out>;
  /**
   * Joins rows of equal keys of two streams or changelogs, each row with those that live at its time. The results are a changelog.
   * `name` identifies the state in checkpoints.
   */
  join<Other, const Kind extends RegularJoinKind, Out>(
    name: string,
    right: KeyedStream<Other, K>,
    decisions: RegularJoinDecisions<Kind>,
    join: (...rows: JoinedRows<Kind, Row, Other>) => Out,
  ): JoinOutputs<Row, Other, Out>;
  /** The last row of each key, by event time, as a table. `name` identifies the state in checkpoints: renaming it drops the state. */
  toTable(name: string, decisions?: TableDecisions<Row>): TableOutputs<Row, K & Key>;
  /** Joins each row with the row of a table that was valid at its time. `name` identifies the state in checkpoints. */
  temporalJoin<Version, const Kind extends 'inner' | 'left', Out>(
    name: string,
    table: Table<Version, K & Key>,
    decisions: TemporalJoinDecisions<Kind>,
    join: (...rows: JoinedRows<Kind, Row, Version>) => Out,
  ): TimedOutputs<Row, Out>;
  /** One row of each key within a time, by event time. `name` identifies the state in checkpoints. */
  deduplicate(name: string, decisions: DeduplicateDecisions): TimedOutputs<Row, Row>;
  /** Finds the matches of a pattern in the rows of each key, in event time. `name` identifies the state in checkpoints: renaming it drops the state. */
  detect<Match, Out>(name: string, pattern: Pattern<Row, Match>, select: (match: Match, key: K) => Out, limits?: DetectLimits<Row>): DetectOutputs<Row, K, Match, Out>;
}

/** Rows grouped by key and window. */
export interface WindowedStream<Row, K> {
  /** Aggregates each window of each key. `name` identifies the state in checkpoints: renaming it drops the state. */
  aggregate<Value extends object>(
    name: string,
    aggregators: { readonly [Name in keyof Value]: Aggregator<Row, unknown, Value[Name]> },
  ): WindowOutputs<Row, K, Value>;
}
