import type { BinaryReader, BinaryWriter } from '@weir/model';
import { invariant } from '@weir/model';
import type { KeyMatches } from './key-matches.ts';
import type { KeptRow } from './match-view.ts';
import { PartialMatch } from './partial-match.ts';
import type { Finding } from './partial-match.ts';
import type { PatternGraph } from './pattern-graph.ts';

const NEW = 1;
const COMPLETE = 2;
const SETTLED = 4;
const NO_PARENT = -1;

/** Writes the partial matches of a key: rows, the tree over them, what is live in its order, what is held. Equal matches give equal bytes. */
export function writeMatches(matches: KeyMatches, section: BinaryWriter): void {
  const nodes = nodesOf(matches);
  const numbers = new Map(nodes.map((node, number) => [node, number]));
  const rows = [...new Set(nodes.map(({ kept }) => kept))].sort((a, b) => a.ordinal - b.ordinal);
  const rowNumbers = new Map(rows.map((kept, number) => [kept, number]));
  section.int32(rows.length);
  for (const { row, timestamp } of rows) {
    section.float64(timestamp);
    section.json(row);
  }
  section.int32(nodes.length);
  for (const node of nodes) {
    section.int32(node.parent === undefined ? NO_PARENT : numbers.get(node.parent)!);
    section.int32(rowNumbers.get(node.kept)!);
    section.int32(node.step);
    section.uint8((node.isNew ? NEW : 0) | (node.isComplete ? COMPLETE : 0) | (node.isSettled ? SETTLED : 0));
    section.int32(node.open.length);
    for (const edge of node.open) section.int32(edge.id);
  }
  section.int32(matches.live.length);
  for (const partial of matches.live) section.int32(numbers.get(partial)!);
  section.int32(matches.held.length);
  for (const { kind, partial, timestamp } of matches.held) {
    section.uint8(kind === 'match' ? 1 : 0);
    section.int32(numbers.get(partial)!);
    section.float64(timestamp);
  }
}

/** Reads what `writeMatches` wrote. */
export function readMatches(matches: KeyMatches, section: BinaryReader, { edges, within }: PatternGraph): void {
  const rows: KeptRow[] = list(section.int32(), (ordinal) => ({ timestamp: section.float64(), row: section.json(), ordinal }));
  const nodes: PartialMatch[] = [];
  for (let count = section.int32(); count > 0; count--) {
    const parent = section.int32();
    const kept = rows[section.int32()]!;
    const node = new PartialMatch(parent === NO_PARENT ? undefined : nodes[parent]!, section.int32(), kept);
    const flags = section.uint8();
    node.isNew = (flags & NEW) !== 0;
    node.isComplete = (flags & COMPLETE) !== 0;
    node.isSettled = (flags & SETTLED) !== 0;
    node.wait(list(section.int32(), () => edgeAt(edges, section.int32())), within);
    nodes.push(node);
  }
  const live = list(section.int32(), () => nodes[section.int32()]!);
  const held: Finding[] = list(section.int32(), () => ({ kind: section.uint8() === 1 ? 'match' : 'timed-out', partial: nodes[section.int32()]!, timestamp: section.float64() }));
  matches.restore(live, held, rows.length);
}

function edgeAt<Edge>(edges: readonly Edge[], id: number): Edge {
  const edge = edges[id];
  invariant(edge !== undefined, 'the edges of a snapshot are edges of the pattern');
  return edge;
}

/** What is live or held and all that it grew from; parents first, in one order however the state came about. */
function nodesOf({ live, held }: KeyMatches): readonly PartialMatch[] {
  const nodes = new Set<PartialMatch>();
  for (const last of [...live, ...held.map(({ partial }) => partial)]) {
    const path: PartialMatch[] = [];
    for (let node: PartialMatch | undefined = last; node !== undefined && !nodes.has(node); node = node.parent) path.push(node);
    for (const node of path.reverse()) nodes.add(node);
  }
  return [...nodes];
}

function list<T>(length: number, make: (index: number) => T): T[] {
  return Array.from({ length }, (_, index) => make(index));
}
