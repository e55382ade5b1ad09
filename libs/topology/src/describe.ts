import { outputsOf } from './check.ts';
import { eventTimeText } from './event-time.ts';
import type { Edge, Topology, TopologyNode } from './topology.ts';

/**
 * The pipeline as stable text, one line for each node in topological order: what a golden file holds, and what a reviewer
 * compares when a pipeline changes.
 */
export function describe(topology: Topology): string {
  const lines = topology.nodes.map((node) => `  ${line(topology, node)}`);
  return [`pipeline ${topology.name}`, ...lines, ''].join('\n');
}

function line(topology: Topology, node: TopologyNode): string {
  switch (node.kind) {
    case 'source':
      return `source ${node.source} (${topology.sources[node.source]!.name}): ${eventTimeText(node.eventTime)}`;
    case 'operator': {
      const { kind, detail } = node.spec.describe();
      return `${node.step} <- ${node.inputs.map((edge) => edgeText(topology, edge)).join(' + ')}: ${kind}${detail === '' ? '' : ` ${detail}`}`;
    }
    case 'sink':
      return `sink ${node.sink} (${topology.sinks[node.sink]!.name}) <- ${edgeText(topology, node.input)}`;
    case 'discard':
      return `discard <- ${edgeText(topology, node.input)}: ${node.reason}`;
  }
}

/** What an edge is called: the source or step that it leaves, and the output where there are several. */
export function edgeText(topology: Topology, edge: Edge): string {
  const node = topology.nodes[edge.node]!;
  const outputs = outputsOf(node);
  const name = nodeName(node);
  return outputs.length === 1 ? name : `${name}.${outputs[edge.port]}`;
}

function nodeName(node: TopologyNode): string {
  if (node.kind === 'source') return node.source;
  return node.kind === 'operator' ? node.step : `${node.kind}-${node.id}`;
}
