import type { Aggregator, Key, KeySelector, OperatorSpec } from '@weir/model';
import { WeirError } from '@weir/model';
import { changelogRows, deduplicate, foreignKeyJoin, groupAggregate, lookupJoin, map, tableJoin, tableSettle, temporalJoin, toTable, topRows, upsertRows } from '@weir/operators';
import type { ChangeRow, JoinedRows, RankedRow, TableEntry, TableJoinKind, UpsertRow } from '@weir/operators';
import type { Graph } from './graph.ts';
import { checkName } from './names.ts';
import { checkKeyedStep, outputsOf } from './process.ts';
import type { KeyedPlace } from './process.ts';
import { StreamStage } from './stages.ts';
import type { KeyOf, Stream } from './stream.ts';
import type {
  DeduplicateDecisions,
  ForeignKeyJoinDecisions,
  GroupDecisions,
  GroupedTable,
  LookupJoinDecisions,
  Table,
  TableDecisions,
  TableJoinDecisions,
  TableOutputs,
  TemporalJoinDecisions,
  TimedOutputs,
  TopDecisions,
} from './tables.ts';
import type { Edge } from './topology.ts';

/** `toTable()` on a keyed stream, as a step. */
export function toTableStage<Row, K extends Key>(name: string, stream: KeyedPlace<Row>, decisions: TableDecisions<Row>): TableOutputs<Row, K> {
  checkKeyedStep(name, stream);
  const { node } = stream.graph.operator(name, toTable({ ...decisions, key: stream.key }), stream.edge);
  return {
    table: new TableStage<Row, K>(stream.graph, { node, port: 0 }, name, true),
    late: new StreamStage(stream.graph, { node, port: 1 }),
  };
}

/** `deduplicate()` on a keyed stream, as a step. */
export function deduplicateStage<Row>(name: string, stream: KeyedPlace<Row>, decisions: DeduplicateDecisions): TimedOutputs<Row, Row> {
  checkKeyedStep(name, stream);
  return outputsOf(stream.graph, name, deduplicate({ ...decisions, key: stream.key }), [stream.edge]) as TimedOutputs<Row, Row>;
}

/** `temporalJoin()` on a keyed stream, as a step. Throws TOPOLOGY_FOREIGN_TABLE. */
export function temporalJoinStage<Row, Version, K extends Key, Kind extends 'inner' | 'left', Out>(
  name: string,
  stream: KeyedPlace<Row>,
  table: Table<Version, K>,
  decisions: TemporalJoinDecisions<Kind>,
  join: (...rows: JoinedRows<Kind, Row, Version>) => Out,
): TimedOutputs<Row, Out> {
  checkKeyedStep(name, stream);
  const spec = temporalJoin({ ...decisions, key: stream.key, join });
  return outputsOf(stream.graph, name, spec, [stream.edge, tableIn(stream.graph, name, table)]) as TimedOutputs<Row, Out>;
}

/** `lookupJoin()` on a stream, as a step. Throws TOPOLOGY_FOREIGN_TABLE. */
export function lookupJoinStage<Row, Version, K extends Key, Kind extends 'inner' | 'left', Out>(
  name: string,
  { graph, edge }: { readonly graph: Graph; readonly edge: Edge },
  table: Table<Version, K>,
  decisions: LookupJoinDecisions<Row, Kind, K>,
  join: (...rows: JoinedRows<Kind, Row, Version>) => Out,
): TimedOutputs<Row, Out> {
  checkName('step', name, graph.pipeline);
  return outputsOf(graph, name, lookupJoin({ ...decisions, join }), [edge, tableIn(graph, name, table)]) as TimedOutputs<Row, Out>;
}

/** The edge of a table that a step reads beside its own input. Throws TOPOLOGY_FOREIGN_TABLE. */
function tableIn(graph: Graph, step: string, table: unknown): Edge {
  if (table instanceof TableStage && table.graph === graph) return table.edge;
  throw new WeirError('TOPOLOGY_FOREIGN_TABLE', 'A table is joined that is not of this pipeline.', {
    pipeline: graph.pipeline,
    step,
    remedy: 'Join tables that come from the sources which the definition is given.',
  });
}

/** A table of the pipeline under definition: the output of a node that is a changelog of entries. */
export class TableStage<Row, K extends Key> implements Table<Row, K> {
  readonly graph: Graph;
  readonly edge: Edge;
  readonly #name: string;
  /** Where the changes of one key come from one instance; undefined until a step has brought them there. */
  #settled: Edge | undefined;

  constructor(graph: Graph, edge: Edge, name: string, settled: boolean) {
    this.graph = graph;
    this.edge = edge;
    this.#name = name;
    this.#settled = settled ? edge : undefined;
  }

  map<Out>(transform: (row: Row, key: K) => Out): Table<Out, K> {
    const spec = map(({ key, value }: TableEntry<Row, K>): TableEntry<Out, K> => ({ key, value: transform(value, key) }));
    return new TableStage<Out, K>(this.graph, this.graph.operator(undefined, spec, this.#settle()), this.#name, true);
  }

  filter(name: string, predicate: (row: Row, key: K) => boolean): Table<Row, K> {
    return this.#next(name, tableSettle({ where: predicate }), true);
  }

  join<Other, Kind extends TableJoinKind, Out>(
    name: string,
    other: Table<Other, K>,
    { kind, limit }: TableJoinDecisions<Kind>,
    join: (...rows: JoinedRows<Kind, Row, Other>) => Out,
  ): Table<Out, K> {
    return this.#next(name, tableJoin({ kind, limit, join }), true, tableIn(this.graph, name, other));
  }

  foreignKeyJoin<Other, F extends Key, Kind extends 'inner' | 'left', Out>(
    name: string,
    other: Table<Other, F>,
    { kind, key, limit }: ForeignKeyJoinDecisions<Row, Kind, F>,
    join: (...rows: JoinedRows<Kind, Row, Other>) => Out,
  ): Table<Out, K> {
    return this.#next(name, foreignKeyJoin({ kind, foreignKey: key, limit, join }), false, tableIn(this.graph, name, other));
  }

  groupBy<Selector extends string | ((row: Row) => Key)>(selector: Selector): GroupedTable<Row, K, KeyOf<Row, Selector>> {
    return new GroupedTableStage(this, typeof selector === 'string' ? { field: selector } : { of: selector });
  }

  topN<Ranks extends boolean>(name: string, decisions: TopDecisions<Row, Ranks>): Table<Ranks extends true ? RankedRow<Row> : Row, K> {
    return new GroupedTableStage<Row, K, string>(this, { of: () => '' }).topN(name, decisions);
  }

  toStream(): Stream<TableEntry<Row, K>> {
    return new StreamStage(this.graph, this.#settle());
  }

  toChangelog(): Stream<ChangeRow<Row, K>> {
    return new StreamStage(this.graph, this.graph.operator(undefined, changelogRows(), this.#settle()));
  }

  toUpserts(): Stream<UpsertRow<Row, K>> {
    return new StreamStage(this.graph, this.graph.operator(undefined, upsertRows(), this.#settle()));
  }

  #next<Out>(name: string, spec: OperatorSpec, settled: boolean, ...others: readonly Edge[]): Table<Out, K> {
    checkName('step', name, this.graph.pipeline);
    return new TableStage<Out, K>(this.graph, this.graph.operator(name, spec, this.edge, ...others), name, settled);
  }

  /** Brings the changes of each key together, once, where the step before is not distributed by the key. */
  #settle(): Edge {
    this.#settled ??= this.graph.operator(this.#name + (/[A-Z]/.test(this.#name) ? 'Settled' : '-settled'), tableSettle(), this.edge);
    return this.#settled;
  }
}

class GroupedTableStage<Row, K extends Key, G> implements GroupedTable<Row, K, G> {
  readonly #table: TableStage<Row, K>;
  readonly #group: KeySelector<Row>;

  constructor(table: TableStage<Row, K>, group: KeySelector<Row>) {
    this.#table = table;
    this.#group = group;
  }

  aggregate<Value extends object>(
    name: string,
    aggregators: { readonly [Name in keyof Value]: Aggregator<Row, unknown, Value[Name]> },
    decisions: GroupDecisions = {},
  ): Table<Value, G & Key> {
    const { graph, edge } = this.#table;
    checkName('step', name, graph.pipeline);
    if (Object.keys(aggregators).length === 0) {
      throw new WeirError('TOPOLOGY_AGGREGATE_EMPTY', 'The step computes nothing.', {
        pipeline: graph.pipeline,
        step: name,
        remedy: 'Name at least one aggregate, e.g. { rows: count() }.',
      });
    }
    for (const aggregate of Object.keys(aggregators)) checkName('aggregate', aggregate, graph.pipeline);
    return new TableStage<Value, G & Key>(graph, graph.operator(name, groupAggregate({ ...decisions, group: this.#group, aggregators }), edge), name, true);
  }

  topN<Ranks extends boolean>(name: string, decisions: TopDecisions<Row, Ranks>): Table<Ranks extends true ? RankedRow<Row> : Row, K> {
    const { graph, edge } = this.#table;
    checkName('step', name, graph.pipeline);
    const spec = topRows<Row>({ ...decisions, group: this.#group, ranks: decisions.ranks ?? false });
    return new TableStage<Ranks extends true ? RankedRow<Row> : Row, K>(graph, graph.operator(name, spec, edge), name, false);
  }
}
