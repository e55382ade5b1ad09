import { WeirError } from '@weir/model';
import type { Change, Key, KeySelector, Window } from '@weir/model';
import { filter, map } from '@weir/operators';
import type { BroadcastProcessFunction, BroadcastProcessOptions, Changed, CountWindows, DetectLimits, FlatMapOptions, JoinKind, JoinedRows, OnRequestFailure, OperatorStates, OutputDeclarations, Pattern, ProcessFunction, ProcessOptions, ProcessOrder, RegularJoinKind, StateDeclarations, WindowAssigner } from '@weir/operators';
import type { RecordSchema } from '@weir/schema';
import { enrichStage } from './enrich.ts';
import type { AnswerOf, EnrichDecisions, EnrichOutputs } from './enrich.ts';
import { eventTimeOf } from './event-time.ts';
import type { EventTimeOptions } from './event-time.ts';
import { checkField } from './fields.ts';
import type { Graph } from './graph.ts';
import { intervalJoinStage, regularJoinStage, windowJoinStage } from './joins.ts';
import type { IntervalJoinDecisions, JoinOutputs, RegularJoinDecisions, WindowJoinDecisions } from './joins.ts';
import { operatorStage } from './operator-stage.ts';
import type { OperatorOutputs, TypedOperator } from './operator-stage.ts';
import { detectStage } from './patterns.ts';
import type { DetectOutputs } from './patterns.ts';
import { broadcastProcessStage, processStage } from './process.ts';
import type { None, ProcessOutputs } from './process.ts';
import { asChangelogStage, assignIdsStage, changesStage, flatMapStage, projectStage, splitByStage, splitStage, unionStage } from './shaping.ts';
import type { SplitByOutputs, SplitOutputs } from './shaping.ts';
import type {
  CountWindowOptions,
  KeyOf,
  KeyedStream,
  SinkPort,
  Stream,
  UntimedStream,
  WindowOptions,
  WindowedStream,
} from './stream.ts';
import { deduplicateStage, lookupJoinStage, temporalJoinStage, toTableStage } from './table-stages.ts';
import type { DeduplicateDecisions, LookupJoinDecisions, Table, TableDecisions, TableOutputs, TemporalJoinDecisions, TimedOutputs } from './tables.ts';
import type { Edge } from './topology.ts';
import { CountWindowedStage, WindowedStage } from './windows.ts';

/** A sink of the pipeline under definition. */
export class Port implements SinkPort<never> {
  readonly graph: Graph;
  readonly name: string;

  constructor(graph: Graph, name: string) {
    this.graph = graph;
    this.name = name;
  }
}

/** A source of the pipeline under definition. */
export class SourceStage<Row> implements UntimedStream<Row> {
  readonly #graph: Graph;
  readonly #source: string;

  constructor(graph: Graph, source: string) {
    this.#graph = graph;
    this.#source = source;
  }

  withEventTime(options: EventTimeOptions<Row>): Stream<Row> {
    const edge = this.#graph.source(this.#source, eventTimeOf(this.#graph.pipeline, this.#source, options));
    if (typeof options.timestamp === 'string') checkField(this.#graph, undefined, edge, options.timestamp, 'time');
    return new StreamStage(this.#graph, edge);
  }
}

/** A stream of the pipeline under definition: an output of a node. Made by whatever adds a node. */
export class StreamStage<Row> implements Stream<Row> {
  readonly graph: Graph;
  readonly edge: Edge;

  constructor(graph: Graph, edge: Edge) {
    this.graph = graph;
    this.edge = edge;
  }

  map<Out>(transform: (row: Row) => Out): Stream<Out> {
    return new StreamStage(this.graph, this.graph.operator(undefined, map(transform), this.edge));
  }

  filter(predicate: (row: Row) => boolean): Stream<Row> {
    return new StreamStage(this.graph, this.graph.operator(undefined, filter(predicate), this.edge));
  }

  flatMap<Out>(transform: (row: Row) => Iterable<Out>, options?: FlatMapOptions): Stream<Out> {
    return flatMapStage(this, transform, options);
  }

  project<Name extends keyof Row & string>(...fields: readonly Name[]): Stream<Pick<Row, Name>> {
    return projectStage(this, fields);
  }

  union(...others: readonly [Stream<Row>, ...Stream<Row>[]]): Stream<Row> {
    return unionStage(this, others);
  }

  split<const Predicates extends Readonly<Record<string, (row: Row) => boolean>>>(predicates: Predicates): SplitOutputs<Row, keyof Predicates> {
    return splitStage(this, predicates);
  }

  splitBy<const Names extends readonly string[]>(outputs: Names, selector: (row: Row) => Names[number]): SplitByOutputs<Row, Names[number]> {
    return splitByStage(this, outputs, selector);
  }

  assignIds<const Name extends string>(name: Name, fields?: readonly (keyof Row & string)[]): Stream<Row & { readonly [Field in Name]: string }> {
    return assignIdsStage(this, name, fields);
  }

  enrich<Out, Response extends RecordSchema | undefined = undefined, const Failure extends OnRequestFailure = OnRequestFailure>(
    name: string,
    decisions: EnrichDecisions<Row, Response, Failure>,
    join: (row: Row, answer: AnswerOf<Response, Failure>) => Out,
  ): EnrichOutputs<Row, Out, Failure> {
    return enrichStage(name, this, decisions, join);
  }

  changes(): Stream<Changed<Row>> {
    return changesStage(this);
  }

  asChangelog(changeOf: (row: Row) => Change): Stream<Row> {
    return asChangelogStage(this, changeOf);
  }

  operator<Outputs extends Readonly<Record<string, unknown>>>(name: string, spec: TypedOperator<Row, Outputs>): OperatorOutputs<Outputs> {
    return operatorStage(this, name, spec);
  }

  through<Next>(transform: (stream: Stream<Row>) => Next): Next {
    return transform(this);
  }

  keyBy<Selector extends string | ((row: Row) => Key)>(selector: Selector): KeyedStream<Row, KeyOf<Row, Selector>> {
    return new KeyedStage(this.graph, this.edge, typeof selector === 'string' ? { field: selector } : { of: selector });
  }

  lookupJoin<Version, K extends Key, Kind extends 'inner' | 'left', Out>(name: string, table: Table<Version, K>, decisions: LookupJoinDecisions<Row, Kind, K>, join: (...rows: JoinedRows<Kind, Row, Version>) => Out): TimedOutputs<Row, Out> {
    return lookupJoinStage(name, this, table, decisions, join);
  }

  to(sink: SinkPort<Row>): void {
    if (!(sink instanceof Port) || sink.graph !== this.graph) {
      throw new WeirError('TOPOLOGY_FOREIGN_SINK', `'${sink.name}' is not a sink of this pipeline.`, {
        pipeline: this.graph.pipeline,
        remedy: "Declare it under 'sinks' and use the one that the definition is given.",
      });
    }
    this.graph.sink(sink.name, this.edge);
  }

  discard(reason: string): void {
    this.graph.discard(reason, this.edge);
  }
}

/** A stream with the key that its rows are grouped by. */
export class KeyedStage<Row, K> implements KeyedStream<Row, K> {
  readonly graph: Graph;
  readonly edge: Edge;
  readonly key: KeySelector<Row>;

  constructor(graph: Graph, edge: Edge, key: KeySelector<Row>) {
    this.graph = graph;
    this.edge = edge;
    this.key = key;
  }

  window(assigner: WindowAssigner<Row>, options: WindowOptions<Row>): WindowedStream<Row, K> {
    return new WindowedStage(this, assigner, options);
  }

  countWindow(windows: CountWindows, options: CountWindowOptions = {}): WindowedStream<Row, K> {
    return new CountWindowedStage(this, windows, options);
  }

  process<Out, States extends StateDeclarations = None, Outputs extends OutputDeclarations = None, Instance extends OperatorStates = None, Order extends ProcessOrder = 'arrival'>(
    name: string,
    definition: ProcessFunction<Row, K, States, Out, Outputs, Instance>,
    options?: ProcessOptions<Order>,
  ): ProcessOutputs<Row, Out, Outputs, Order> {
    return processStage(name, this, definition, options);
  }

  processWithBroadcast<Rule, F extends Key, V, Out, States extends StateDeclarations = None, Outputs extends OutputDeclarations = None>(
    name: string,
    rules: Stream<Rule>,
    definition: BroadcastProcessFunction<Row, Rule, K, F, V, States, Out, Outputs>,
    options?: BroadcastProcessOptions,
  ): ProcessOutputs<Row, Out, Outputs, 'event-time'> {
    return broadcastProcessStage(name, this, rules, definition, options);
  }

  intervalJoin<Other, const Kind extends JoinKind, Out>(
    name: string,
    right: KeyedStream<Other, K>,
    decisions: IntervalJoinDecisions<Kind>,
    join: (...rows: JoinedRows<Kind, Row, Other>) => Out,
  ): JoinOutputs<Row, Other, Out> {
    return intervalJoinStage(name, this, right, decisions, join);
  }

  windowJoin<Other, const Kind extends JoinKind, Out>(
    name: string,
    right: KeyedStream<Other, K>,
    decisions: WindowJoinDecisions<Kind, Row | Other>,
    join: (...rowsAndWindow: [...JoinedRows<Kind, Row, Other>, window: Window]) => Out,
  ): JoinOutputs<Row, Other, Out> {
    return windowJoinStage(name, this, right, decisions, join);
  }

  join<Other, const Kind extends RegularJoinKind, Out>(
    name: string,
    right: KeyedStream<Other, K>,
    decisions: RegularJoinDecisions<Kind>,
    join: (...rows: JoinedRows<Kind, Row, Other>) => Out,
  ): JoinOutputs<Row, Other, Out> {
    return regularJoinStage(name, this, right, decisions, join);
  }

  toTable(name: string, decisions: TableDecisions<Row> = {}): TableOutputs<Row, K & Key> {
    return toTableStage(name, this, decisions);
  }

  temporalJoin<Version, Kind extends 'inner' | 'left', Out>(name: string, table: Table<Version, K & Key>, decisions: TemporalJoinDecisions<Kind>, join: (...rows: JoinedRows<Kind, Row, Version>) => Out): TimedOutputs<Row, Out> {
    return temporalJoinStage(name, this, table, decisions, join);
  }

  deduplicate(name: string, decisions: DeduplicateDecisions): TimedOutputs<Row, Row> {
    return deduplicateStage(name, this, decisions);
  }

  detect<Match, Out>(name: string, pattern: Pattern<Row, Match>, select: (match: Match, key: K) => Out, limits?: DetectLimits<Row>): DetectOutputs<Row, K, Match, Out> {
    return detectStage(name, this, pattern, select, limits);
  }
}
