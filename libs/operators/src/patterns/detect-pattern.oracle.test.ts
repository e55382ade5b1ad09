import { cases, checkScenario, placedRows, scenarios } from '@weir/testkit';
import type { Emitted, Scenario } from '@weir/testkit';
import fc from 'fast-check';
import { describe, it } from 'vitest';
import { detectPattern } from './detect-pattern.ts';
import type { DetectLimits } from './detect-pattern.ts';
import { naiveFindings } from './fixtures/naive-matches.ts';
import { randomFields, randomPatterns } from './fixtures/random-pattern.ts';
import type { RandomFields, RandomPatternOptions, RandomRow } from './fixtures/random-pattern.ts';
import type { Pattern } from './pattern.ts';

const streams = scenarios<RandomFields>({ inputs: { in: randomFields }, maxRows: 14 });

const spec = (pattern: Pattern<RandomRow, object>, limits: DetectLimits<RandomRow> = {}) => detectPattern({ ...limits, key: { field: 'key' }, pattern, select: (match, key) => ({ key, match: flat(match) }) });

/** The rows of each step that has some. */
function flat(match: object): Readonly<Record<string, readonly unknown[]>> {
  return Object.fromEntries(Object.entries(match).flatMap(([name, rows]) => (rows === undefined || (Array.isArray(rows) && rows.length === 0) ? [] : [[name, Array.isArray(rows) ? rows : [rows]]])));
}

/** What comes out for each key, in order. */
function seen(emitted: readonly Emitted[]): Readonly<Record<string, readonly string[]>> {
  const byKey: Record<string, string[]> = {};
  for (const port of ['matches', 'timedOut']) {
    for (const { row, timestamp } of emitted.filter((one) => one.port === port)) {
      const { key, match } = row as { readonly key: string; readonly match: object };
      (byKey[key] ??= []).push(`${port} ${timestamp} ${JSON.stringify(flat(match))}`);
    }
  }
  return byKey;
}

type Order = (a: RandomRow, b: RandomRow) => number;

function expected(pattern: Pattern<RandomRow, object>, scenario: Scenario<RandomRow>, orderTies: Order = () => 0): Readonly<Record<string, readonly string[]>> {
  const placed = placedRows(scenario);
  const byKey: Record<string, readonly string[]> = {};
  for (const key of new Set(placed.map(({ row }) => row.key))) {
    const rows = placed
      .filter(({ row }) => row.key === key)
      .sort((a, b) => a.row.at - b.row.at || orderTies(a.row, b.row) || a.partition - b.partition || a.offset - b.offset)
      .map(({ row }) => row);
    const findings = naiveFindings(pattern.definition, rows);
    const lines = (kind: string, port: string): readonly string[] =>
      findings
        .filter((finding) => finding.kind === kind)
        .map(({ path, timestamp }) => {
          const match: Record<string, unknown[]> = {};
          for (const { row, step } of [...path].sort((a, b) => (a.step === b.step ? 0 : a.step < b.step ? -1 : 1))) (match[step] ??= []).push(rows[row]);
          return `${port} ${timestamp} ${JSON.stringify(match)}`;
        });
    const all = [...lines('match', 'matches'), ...lines('timed-out', 'timedOut')];
    if (all.length > 0) byKey[key] = all;
  }
  return byKey;
}

function check(options: RandomPatternOptions, runs: number): void {
  fc.assert(
    fc.property(streams, randomPatterns(options), (scenario, pattern) => checkScenario(spec(pattern), scenario, seen, expected(pattern, scenario))),
    { numRuns: cases(runs) },
  );
}

describe('a detection equals the recursion over the pattern and all choices of rows', () => {
  it('for steps in a row', () => check({}, 90));
  it('with negations', () => check({ negations: true }, 90));
  it('with quantifiers', () => check({ quantifiers: true }, 90));
  it('with time limits between steps', () => check({ gaps: true, negations: true }, 90));
  it('with groups', () => check({ groups: true, steps: 3 }, 90));
  it('with skip strategies', () => check({ skips: true, quantifiers: true }, 90));
  it('with an order of ties', () => {
    const orderTies: Order = (a, b) => b.value - a.value || a.kind - b.kind;
    fc.assert(
      fc.property(streams, randomPatterns({ quantifiers: true, skips: true }), (scenario, pattern) => checkScenario(spec(pattern, { orderTies }), scenario, seen, expected(pattern, scenario, orderTies))),
      { numRuns: cases(90) },
    );
  });
  it('with everything', () => check({ groups: true, negations: true, quantifiers: true, gaps: true, skips: true, steps: 3 }, 90));
});
