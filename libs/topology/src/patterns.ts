import type { Key } from '@weir/model';
import { detectPattern } from '@weir/operators';
import type { DetectLimits, Pattern, TimedOut, Unfinished } from '@weir/operators';
import { checkField } from './fields.ts';
import { checkName } from './names.ts';
import { StreamStage } from './stages.ts';
import type { KeyedStage } from './stages.ts';
import type { Stream } from './stream.ts';

/** The three outputs of a detection. */
export interface DetectOutputs<Row, K, Match, Out> {
  readonly matches: Stream<Out>;
  /** Partial matches that ran out of time and of which nothing came. */
  readonly timedOut: Stream<TimedOut<K, Unfinished<Row, Match>>>;
  /** Rows that came behind the watermark; they are part of no match. */
  readonly late: Stream<Row>;
}

/** The detection of a pattern in each key of a stream, as a step. */
export function detectStage<Row, K, Match, Out>(
  name: string,
  { graph, edge, key }: KeyedStage<Row, K>,
  pattern: Pattern<Row, Match>,
  select: (match: Match, key: K) => Out,
  limits: DetectLimits<Row> = {},
): DetectOutputs<Row, K, Match, Out> {
  checkName('step', name, graph.pipeline);
  if ('field' in key) checkField(graph, name, edge, key.field, 'key');
  const spec = detectPattern<Row, Match, Out, K & Key>({ ...limits, key, pattern, select });
  const { node } = graph.operator(name, spec, edge);
  return {
    matches: new StreamStage(graph, { node, port: spec.outputs.indexOf('matches') }),
    timedOut: new StreamStage(graph, { node, port: spec.outputs.indexOf('timedOut') }),
    late: new StreamStage(graph, { node, port: spec.outputs.indexOf('late') }),
  };
}
