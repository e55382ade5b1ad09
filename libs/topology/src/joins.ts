import type { Duration, KeySelector, OperatorSpec, Window } from '@weir/model';
import { WeirError } from '@weir/model';
import { intervalJoin, regularJoin, windowJoin } from '@weir/operators';
import type { IntervalBounds, JoinKind, JoinedRows, RegularJoinKind, WindowAssigner } from '@weir/operators';
import { checkField } from './fields.ts';
import { checkName } from './names.ts';
import { KeyedStage, StreamStage } from './stages.ts';
import type { KeyedStream, Stream } from './stream.ts';

/** What every join of two streams is told. */
interface JoinLimits {
  /** Rows of both streams that one instance of the step keeps at most; more fail with JOIN_STATE_LIMIT. Default 5,000,000. */
  readonly maxRows?: number;
}

/** The decisions of an interval join: which pairs meet, and what becomes of rows that meet none. */
export interface IntervalJoinDecisions<Kind extends JoinKind> extends IntervalBounds, JoinLimits {
  readonly kind: Kind;
}

/** The decisions of a window join. */
export interface WindowJoinDecisions<Kind extends JoinKind, Row> extends JoinLimits {
  readonly kind: Kind;
  /** Which windows the rows of both streams belong to; sessions grow by the rows of both. */
  readonly window: WindowAssigner<Row>;
}

/** The decisions of a regular join. */
export interface RegularJoinDecisions<Kind extends RegularJoinKind> extends JoinLimits {
  readonly kind: Kind;
  /** A row lives in [timestamp, timestamp + ttl): later rows do not meet it, and what it has made stays as it is. */
  readonly ttl: Duration;
}

/** The three outputs of a join of two streams. */
export interface JoinOutputs<Left, Right, Out> {
  readonly results: Stream<Out>;
  /** Rows of the left stream that came too late to be joined. */
  readonly lateLeft: Stream<Left>;
  /** Rows of the right stream that came too late to be joined. */
  readonly lateRight: Stream<Right>;
}

/** The interval join of two keyed streams, as a step. */
export function intervalJoinStage<Left, Right, Kind extends JoinKind, Out>(
  name: string,
  left: KeyedStage<Left, unknown>,
  right: KeyedStream<Right, unknown>,
  decisions: IntervalJoinDecisions<Kind>,
  join: (...rows: JoinedRows<Kind, Left, Right>) => Out,
): JoinOutputs<Left, Right, Out> {
  return joinStage(name, left, right, (keys) => intervalJoin({ ...decisions, ...keys, join }));
}

/** The window join of two keyed streams, as a step. */
export function windowJoinStage<Left, Right, Kind extends JoinKind, Out>(
  name: string,
  left: KeyedStage<Left, unknown>,
  right: KeyedStream<Right, unknown>,
  decisions: WindowJoinDecisions<Kind, Left | Right>,
  join: (...rowsAndWindow: [...JoinedRows<Kind, Left, Right>, window: Window]) => Out,
): JoinOutputs<Left, Right, Out> {
  return joinStage(name, left, right, (keys) => windowJoin({ ...decisions, ...keys, join }));
}

/** The regular join of two keyed changelogs, as a step. */
export function regularJoinStage<Left, Right, Kind extends RegularJoinKind, Out>(
  name: string,
  left: KeyedStage<Left, unknown>,
  right: KeyedStream<Right, unknown>,
  decisions: RegularJoinDecisions<Kind>,
  join: (...rows: JoinedRows<Kind, Left, Right>) => Out,
): JoinOutputs<Left, Right, Out> {
  return joinStage(name, left, right, (keys) => regularJoin({ ...decisions, ...keys, join }));
}

/** Adds a join to the graph of its two streams. Throws TOPOLOGY_FOREIGN_STREAM when they are of two pipelines. */
function joinStage<Left, Right, Out>(
  name: string,
  left: KeyedStage<Left, unknown>,
  right: KeyedStream<Right, unknown>,
  make: (keys: { readonly left: KeySelector<Left>; readonly right: KeySelector<Right> }) => OperatorSpec,
): JoinOutputs<Left, Right, Out> {
  const { graph } = left;
  checkName('step', name, graph.pipeline);
  if (!(right instanceof KeyedStage) || right.graph !== graph) {
    throw new WeirError('TOPOLOGY_FOREIGN_STREAM', 'A stream is joined with one that is not of this pipeline.', {
      pipeline: graph.pipeline,
      step: name,
      remedy: 'Join streams that come from the sources which the definition is given.',
    });
  }
  const other = right as KeyedStage<Right, unknown>;
  if ('field' in left.key) checkField(graph, name, left.edge, left.key.field, 'key');
  if ('field' in other.key) checkField(graph, name, other.edge, other.key.field, 'key');
  const spec = make({ left: left.key, right: other.key });
  const { node } = graph.operator(name, spec, left.edge, other.edge);
  return {
    results: new StreamStage(graph, { node, port: spec.outputs.indexOf('results') }),
    lateLeft: new StreamStage(graph, { node, port: spec.outputs.indexOf('lateLeft') }),
    lateRight: new StreamStage(graph, { node, port: spec.outputs.indexOf('lateRight') }),
  };
}
