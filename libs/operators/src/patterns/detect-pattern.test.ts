import { seconds } from '@weir/model';
import { runScenario } from '@weir/testkit';
import { describe, expect, it } from 'vitest';
import { noSkip, skipPastLast, skipToFirst, skipToLast, skipToNext } from './after-match.ts';
import { detectPattern } from './detect-pattern.ts';
import type { TimedOut } from './detect-pattern.ts';
import { pattern } from './pattern.ts';
import type { Pattern } from './pattern.ts';

interface Row {
  readonly at: number;
  readonly name: string;
}

const named = (letter: string) => (row: Row): boolean => row.name.startsWith(letter);
const begin = pattern<Row>().begin('a', named('a'));

/** What a pattern gives for rows `a1 b2 …`, each named after its letter and its second. */
function outputsOf<Match>(chain: Pattern<Row, Match>, rows: string): readonly string[] {
  const placed = rows.split(' ').map((name) => ({ at: Number(name.slice(1)) * 1_000, name }));
  const spec = detectPattern({ key: { of: () => 1 }, pattern: chain, select: (match) => textOf(match) });
  return runScenario(spec, { inputs: [{ name: 'in', partitions: [placed] }], seed: 1 }, 'perfect').map(({ port, row }) => (port === 'matches' ? String(row) : `${port} ${textOf((row as TimedOut<number, unknown>).match)}`));
}

function textOf(match: unknown): string {
  const rows = Object.values(match as object).flat() as readonly (Row | undefined)[];
  return rows.flatMap((row) => (row === undefined ? [] : [row.name])).join(' ');
}

describe('contiguity', () => {
  it('decides what may lie between two rows', () => {
    expect(outputsOf(begin.next('b', named('b')).within(seconds(10)), 'a1 c2 b3 b4')).toEqual([]);
    expect(outputsOf(begin.next('b', named('b')).within(seconds(10)), 'a1 b2 b3')).toEqual(['a1 b2']);
    expect(outputsOf(begin.followedBy('b', named('b')).within(seconds(10)), 'a1 c2 b3 b4')).toEqual(['a1 b3']);
    expect(outputsOf(begin.followedByAny('b', named('b')).within(seconds(10)), 'a1 c2 b3 b4')).toEqual(['a1 b3', 'a1 b4']);
  });

  it('decides it inside a loop too, as in the table of the Flink manual', () => {
    const loop = begin.followedByAny('b', named('b')).oneOrMore();
    const rows = 'a1 b2 d3 b4 d5 b6 c7';
    const relaxed = ['a1 b2 b4 b6 c7', 'a1 b2 b4 c7', 'a1 b2 c7', 'a1 b4 b6 c7', 'a1 b4 c7', 'a1 b6 c7'];
    expect(outputsOf(loop.consecutive().followedBy('c', named('c')).within(seconds(10)), rows)).toEqual(['a1 b2 c7', 'a1 b4 c7', 'a1 b6 c7']);
    expect(outputsOf(loop.followedBy('c', named('c')).within(seconds(10)), rows)).toEqual(relaxed);
    expect(outputsOf(loop.allowCombinations().followedBy('c', named('c')).within(seconds(10)), rows)).toEqual([...relaxed.slice(0, 2), 'a1 b2 b6 c7', ...relaxed.slice(2)]);
  });
});

describe('the strategies after a match, on b+ c as in the Flink manual', () => {
  const loop = pattern<Row>().begin('b', named('b')).oneOrMore().followedBy('c', named('c')).within(seconds(10));
  it.each([
    [noSkip(), ['b1 b2 b3 c4', 'b2 b3 c4', 'b3 c4']],
    [skipToNext(), ['b1 b2 b3 c4', 'b2 b3 c4', 'b3 c4']],
    [skipPastLast(), ['b1 b2 b3 c4']],
    [skipToFirst('b'), ['b1 b2 b3 c4', 'b2 b3 c4', 'b3 c4']],
    [skipToLast('b'), ['b1 b2 b3 c4', 'b3 c4']],
  ])('%o', (strategy, expected) => {
    expect(outputsOf(loop.afterMatch(strategy), 'b1 b2 b3 c4').filter((match) => expected.includes(match))).toEqual(expected);
  });
});
