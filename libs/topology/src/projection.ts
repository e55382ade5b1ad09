import { passedEdges } from './graph.ts';
import { inputsOf } from './topology.ts';
import type { Edge, Topology, TopologyNode } from './topology.ts';

/**
 * The fields of a source that the pipeline reads, in the schema's order, so that a codec decodes no others. Undefined means all:
 * somewhere a function is given the rows, and nobody knows what it reads.
 */
export function projection(topology: Topology, source: string): readonly string[] | undefined {
  const fields = new Set<string>();
  // Outputs at which the rows of the source are still as they came.
  const carriers = new Set<string>();
  for (const node of topology.nodes) {
    if (node.kind === 'source' && node.source === source) carriers.add(edgeId({ node: node.id, port: 0 }));
    const reads = readsOf(topology, node, source, (edge) => carriers.has(edgeId(edge)));
    if (reads === undefined) return undefined;
    for (const field of reads) fields.add(field);
    if (node.kind !== 'operator') continue;
    node.spec.outputs.forEach((_, port) => {
      if (passedEdges(node, port).some((edge) => carriers.has(edgeId(edge)))) carriers.add(edgeId({ node: node.id, port }));
    });
  }
  return topology.sources[source]?.fields.map((field) => field.name).filter((name) => fields.has(name));
}

function readsOf(topology: Topology, node: TopologyNode, source: string, carries: (edge: Edge) => boolean): readonly string[] | undefined {
  if (node.kind === 'source') {
    if (node.source !== source) return [];
    const { timestamp, watermark } = node.eventTime;
    return 'field' in timestamp && watermark.reads !== undefined ? [timestamp.field, ...watermark.reads] : undefined;
  }
  const inputs = [...inputsOf(node).keys()].filter((input) => carries(inputsOf(node)[input]!));
  const lists = inputs.map((input) => (node.kind === 'operator' ? node.spec.inputs[input]!.reads : sinkReads(topology, node)));
  return lists.includes(undefined) ? undefined : lists.flatMap((list) => list!);
}

function sinkReads(topology: Topology, node: TopologyNode): readonly string[] {
  return node.kind === 'sink' ? topology.sinks[node.sink]!.fields.map((field) => field.name) : [];
}

function edgeId(edge: Edge): string {
  return `${edge.node}.${edge.port}`;
}
