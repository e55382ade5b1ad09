import { durationText } from '@weir/model';
import { afterMatchText } from './after-match.ts';
import type { PatternDefinition, PatternElement, Quantifier } from './pattern-definition.ts';

const LINKS = { strict: 'next', relaxed: 'followed by', any: 'followed by any' } as const;
const NOTS = { strict: 'not next', relaxed: 'not followed by' } as const;

/** A pattern in one line, e.g. `small{1,} followed by large, within 1m, no skip`. */
export function patternText({ elements, within, unbounded, afterMatch }: PatternDefinition): string {
  const time = within === undefined ? (unbounded ? ', unbounded' : '') : `, within ${durationText(within)}`;
  return `${sequenceText(elements)}${time}, ${afterMatchText(afterMatch)}`;
}

/** What state depends on: the steps, their order, contiguity and counts. */
export function sequenceText(elements: readonly PatternElement[]): string {
  return elements.map((element, index) => (index === 0 ? elementText(element) : `${element.kind === 'not' ? NOTS[element.contiguity] : LINKS[element.contiguity]} ${elementText(element)}`)).join(' ');
}

function elementText(element: PatternElement): string {
  const gap = element.withinPrevious === undefined ? '' : ` in ${durationText(element.withinPrevious)}`;
  if (element.kind === 'not') return `${element.name}${gap}`;
  return `${element.kind === 'step' ? element.name : `(${sequenceText(element.elements)})`}${quantifierText(element.quantifier)}${gap}`;
}

function quantifierText({ min, max, optional, inner, preference, until }: Quantifier): string {
  const count = max === 1 ? '' : min === max ? `{${min}}` : `{${min},${max === Number.POSITIVE_INFINITY ? '' : max}}`;
  const words = [max > 1 && inner !== 'relaxed' ? ` ${inner === 'strict' ? 'consecutive' : 'combinations'}` : '', { none: '', longer: ' greedy', shorter: ' reluctant' }[preference], until === undefined ? '' : ' until'];
  return `${count}${optional ? '?' : ''}${words.join('')}`;
}
