import { passesRows } from './graph.ts';
import type { Topology, TopologyNode } from './topology.ts';

/**
 * The fields of a source that the pipeline reads, in the schema's order, so that a codec decodes no others. Undefined means all:
 * somewhere a function is given the rows, and nobody knows what it reads.
 */
export function projection(topology: Topology, source: string): readonly string[] | undefined {
  const fields = new Set<string>();
  const carriers = new Set<string>();
  for (const node of topology.nodes) {
    const reads = node.kind === 'source' ? sourceReads(node, source) : carriers.has(edgeId(node.input.node, node.input.port)) ? nodeReads(topology, node) : [];
    if (reads === undefined) return undefined;
    for (const field of reads) fields.add(field);
    if (node.kind === 'source' && node.source === source) carriers.add(edgeId(node.id, 0));
    if (node.kind === 'operator' && carriers.has(edgeId(node.input.node, node.input.port))) {
      node.spec.outputs.forEach((_, port) => {
        if (passesRows(node, port)) carriers.add(edgeId(node.id, port));
      });
    }
  }
  return topology.sources[source]?.fields.map((field) => field.name).filter((name) => fields.has(name));
}

function sourceReads(node: TopologyNode & { kind: 'source' }, source: string): readonly string[] | undefined {
  if (node.source !== source) return [];
  return 'field' in node.eventTime.timestamp ? [node.eventTime.timestamp.field] : undefined;
}

function nodeReads(topology: Topology, node: TopologyNode): readonly string[] | undefined {
  if (node.kind === 'operator') return node.spec.reads;
  return node.kind === 'sink' ? topology.sinks[node.sink]!.fields.map((field) => field.name) : [];
}

function edgeId(node: number, port: number): string {
  return `${node}.${port}`;
}
