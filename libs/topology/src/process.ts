import type { Key, KeySelector, OperatorSpec } from '@weir/model';
import { process, processWithBroadcast } from '@weir/operators';
import type { BroadcastProcessFunction, BroadcastProcessOptions, OperatorStates, OutputDeclarations, ProcessFunction, ProcessOptions, ProcessOrder, RowsOf, StateDeclarations } from '@weir/operators';
import { checkField } from './fields.ts';
import type { Graph } from './graph.ts';
import { checkName } from './names.ts';
import { edgeIn } from './shaping.ts';
import { StreamStage } from './stages.ts';
import type { Stream } from './stream.ts';
import type { Edge } from './topology.ts';

/** Nothing is declared. */
export type None = Readonly<Record<never, never>>;

/** The outputs of a process step: the main one, those that were declared, and the late rows where rows are put in order. */
export type ProcessOutputs<Row, Out, Outputs extends OutputDeclarations, Order extends ProcessOrder> = {
  readonly out: Stream<Out>;
} & { readonly [Name in keyof Outputs]: Stream<RowsOf<Outputs[Name]>> } & (Order extends 'event-time' ? { readonly late: Stream<Row> } : unknown);

/** A keyed stream, as far as steps with a function of their own need it. */
export interface KeyedPlace<Row> {
  readonly graph: Graph;
  readonly edge: Edge;
  readonly key: KeySelector<Row>;
}

/** `process()` on a keyed stream, as a step. */
export function processStage<Row, K, States extends StateDeclarations, Out, Outputs extends OutputDeclarations, Instance extends OperatorStates, Order extends ProcessOrder>(
  name: string,
  stream: KeyedPlace<Row>,
  definition: ProcessFunction<Row, K, States, Out, Outputs, Instance>,
  options: ProcessOptions<Order> = {},
): ProcessOutputs<Row, Out, Outputs, Order> {
  checkKeyedStep(name, stream);
  return outputsOf(stream.graph, name, process({ ...options, key: stream.key, function: definition }), [stream.edge]) as ProcessOutputs<Row, Out, Outputs, Order>;
}

/** `processWithBroadcast()` on a keyed stream, as a step. Throws TOPOLOGY_FOREIGN_STREAM. */
export function broadcastProcessStage<Row, Rule, K, F extends Key, V, States extends StateDeclarations, Out, Outputs extends OutputDeclarations>(
  name: string,
  stream: KeyedPlace<Row>,
  rules: Stream<Rule>,
  definition: BroadcastProcessFunction<Row, Rule, K, F, V, States, Out, Outputs>,
  options: BroadcastProcessOptions = {},
): ProcessOutputs<Row, Out, Outputs, 'event-time'> {
  checkKeyedStep(name, stream);
  const spec = processWithBroadcast({ ...options, key: stream.key, function: definition });
  return outputsOf(stream.graph, name, spec, [stream.edge, edgeIn(stream.graph, name, rules)]) as ProcessOutputs<Row, Out, Outputs, 'event-time'>;
}

/** Refuses a bad name, and a key that the rows do not have. */
export function checkKeyedStep(name: string, { graph, edge, key }: KeyedPlace<never>): void {
  checkName('step', name, graph.pipeline);
  if ('field' in key) checkField(graph, name, edge, key.field, 'key');
}

/** Adds a step and answers its outputs by name. */
export function outputsOf(graph: Graph, name: string | undefined, spec: OperatorSpec, inputs: readonly Edge[]): unknown {
  const { node } = graph.operator(name, spec, ...inputs);
  return Object.fromEntries(spec.outputs.map((output, port) => [output, new StreamStage(graph, { node, port })]));
}
