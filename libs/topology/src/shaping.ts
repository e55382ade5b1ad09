import { WeirError } from '@weir/model';
import type { Change } from '@weir/model';
import { asChangelog, assignIds, changes, flatMap, project, split, splitBy, union } from '@weir/operators';
import type { Changed, FlatMapOptions } from '@weir/operators';
import { checkField } from './fields.ts';
import type { Graph } from './graph.ts';
import { checkName } from './names.ts';
import { outputsOf } from './process.ts';
import { StreamStage } from './stages.ts';
import type { Stream } from './stream.ts';
import type { Edge } from './topology.ts';

/** The outputs of a split by predicates: one for each, and `rest` for the rows that none takes. */
export type SplitOutputs<Row, Names extends PropertyKey> = { readonly [Name in Names | 'rest']: Stream<Row> };

/** The outputs of a split by a function. */
export type SplitByOutputs<Row, Names extends PropertyKey> = { readonly [Name in Names]: Stream<Row> };

/** A stream, as far as shaping steps need it. */
interface Place {
  readonly graph: Graph;
  readonly edge: Edge;
}

/** `flatMap()` as a step. */
export function flatMapStage<Row, Out>({ graph, edge }: Place, transform: (row: Row) => Iterable<Out>, options: FlatMapOptions | undefined): Stream<Out> {
  return new StreamStage(graph, graph.operator(undefined, flatMap(transform, options), edge));
}

/** `project()` as a step. Throws TOPOLOGY_FIELD_UNKNOWN. */
export function projectStage<Out>({ graph, edge }: Place, fields: readonly string[]): Stream<Out> {
  for (const field of fields) checkField(graph, undefined, edge, field, 'value');
  return new StreamStage(graph, graph.operator(undefined, project(fields), edge));
}

/** `union()` as a step. Throws TOPOLOGY_FOREIGN_STREAM. */
export function unionStage<Row>({ graph, edge }: Place, others: readonly Stream<Row>[]): Stream<Row> {
  const edges = others.map((other) => edgeIn(graph, undefined, other));
  return new StreamStage(graph, graph.operator(undefined, union(edges.length + 1), edge, ...edges));
}

/** `split()` as a step. */
export function splitStage<Row, Names extends PropertyKey>({ graph, edge }: Place, predicates: Readonly<Record<string, (row: Row) => boolean>>): SplitOutputs<Row, Names> {
  for (const name of Object.keys(predicates)) checkName('output', name, graph.pipeline);
  return outputsOf(graph, undefined, split(predicates), [edge]) as SplitOutputs<Row, Names>;
}

/** `splitBy()` as a step. */
export function splitByStage<Row, Names extends PropertyKey>({ graph, edge }: Place, outputs: readonly string[], selector: (row: Row) => string): SplitByOutputs<Row, Names> {
  for (const name of outputs) checkName('output', name, graph.pipeline);
  return outputsOf(graph, undefined, splitBy(outputs, selector), [edge]) as SplitByOutputs<Row, Names>;
}

/** `assignIds()` as a step. Throws TOPOLOGY_FIELD_UNKNOWN. */
export function assignIdsStage<Out>({ graph, edge }: Place, name: string, fields: readonly string[] | undefined): Stream<Out> {
  for (const field of fields ?? []) checkField(graph, undefined, edge, field, 'value');
  return new StreamStage(graph, graph.operator(undefined, assignIds(name, fields), edge));
}

/** `changes()` as a step. */
export function changesStage<Row>({ graph, edge }: Place): Stream<Changed<Row>> {
  return new StreamStage(graph, graph.operator(undefined, changes(), edge));
}

/** `asChangelog()` as a step. */
export function asChangelogStage<Row>({ graph, edge }: Place, changeOf: (row: Row) => Change): Stream<Row> {
  return new StreamStage(graph, graph.operator(undefined, asChangelog(changeOf), edge));
}

/** The edge of a stream that is used beside another. Throws TOPOLOGY_FOREIGN_STREAM when it belongs to another pipeline. */
export function edgeIn<Row>(graph: Graph, step: string | undefined, stream: Stream<Row>): Edge {
  if (stream instanceof StreamStage && stream.graph === graph) return stream.edge;
  throw new WeirError('TOPOLOGY_FOREIGN_STREAM', 'A stream of another pipeline is used in this one.', {
    pipeline: graph.pipeline,
    ...(step === undefined ? {} : { step }),
    remedy: 'Use streams that come from the sources which the definition is given.',
  });
}
