import type { OperatorSpec } from '@weir/model';
import { WeirError } from '@weir/model';
import { checkName } from './names.ts';
import { StreamStage } from './stages.ts';
import type { Stream } from './stream.ts';

/** An operator of one's own for rows of one stream; `rows` carries the types of the rows in and out, and is never set. */
export interface TypedOperator<Row, Outputs extends Readonly<Record<string, unknown>>> extends OperatorSpec {
  readonly outputs: readonly (keyof Outputs & string)[];
  readonly rows?: (row: Row) => Outputs;
}

/** A stream for each output of an operator, by its name. */
export type OperatorOutputs<Outputs extends Readonly<Record<string, unknown>>> = { readonly [Name in keyof Outputs]: Stream<Outputs[Name]> };

/** A user's operator as a step. Throws TOPOLOGY_OPERATOR_INPUTS when it wants more than one stream. */
export function operatorStage<Row, Outputs extends Readonly<Record<string, unknown>>>(stream: StreamStage<Row>, name: string, spec: TypedOperator<Row, Outputs>): OperatorOutputs<Outputs> {
  const { graph } = stream;
  checkName('step', name, graph.pipeline);
  if (spec.inputs.length !== 1) {
    throw new WeirError('TOPOLOGY_OPERATOR_INPUTS', `The operator '${spec.kind}' has ${spec.inputs.length} inputs and is given one stream.`, {
      pipeline: graph.pipeline,
      step: name,
      remedy: 'Give it one input; join or unite streams before it.',
    });
  }
  const { node } = graph.operator(name, spec, stream.edge);
  // Each name of the spec is a name of the type.
  return Object.fromEntries(spec.outputs.map((output, port) => [output, new StreamStage(graph, { node, port })])) as unknown as OperatorOutputs<Outputs>;
}
