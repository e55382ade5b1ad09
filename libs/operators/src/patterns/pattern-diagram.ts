import { durationText } from '@weir/model';
import { compilePattern } from './compile-pattern.ts';
import { ACCEPT } from './pattern-graph.ts';
import type { PatternEdge, PatternGraph } from './pattern-graph.ts';
import type { Pattern } from './pattern.ts';

const ARROWS = { strict: '==>', relaxed: '-->', any: '-.->' } as const;

/**
 * The automaton of a pattern as a Mermaid flowchart: a node for each occurrence of a step, thick arrows for strict contiguity, thin ones for
 * relaxed, dotted ones for any; double circles complete a match. Throws as `detectPattern` does.
 */
export function patternDiagram<Row, Match>(pattern: Pattern<Row, Match>): string {
  const graph = compilePattern(pattern.definition);
  const { places, starts } = graph;
  const lines = ['flowchart LR', '  start((start))'];
  for (const [place, { step, accepts }] of places.entries()) {
    const label = `"${graph.steps[step]!.name}"`;
    lines.push(`  p${place}${accepts ? `(((${label})))` : `((${label}))`}`);
  }
  if (places.some(({ edges }) => edges.some(({ target }) => target === ACCEPT))) lines.push('  accept((("not until the time is over")))');
  for (const edge of starts) lines.push(`  start --> ${targetOf(edge)}`);
  for (const [place, { edges }] of places.entries()) for (const edge of edges) lines.push(`  p${place} ${ARROWS[edge.contiguity]}${labelOf(edge, graph)} ${targetOf(edge)}`);
  return `${lines.join('\n')}\n`;
}

function targetOf({ target }: PatternEdge): string {
  return target === ACCEPT ? 'accept' : `p${target}`;
}

function labelOf({ notNext, notBetween, ends, withinPrevious, yieldsTo }: PatternEdge, { within }: PatternGraph): string {
  const words = [
    ...(notNext.length > 0 ? ['not next'] : []),
    ...(notBetween.length > 0 ? ['none between'] : []),
    ...(ends.length > 0 ? ['until'] : []),
    ...(withinPrevious < within ? [`in ${durationText(withinPrevious)}`] : []),
    ...(yieldsTo.length > 0 ? ['greedy'] : []),
  ];
  return words.length === 0 ? '' : `|${words.join(', ')}|`;
}
