import { WeirError, invariant } from '@weir/model';
import { inputsOf } from './topology.ts';
import type { Edge, Schemas, Topology, TopologyNode } from './topology.ts';

/**
 * Refuses a topology with something left open: TOPOLOGY_UNUSED_SOURCE, TOPOLOGY_OPEN_END (an output that nobody reads) or
 * TOPOLOGY_UNUSED_SINK, in this order, because the earlier mistake is usually the cause of the later one.
 */
export function checkEnds(topology: Topology): void {
  const sources = new Set(topology.nodes.map((node) => (node.kind === 'source' ? node.source : undefined)));
  const unread = firstMissing(topology.sources, sources);
  if (unread !== undefined) {
    throw new WeirError('TOPOLOGY_UNUSED_SOURCE', `The source '${unread}' is declared and never read.`, {
      pipeline: topology.name,
      remedy: `Read it with ${unread}.withEventTime(…), or take it out of 'sources'.`,
    });
  }
  checkOutputs(topology);
  const sinks = new Set(topology.nodes.map((node) => (node.kind === 'sink' ? node.sink : undefined)));
  const unwritten = firstMissing(topology.sinks, sinks);
  if (unwritten !== undefined) {
    throw new WeirError('TOPOLOGY_UNUSED_SINK', `The sink '${unwritten}' is declared and never written.`, {
      pipeline: topology.name,
      remedy: `End a stream with .to(sinks.${unwritten}), or take it out of 'sinks'.`,
    });
  }
}

function firstMissing(schemas: Schemas, used: ReadonlySet<string | undefined>): string | undefined {
  return Object.keys(schemas).find((name) => !used.has(name));
}

function checkOutputs(topology: Topology): void {
  const read = new Set(topology.nodes.flatMap((node) => inputsOf(node).map(edgeId)));
  for (const node of topology.nodes) {
    outputsOf(node).forEach((output, port) => {
      if (read.has(edgeId({ node: node.id, port }))) return;
      invariant(node.kind === 'source' || node.kind === 'operator', 'only these have outputs');
      const place = node.kind === 'source' ? `The stream of source '${node.source}'` : `The output '${output}'`;
      throw new WeirError('TOPOLOGY_OPEN_END', `${place} goes nowhere.`, {
        pipeline: topology.name,
        ...(node.kind === 'operator' ? { step: node.step } : {}),
        remedy: "End it with .to(sinks.…) or .discard('reason').",
      });
    });
  }
}

/** Names of the outputs of a node, by port; a source has one. */
export function outputsOf(node: TopologyNode): readonly string[] {
  if (node.kind === 'source') return [node.source];
  return node.kind === 'operator' ? node.spec.outputs : [];
}

function edgeId(edge: Edge): string {
  return `${edge.node}.${edge.port}`;
}
