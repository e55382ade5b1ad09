import type { OperatorSpec } from '@weir/model';
import type { RecordSchema } from '@weir/schema';
import type { EventTime } from './event-time.ts';

/** A node of a topology. Ids are dense and in topological order: a node's inputs have smaller ids. */
export type TopologyNode = SourceNode | OperatorNode | SinkNode | DiscardNode;

export interface SourceNode {
  readonly kind: 'source';
  readonly id: number;
  /** The name in the pipeline's `sources`. */
  readonly source: string;
  readonly eventTime: EventTime;
}

export interface OperatorNode {
  readonly kind: 'operator';
  readonly id: number;
  /** The user's name, or `kind-id` for a stateless step. */
  readonly step: string;
  readonly spec: OperatorSpec;
  /** By the number of the input in the spec. */
  readonly inputs: readonly Edge[];
}

export interface SinkNode {
  readonly kind: 'sink';
  readonly id: number;
  readonly sink: string;
  readonly input: Edge;
}

export interface DiscardNode {
  readonly kind: 'discard';
  readonly id: number;
  readonly reason: string;
  readonly input: Edge;
}

/** An output port of a node. */
export interface Edge {
  readonly node: number;
  readonly port: number;
}

/** The schemas of a pipeline's sources or sinks, by name. */
export type Schemas = Readonly<Record<string, RecordSchema>>;

/** A pipeline as an immutable value: no I/O, no clock. Sources and sinks are named here and bound where it runs. */
export interface Topology<Sources extends Schemas = Schemas, Sinks extends Schemas = Schemas> {
  readonly name: string;
  readonly sources: Sources;
  readonly sinks: Sinks;
  /** In topological order; `nodes[i].id === i`. */
  readonly nodes: readonly TopologyNode[];
}

/** What a node reads, by input; a source reads nothing. */
export function inputsOf(node: TopologyNode): readonly Edge[] {
  if (node.kind === 'source') return [];
  return node.kind === 'operator' ? node.inputs : [node.input];
}
