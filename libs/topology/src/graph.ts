import type { OperatorSpec } from '@weir/model';
import { WeirError, invariant } from '@weir/model';
import type { RecordSchema } from '@weir/schema';
import type { EventTime } from './event-time.ts';
import { checkName } from './names.ts';
import type { Edge, OperatorNode, Schemas, TopologyNode } from './topology.ts';

/** Collects the nodes of one pipeline while its definition runs. */
export class Graph {
  readonly pipeline: string;
  readonly #sources: Schemas;
  readonly #nodes: TopologyNode[] = [];
  readonly #taken = new Set<string>();
  #sealed = false;

  constructor(pipeline: string, sources: Schemas) {
    this.pipeline = pipeline;
    this.#sources = sources;
  }

  source(source: string, eventTime: EventTime): Edge {
    if (this.#nodes.some((node) => node.kind === 'source' && node.source === source)) {
      throw new WeirError('TOPOLOGY_EVENT_TIME_TWICE', `Source '${source}' is given event time twice.`, {
        pipeline: this.pipeline,
        remedy: 'Call withEventTime once and use the stream that it returns as often as you like.',
      });
    }
    return this.#add({ kind: 'source', id: this.#nodes.length, source, eventTime });
  }

  /** Adds a step. `name` is the user's, or undefined for a stateless one, which is called after its kind and place. */
  operator(name: string | undefined, spec: OperatorSpec, ...inputs: readonly Edge[]): Edge {
    invariant(name !== undefined || !spec.stateful, `the stateful operator '${spec.kind}' has no name`);
    invariant(inputs.length === spec.inputs.length, `the operator '${spec.kind}' has ${spec.inputs.length} inputs`);
    const step = name ?? `${spec.kind}-${this.#nodes.length}`;
    checkName('step', step, this.pipeline);
    if (this.#taken.has(step)) {
      throw new WeirError('TOPOLOGY_DUPLICATE_STEP', 'Two steps have this name.', {
        pipeline: this.pipeline,
        step,
        remedy: 'Rename one: names identify checkpointed state.',
      });
    }
    this.#taken.add(step);
    return this.#add({ kind: 'operator', id: this.#nodes.length, step, spec, inputs });
  }

  sink(sink: string, input: Edge): void {
    this.#add({ kind: 'sink', id: this.#nodes.length, sink, input });
  }

  discard(reason: string, input: Edge): void {
    if (reason.trim() === '') {
      throw new WeirError('TOPOLOGY_DISCARD_REASON', 'A stream is discarded without a reason.', {
        pipeline: this.pipeline,
        remedy: "Say why nobody needs these rows: discard('…').",
      });
    }
    this.#add({ kind: 'discard', id: this.#nodes.length, reason, input });
  }

  /** Ends the definition; whatever is added later throws TOPOLOGY_SEALED. */
  seal(): readonly TopologyNode[] {
    this.#sealed = true;
    return this.#nodes;
  }

  /** The schema of the rows on an edge, where they are still the unchanged rows of a source. */
  schemaAt(edge: Edge): RecordSchema | undefined {
    const node = this.#nodes[edge.node];
    if (node?.kind === 'source') return this.#sources[node.source];
    if (node?.kind !== 'operator') return undefined;
    const schemas = passedEdges(node, edge.port).map((passed) => this.schemaAt(passed));
    return schemas.every((schema) => schema === schemas[0]) ? schemas[0] : undefined;
  }

  #add(node: TopologyNode): Edge {
    if (this.#sealed) {
      throw new WeirError('TOPOLOGY_SEALED', `A ${node.kind} was added after the definition had returned.`, {
        pipeline: this.pipeline,
        remedy: 'Use streams and sinks only inside the function that is given to pipeline().',
      });
    }
    this.#nodes.push(node);
    return { node: node.id, port: 0 };
  }
}

/** The inputs whose rows leave by a port as they came: what a filter keeps, what a window refuses. */
export function passedEdges(node: OperatorNode, port: number): readonly Edge[] {
  return (node.spec.passes ?? []).filter((passage) => passage.port === port).map((passage) => node.inputs[passage.input]!);
}
