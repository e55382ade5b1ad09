import { outputsOf } from './check.ts';
import { inputsOf } from './topology.ts';
import type { Edge, Topology, TopologyNode } from './topology.ts';

/** The pipeline as a Mermaid flowchart; stable text, so that it can be committed. */
export function diagram(topology: Topology): string {
  const boxes = topology.nodes.map((node) => `  n${node.id}${box(node)}`);
  const arrows = topology.nodes.flatMap((node) => inputsOf(node).map((edge) => `  ${arrow(topology, edge)} n${node.id}`));
  return ['flowchart LR', ...boxes, ...arrows, ''].join('\n');
}

function box(node: TopologyNode): string {
  switch (node.kind) {
    case 'source':
      return `[(${quoted(node.source)})]`;
    case 'operator': {
      const { kind, detail } = node.spec.describe();
      return `[${quoted(node.step, kind, detail)}]`;
    }
    case 'sink':
      return `[(${quoted(node.sink)})]`;
    case 'discard':
      return `([${quoted('discard', node.reason)}])`;
  }
}

function arrow(topology: Topology, edge: Edge): string {
  const outputs = outputsOf(topology.nodes[edge.node]!);
  return outputs.length === 1 ? `n${edge.node} -->` : `n${edge.node} -->|${outputs[edge.port]}|`;
}

/** Mermaid has no escape in a quoted label but HTML entities. */
function quoted(...parts: readonly string[]): string {
  const text = parts.filter((part) => part !== '').map((part) => part.replaceAll('&', '#amp;').replaceAll('"', '#quot;').replaceAll('<', '#lt;').replaceAll('>', '#gt;'));
  return `"${text.join('<br/>')}"`;
}
