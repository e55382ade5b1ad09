import { inputsOf } from '@weir/topology';
import type { Topology, TopologyNode } from '@weir/topology';

/** How the rows that reach an input of a node come on the books: the node tells what becomes of each, or all are counted as they enter. */
export type Bookkeeping = 'told' | 'entered';

/**
 * The inputs of nodes, as `node.input`, that the records of the log reach on the path by which each is counted once: from the
 * sources through steps that conserve their rows, up to the first step that tells what becomes of them, a sink or a discard. Where
 * rows fork, the books follow the first path. In a conserving step whose other inputs are not on the books, records and other rows
 * mix, so records are counted as they enter it.
 */
export function pathsOnBooks(topology: Topology): ReadonlyMap<string, Bookkeeping> {
  const paths = new Map<string, Bookkeeping>();
  /** Outputs whose rows are records that nothing has counted. */
  const open = new Set<string>();
  for (const node of topology.nodes) {
    if (node.kind === 'source') {
      open.add(`${node.id}.0`);
      continue;
    }
    const edges = inputsOf(node).map((edge) => `${edge.node}.${edge.port}`);
    const mine = [...edges.keys()].filter((input) => open.has(edges[input]!) && edges.indexOf(edges[input]!) === input);
    for (const input of mine) open.delete(edges[input]!);
    const goesOn = conserves(node) && mine.length === edges.length;
    for (const input of mine) paths.set(`${node.id}.${input}`, conserves(node) && !goesOn ? 'entered' : 'told');
    if (goesOn && node.kind === 'operator') node.spec.outputs.forEach((_, port) => open.add(`${node.id}.${port}`));
  }
  return paths;
}

function conserves(node: TopologyNode): boolean {
  return node.kind === 'operator' && node.spec.conserves === true;
}
