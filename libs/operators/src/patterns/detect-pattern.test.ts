import { RowBatch, UPDATE_AFTER, milliseconds, seconds } from '@weir/model';
import type { Collector, OperatorSpec } from '@weir/model';
import { createHeapState } from '@weir/state';
import { OperatorRun, runScenario } from '@weir/testkit';
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

/** An operator by hand: what comes out of matches and timedOut, with its time. */
function operatorOf(spec: OperatorSpec) {
  const emitted: unknown[] = [];
  const observer = { counted: () => undefined, late: () => undefined, filtered: () => undefined, rejected: () => undefined, wantsRejections: false };
  const operator = spec.create({ pipeline: 'p', step: 's', state: createHeapState(), observer });
  const out: Collector = { emit: (batch) => void emitted.push(...Array.from({ length: batch.length }, (_, position) => [batch.at(position), batch.timestamps[position]])) };
  return {
    rows: (...rows: readonly (readonly [at: number, name: string])[]) => operator.onBatch(new RowBatch(rows.map(([at, name]) => ({ at, name })), { timestamps: Float64Array.from(rows, ([at]) => at) }), out, 0),
    change: (code: number) => operator.onBatch(new RowBatch([{ at: 0, name: 'a' }], { timestamps: Float64Array.of(0), changes: Uint8Array.of(code) }), out, 0),
    watermark: (watermark: number) => {
      operator.onWatermark!(watermark, out);
      return emitted.splice(0);
    },
    passed: () => operator.outputWatermark!(),
  };
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
  const loop = pattern<Row>().begin('b', named('b')).oneOrMore().next('c', named('c')).within(seconds(10));
  it.each([
    [noSkip(), ['b1 b2 b3 c4', 'b2 b3 c4', 'b3 c4']],
    [skipToNext(), ['b1 b2 b3 c4', 'b2 b3 c4', 'b3 c4']],
    [skipPastLast(), ['b1 b2 b3 c4']],
    [skipToFirst('b'), ['b1 b2 b3 c4', 'b2 b3 c4', 'b3 c4']],
    [skipToLast('b'), ['b1 b2 b3 c4', 'b3 c4']],
  ])('%o', (strategy, expected) => {
    expect(outputsOf(loop.afterMatch(strategy), 'b1 b2 b3 c4')).toEqual(expected);
  });

  it('decide by first rows: a match waits for those that began before', () => {
    const longer = pattern<Row>()
      .begin('a', named('a'))
      .followedBy('end', (row, match) => row.at + match.a.at === 10_000)
      .within(seconds(10))
      .afterMatch(skipPastLast());
    expect(outputsOf(longer, 'a1 a2 x8 x9')).toEqual(['a1 x9']);
    expect(outputsOf(longer, 'a1 a2 x8')).toEqual(['a2 x8', 'timedOut a1']);
  });

  it('hold the watermark back while a match waits', () => {
    const spec = detectPattern({
      key: { of: () => 1 },
      pattern: begin.followedBy('end', (row, match) => row.name === `end of ${match.a.name}`).within(seconds(10)).afterMatch(skipPastLast()),
      select: textOf,
    });
    const operator = operatorOf(spec);
    operator.rows([0, 'a of 0'], [1_000, 'a of 1'], [2_000, 'end of a of 1']);
    expect(operator.watermark(5_000)).toEqual([]);
    expect(operator.passed()).toBe(2_000);
    operator.rows([6_000, 'end of a of 0']);
    expect(operator.watermark(7_000)).toEqual([['a of 0 end of a of 0', 6_000]]);
    expect(operator.passed()).toBe(7_000);
  });
});

describe('time limits', () => {
  it('are exclusive', () => {
    const chain = begin.followedBy('b', named('b'));
    expect(outputsOf(chain.within(seconds(3)), 'a0 b3')).toEqual(['timedOut a0']);
    expect(outputsOf(chain.within(milliseconds(3_001)), 'a0 b3')).toEqual(['a0 b3']);
    expect(outputsOf(chain.withinPrevious(seconds(3)), 'a0 b3')).toEqual(['timedOut a0']);
    expect(outputsOf(begin.next('x').next('b', named('b')).within(seconds(3)), 'a0 x2 b3')).toEqual(['timedOut a0 x2']);
    expect(outputsOf(begin.followedBy('x').withinPrevious(seconds(3)).followedBy('b', named('b')).withinPrevious(seconds(3)), 'a0 x2 b4')).toEqual(['a0 x2 b4']);
  });

  it('report what runs out of them once, by its longest part, and nothing that a match came of', () => {
    const chain = begin.followedByAny('b', named('b')).followedByAny('c', named('c')).within(seconds(10));
    expect(outputsOf(chain, 'a1 b2 b3')).toEqual(['timedOut a1 b2', 'timedOut a1 b3']);
    expect(outputsOf(chain, 'a1 b2 c3 b4')).toEqual(['a1 b2 c3', 'timedOut a1 b4']);
    expect(outputsOf(chain, 'a1 x2')).toEqual(['timedOut a1']);
    expect(outputsOf(begin.next('b', named('b')).within(seconds(10)), 'a1 x2')).toEqual([]);
  });

  it('say when: at the deadline, as soon as the watermark has reached it', () => {
    const spec = detectPattern({ key: { of: () => 7 }, pattern: begin.followedBy('b', named('b')).within(seconds(10)), select: textOf });
    const operator = operatorOf(spec);
    operator.rows([1_000, 'a1']);
    expect(operator.watermark(10_999)).toEqual([]);
    expect(operator.watermark(11_000)).toEqual([[{ key: 7, deadline: 11_000, match: { a: { at: 1_000, name: 'a1' }, b: undefined } }, 10_999]]);
  });
});

describe('negations', () => {
  it('hold between two rows, neither of them included', () => {
    const chain = begin.notFollowedBy('n', (row) => !row.name.startsWith('x')).followedBy('b', named('b')).within(seconds(10));
    expect(outputsOf(chain, 'a1 x2 b3')).toEqual(['a1 b3']);
    expect(outputsOf(chain, 'a1 c2 b3')).toEqual([]);
    expect(outputsOf(begin.notNext('n', named('n')).followedBy('b', named('b')).within(seconds(10)), 'a1 x2 n3 b4')).toEqual(['a1 b4']);
    expect(outputsOf(begin.notNext('n', named('n')).followedBy('b', named('b')).within(seconds(10)), 'a1 n2 b3')).toEqual([]);
  });

  it('complete a match at the end of its time', () => {
    const chain = begin.notFollowedBy('b', named('b')).within(seconds(5));
    expect(outputsOf(chain, 'a1 x2')).toEqual(['a1']);
    expect(outputsOf(chain, 'a1 b5')).toEqual([]);
    expect(outputsOf(chain, 'a1 b6')).toEqual(['a1']);
    const next = begin.notNext('b', named('b')).within(seconds(5));
    expect(outputsOf(next, 'a1 x2 b3')).toEqual(['a1']);
    expect(outputsOf(next, 'a1 b3')).toEqual([]);
    expect(outputsOf(next, 'a1 b6')).toEqual(['a1']);
  });
});

describe('what a condition sees', () => {
  it('are rows for single steps, lists for loops and for its own step', () => {
    const seen: unknown[] = [];
    const chain = begin
      .followedBy('b', named('b'))
      .optional()
      .followedBy('c', (row, match) => {
        if (row.name.startsWith('c')) seen.push(JSON.parse(JSON.stringify({ ...match })));
        return row.name.startsWith('c');
      })
      .times(2)
      .within(seconds(10));
    outputsOf(chain, 'a1 c2 c3');
    const row = (at: number, name: string): Row => ({ at: at * 1_000, name });
    expect(seen).toEqual([
      { a: row(1, 'a1'), c: [] },
      { a: row(1, 'a1'), c: [row(2, 'c2')] },
    ]);
  });

  it('are, in a group that is repeated, the rows of the round', () => {
    const round = pattern<Row>()
      .begin('up', named('u'))
      .followedBy('down', (row, match) => row.at === match.up.at + 1_000);
    expect(outputsOf(pattern<Row>().beginGroup(round).times(2).within(seconds(20)), 'u1 d2 u3 d4')).toEqual(['u1 u3 d2 d4', 'timedOut u3 d4']);
  });

  it('decides a loop whose rows grow', () => {
    const chain = pattern<Row>()
      .begin('rise', (row, match) => row.at > 1_000 * match.rise.length)
      .times(3)
      .consecutive();
    expect(outputsOf(chain, 'r1 r2 r3')).toEqual(['r1 r2 r3']);
    expect(outputsOf(chain, 'r1 r2 r2')).toEqual([]);
  });
});

describe('rows', () => {
  it('of equal times are taken as the user orders them', () => {
    const tied = [
      { at: 0, name: 'b' },
      { at: 0, name: 'a' },
    ];
    const scenario = { inputs: [{ name: 'in', partitions: [tied] }], seed: 1 };
    const chain = begin.next('b', named('b')).within(seconds(1));
    const options = { key: { of: () => 1 }, pattern: chain, select: textOf };
    const matches = (spec: OperatorSpec): readonly unknown[] => runScenario(spec, scenario, 'perfect').filter(({ port }) => port === 'matches').map(({ row }) => row);
    expect(matches(detectPattern(options))).toEqual([]);
    expect(matches(detectPattern({ ...options, orderTies: (a, b) => (a.name < b.name ? -1 : 1) }))).toEqual(['a b']);
  });

  it('that change others are refused', () => {
    const operator = operatorOf(detectPattern({ key: { of: () => 1 }, pattern: begin, select: textOf }));
    operator.rows([0, 'a']);
    expect(() => operator.change(UPDATE_AFTER)).toThrow('PATTERN_CHANGELOG p/s');
  });

  it('of one key make no more partial matches than allowed', () => {
    const chain = begin.followedBy('b', named('b')).within(seconds(100));
    const operator = operatorOf(detectPattern({ key: { of: () => 'k' }, pattern: chain, select: textOf, maxPartials: 3 }));
    operator.rows([0, 'a'], [1, 'a'], [2, 'a']);
    operator.watermark(10);
    operator.rows([20, 'a']);
    expect(() => operator.watermark(30)).toThrow('PATTERN_TOO_MANY_PARTIALS p/s: Key "k" has 4 partial matches; the limit is 3.');
  });

  it('that wait for other steps than before are refused, for another time limit they are not', () => {
    const chain = begin.followedBy('b', named('b'));
    const detection = (chosen: Pattern<Row, object>): OperatorSpec => detectPattern({ key: { of: () => 1 }, pattern: chosen, select: textOf });
    const first = new OperatorRun<Row>(detection(chain.within(seconds(10))));
    first.push({ at: 0, name: 'a' }, { at: 4_000, name: 'b' });
    first.watermark(1);
    const restart = (changed: Pattern<Row, object>) => new OperatorRun<Row>(detection(changed), { restored: [first.snapshot()] });
    const shorter = restart(chain.within(seconds(3)));
    shorter.watermark(5_000);
    expect(shorter.rows()).toEqual([]);
    // What timed out.
    expect(shorter.late()).toHaveLength(1);
    expect(() => restart(chain.oneOrMore().within(seconds(10)))).toThrow(/PATTERN_CHANGED .*'a followed by b'.*'a followed by b\{1,\}'/);
  });

  it('of one key make no partial match longer than allowed', () => {
    const chain = begin.next('b', named('b')).oneOrMore().consecutive().next('c', named('c')).unbounded();
    const operator = operatorOf(detectPattern({ key: { of: () => 'k' }, pattern: chain, select: textOf, maxRows: 3 }));
    operator.rows([0, 'a'], [1, 'b'], [2, 'b']);
    operator.watermark(10);
    operator.rows([20, 'b']);
    expect(() => operator.watermark(30)).toThrow('PATTERN_TOO_LONG p/s: A partial match of key "k" has 4 rows; the limit is 3.');
  });

  it('wait in no greater number than allowed', () => {
    const operator = operatorOf(detectPattern({ key: { of: () => 'k' }, pattern: begin, select: textOf, maxWaiting: 2 }));
    operator.rows([0, 'a'], [1, 'b']);
    expect(() => operator.rows([2, 'b'])).toThrow('BUFFER_FULL');
  });
});
