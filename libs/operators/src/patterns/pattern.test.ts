import { milliseconds, minutes, seconds } from '@weir/model';
import { describe, expect, it } from 'vitest';
import { skipToFirst } from './after-match.ts';
import { detectPattern } from './detect-pattern.ts';
import { patternDiagram } from './pattern-diagram.ts';
import { pattern } from './pattern.ts';
import type { Pattern } from './pattern.ts';

interface Row {
  readonly at: number;
  readonly cents: number;
}

const begin = pattern<Row>().begin('a');
const made = (chain: Pattern<Row, object>) => detectPattern({ key: { of: () => 1 }, pattern: chain, select: (match) => match });
const codeOf = (run: () => unknown): string => {
  try {
    run();
  } catch (error) {
    return (error as { readonly code: string }).code;
  }
  return 'none';
};

/** For those who get past the compiler. */
type AnyChain = Record<string, (...args: readonly unknown[]) => AnyChain> & Pattern<Row, object>;

describe('a pattern is refused', () => {
  it.each([
    ['PATTERN_EMPTY', () => made(begin.optional().within(seconds(1)))],
    ['PATTERN_EMPTY', () => made({ definition: { ...begin.definition, elements: [] } })],
    ['PATTERN_DUPLICATE_STEP', () => begin.next('b').next('a')],
    ['PATTERN_DUPLICATE_STEP', () => begin.nextGroup(pattern<Row>().begin('b').next('a'))],
    ['PATTERN_DUPLICATE_STEP', () => begin.notNext('a')],
    ['PATTERN_STEP_NAME', () => begin.next('')],
    ['PATTERN_STEP_NAME', () => begin.next('__proto__')],
    ['PATTERN_NEGATION', () => begin.nextGroup(pattern<Row>().begin('b').notNext('c'))],
    ['PATTERN_NEGATION', () => (begin.notNext('b') as unknown as AnyChain)['oneOrMore']!()],
    ['PATTERN_NEGATION_LAST', () => made(begin.notFollowedBy('b').unbounded())],
    ['PATTERN_NEGATION_LAST', () => made(begin.notNext('b').unbounded())],
    ['PATTERN_NEGATION_LAST', () => made(begin.notFollowedBy('b').followedBy('c').optional().unbounded())],
    ['PATTERN_GROUP_EMPTY', () => begin.nextGroup(pattern<Row>().begin('b').optional())],
    ['PATTERN_GROUP_OPTIONS', () => begin.nextGroup(pattern<Row>().begin('b').within(seconds(1)))],
    ['PATTERN_GROUP_OPTIONS', () => begin.nextGroup(pattern<Row>().begin('b').afterMatch(skipToFirst('b')))],
    ['PATTERN_GREEDY_GROUP', () => begin.nextGroup(pattern<Row>().begin('b')).oneOrMore().greedy()],
    ['PATTERN_GREEDY_GROUP', () => begin.nextGroup(pattern<Row>().begin('b')).optional().reluctant()],
    ['PATTERN_TIMES', () => begin.times(0)],
    ['PATTERN_TIMES', () => begin.times(3, 2)],
    ['PATTERN_TIMES', () => begin.timesOrMore(1.5)],
    ['PATTERN_WITHIN', () => begin.within(milliseconds(0))],
    ['PATTERN_WITHIN', () => begin.withinPrevious(milliseconds(0))],
    ['PATTERN_WITHIN', () => begin.within(seconds(1)).within(seconds(2))],
    ['PATTERN_WITHIN', () => begin.within(seconds(1)).unbounded()],
    ['PATTERN_SKIP_STEP', () => begin.afterMatch(skipToFirst('b') as never)],
    ['PATTERN_UNBOUNDED', () => made(begin.followedBy('b'))],
    ['PATTERN_UNBOUNDED', () => made(begin.followedByAny('b'))],
    ['PATTERN_UNBOUNDED', () => made(begin.oneOrMore().consecutive())],
    ['PATTERN_UNBOUNDED', () => made(begin.nextGroup(pattern<Row>().begin('b').oneOrMore().consecutive()))],
    ['PATTERN_TOO_LARGE', () => made(begin.times(1_001).within(seconds(1)))],
    ['PATTERN_TOO_LARGE', () => made(begin.nextGroup(pattern<Row>().begin('b').times(40)).times(30).within(seconds(1)))],
    ['PATTERN_LIMIT', () => detectPattern({ key: { of: () => 1 }, pattern: begin, select: () => 1, maxPartials: 0 })],
  ])('%s', (code, run) => {
    expect(codeOf(run)).toBe(code);
  });
});

describe('a pattern is taken', () => {
  it.each([
    ['without a time limit when nothing can wait', begin.next('b').times(2).consecutive().next('c')],
    ['when each step that waits has a limit of its own', begin.followedBy('b').withinPrevious(seconds(1)).notFollowedBy('c').withinPrevious(seconds(2))],
    ['without any limit when that is said', begin.followedBy('b').oneOrMore().unbounded()],
    ['with as many places as are allowed', begin.times(1_000).within(seconds(1))],
  ])('%s', (_, chain) => {
    expect(codeOf(() => made(chain))).toBe('none');
  });

  it('and adding to it makes another one', () => {
    const longer = begin.next('b');
    begin.optional();
    begin.within(seconds(1));
    expect(begin.definition.elements).toHaveLength(1);
    expect(longer.definition.elements).toHaveLength(2);
    expect(Object.isFrozen(longer) && Object.isFrozen(longer.definition) && Object.isFrozen(longer.definition.elements)).toBe(true);
  });
});

describe('the description of a pattern', () => {
  it('is spelled like the pattern', () => {
    const group = pattern<Row>().begin('up').next('down').optional();
    const chain = begin
      .oneOrMore()
      .greedy()
      .notNext('n')
      .followedByAny('b')
      .times(2, 4)
      .consecutive()
      .until(() => false)
      .withinPrevious(seconds(5))
      .followedByGroup(group)
      .times(2)
      .allowCombinations()
      .notFollowedBy('m')
      .within(minutes(1))
      .afterMatch(skipToFirst('up'));
    expect(made(chain).describe()).toEqual({
      kind: 'detect-pattern',
      detail: 'by function, a{1,} greedy not next n followed by any b{2,4} consecutive until in 5s followed by (up next down?){2} combinations not followed by m, within 1m, skip to first up',
    });
    expect(made(begin.optional().reluctant().next('b')).describe().detail).toBe('by function, a? reluctant next b, no skip');
    expect(made(begin.followedBy('b').unbounded()).describe().detail).toBe('by function, a followed by b, unbounded, no skip');
  });

  it('is a diagram too', () => {
    expect(patternDiagram(begin.oneOrMore().greedy().followedBy('b').optional().next('c').notFollowedBy('d').within(seconds(10)))).toBe(
      `flowchart LR
  start((start))
  p0(("a"))
  p1(("b"))
  p2(("c"))
  accept((("not until the time is over")))
  start --> p0
  p0 --> p0
  p0 -->|greedy| p1
  p0 ==>|greedy| p2
  p1 ==> p2
  p2 -->|none between| accept
`,
    );
  });
});
