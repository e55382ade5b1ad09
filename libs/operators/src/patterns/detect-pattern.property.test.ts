import { RowBatch, milliseconds } from '@weir/model';
import type { Collector } from '@weir/model';
import { createHeapState } from '@weir/state';
import { OperatorRun, cases } from '@weir/testkit';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { noSkip, skipPastLast, skipToNext } from './after-match.ts';
import { detection, linesOf } from './fixtures/detected.ts';
import { randomFields, randomPatterns } from './fixtures/random-pattern.ts';
import type { RandomPatternOptions, RandomRow } from './fixtures/random-pattern.ts';
import { pattern } from './pattern.ts';
import type { Pattern, PatternChain, PatternStep } from './pattern.ts';

const EVERYTHING: RandomPatternOptions = { groups: true, negations: true, quantifiers: true, gaps: true, skips: true, steps: 3 };
const END = Number.POSITIVE_INFINITY;

/** Rows in the order of event time, with ties and times on multiples of 5; no two are alike. */
const sortedRows: fc.Arbitrary<readonly RandomRow[]> = fc
  .array(fc.tuple(randomFields, fc.integer({ min: -8, max: 8 })), { maxLength: 14 })
  .map((rows) => rows.sort(([, a], [, b]) => a - b).map(([fields, time], id) => ({ id: 100 + id, ...fields, at: time * 5 })));

type AnyPattern = Pattern<RandomRow, object>;
type Chain = PatternChain<RandomRow, object>;

const matchesOf = (chain: AnyPattern, rows: readonly RandomRow[]): readonly string[] => linesOf(chain, rows).matches;
const sorted = (lines: readonly string[]): readonly string[] => [...lines].sort();
const union = (...lists: readonly (readonly string[])[]): readonly string[] => sorted([...new Set(lists.flat())]);
const ofKind = (kind: number) => (row: RandomRow): boolean => row.kind === kind;
const first = pattern<RandomRow>().begin('a', ofKind(0));
const time = milliseconds(30);

function holds(property: (rows: readonly RandomRow[], chain: AnyPattern) => void, options: RandomPatternOptions = EVERYTHING, runs = 150): void {
  fc.assert(fc.property(sortedRows, randomPatterns(options), property), { numRuns: cases(runs) });
}

describe('a detection', () => {
  it('gives the same rows in the same order, however the watermark is moved', () => {
    const steps = fc.array(fc.integer({ min: -50, max: 80 }), { maxLength: 6 });
    fc.assert(
      fc.property(sortedRows, randomPatterns(EVERYTHING), steps, (rows, chain, watermarks) => {
        const run = new OperatorRun<RandomRow>(detection(chain));
        let next = 0;
        for (const watermark of [...watermarks, END].sort((a, b) => a - b)) {
          // The rows of a step come in two batches.
          for (const from of [next, next + 1]) {
            const upTo = from === next ? next + 1 : rows.findIndex((row, index) => index >= from && row.at >= watermark + 10);
            const batch = rows.slice(from, upTo < 0 ? rows.length : upTo);
            if (batch.length > 0) run.push(...batch);
            if (from > next) next = Math.max(next + 1, upTo < 0 ? rows.length : upTo);
          }
          run.watermark(watermark);
        }
        expect(run.rows().map((row) => JSON.stringify(Object.values(row as object)))).toEqual(linesOf(chain, rows).matches);
      }),
      { numRuns: cases(150) },
    );
  });

  it('does not mix keys', () => {
    holds((rows, chain) => {
      const keys = [...new Set(rows.map(({ key }) => key))];
      expect(sorted(matchesOf(chain, rows))).toEqual(sorted(keys.flatMap((key) => matchesOf(chain, rows.filter((row) => row.key === key)))));
    });
  });

  it('does not know what time it is', () => {
    const shifted = (lines: readonly string[], by: number): readonly string[] => lines.map((line) => line.replace(/"at":(-?\d+)/g, (_, at: string) => `"at":${Number(at) + by}`));
    holds((rows, chain) => {
      const later = rows.map((row) => ({ ...row, at: row.at + 1_000 }));
      expect(shifted(matchesOf(chain, rows), 1_000)).toEqual(matchesOf(chain, later));
    });
  });

  it('tells the late output of each row behind the watermark, and leaves it out of all matches', () => {
    fc.assert(
      fc.property(sortedRows, randomPatterns({ ...EVERYTHING, skips: false }), fc.integer({ min: -40, max: 40 }), (rows, chain, watermark) => {
        const run = new OperatorRun<RandomRow>(detection(chain));
        run.watermark(watermark);
        if (rows.length > 0) run.push(...[...rows].reverse());
        const late = rows.filter((row) => row.at < watermark);
        expect(run.books).toEqual({ counted: rows.length - late.length, late: late.length, filtered: 0 });
        expect(run.rows()).toEqual([...late].reverse());
        run.watermark(END);
        const inTime = rows.filter((row) => row.at >= watermark);
        expect(run.rows().map((row) => JSON.stringify(Object.values(row as object)))).toEqual(matchesOf(chain, inTime));
      }),
      { numRuns: cases(150) },
    );
  });

  it('passes on a watermark that is never ahead of the one received nor goes back, and emits nothing behind it', () => {
    holds((rows, chain) => {
      const observer = { counted: () => undefined, late: () => undefined, filtered: () => undefined, rejected: () => undefined, wantsRejections: false };
      const operator = detection(chain).create({ pipeline: 'p', step: 's', state: createHeapState(), observer });
      let passed = -END;
      const out: Collector = { emit: ({ timestamps, length }) => expect(Math.min(...timestamps.slice(0, length))).toBeGreaterThanOrEqual(passed) };
      if (rows.length > 0) operator.onBatch(new RowBatch(rows, { timestamps: Float64Array.from(rows, ({ at }) => at) }), out, 0);
      for (const watermark of [-40, -20, -10, -5, 0, 5, 10, 15, 20, 25, 40, 60, END]) {
        operator.onWatermark!(watermark, out);
        const next = operator.outputWatermark!();
        expect(next).toBeLessThanOrEqual(watermark);
        expect(next).toBeGreaterThanOrEqual(passed);
        passed = next;
      }
      expect(passed).toBe(END);
    }, { ...EVERYTHING, skips: true });
  });
});

describe('time limits', () => {
  it('take out exactly the matches that are not shorter', () => {
    const spanOf = (line: string): number => {
      const times = [...line.matchAll(/"at":(-?\d+)/g)].map((found) => Number(found[1]));
      return Math.max(...times) - Math.min(...times);
    };
    fc.assert(
      fc.property(sortedRows, randomPatterns({ quantifiers: true, groups: true, steps: 3 }), fc.constantFrom(5, 10, 15), (rows, chain, within) => {
        const { definition } = chain;
        const limited = (limit: number): AnyPattern => ({ definition: { ...definition, within: milliseconds(limit) } });
        expect(matchesOf(limited(within), rows)).toEqual(matchesOf(limited(1_000), rows).filter((line) => spanOf(line) < within));
      }),
      { numRuns: cases(150) },
    );
  });

  it('never report what became a match', () => {
    holds((rows, chain) => {
      const { matches, timedOut } = linesOf(chain, rows);
      expect(timedOut.filter((line) => matches.includes(line))).toEqual([]);
      if (chain.definition.afterMatch.kind !== 'none') return;
      const prefixes = new Set(matches.map((line) => line.slice(0, -2)));
      expect(timedOut.filter((line) => prefixes.has(line.slice(0, -2)))).toEqual([]);
    });
  });
});

describe('skip strategies', () => {
  const withSkip = ({ definition }: AnyPattern, afterMatch: typeof definition.afterMatch): AnyPattern => ({ definition: { ...definition, afterMatch } });
  const timesOf = (line: string): readonly number[] => [...line.matchAll(/"at":(-?\d+)/g)].map((found) => Number(found[1])).sort((a, b) => a - b);

  it('only leave out', () => {
    holds((rows, chain) => {
      const all = new Set(matchesOf(withSkip(chain, noSkip()), rows));
      expect(matchesOf(chain, rows).filter((line) => !all.has(line))).toEqual([]);
    });
  });

  it('leave no two matches that begin with one row, or that overlap', () => {
    holds((rows, chain) => {
      // Different times tell rows apart.
      const apart = rows.map((row, index) => ({ ...row, key: 'a', at: row.at * 20 + index }));
      const long: AnyPattern = { definition: { ...chain.definition, within: milliseconds(10_000) } };
      const starts = matchesOf(withSkip(long, skipToNext()), apart).map((line) => timesOf(line)[0]);
      expect(new Set(starts).size).toBe(starts.length);
      const spans = matchesOf(withSkip(long, skipPastLast()), apart).map(timesOf);
      for (const [index, span] of spans.slice(1).entries()) expect(span[0]).toBeGreaterThan(spans[index]!.at(-1)!);
    }, { quantifiers: true, groups: true, steps: 3 });
  });
});

describe('the algebra of patterns', () => {
  const rowsOnly = (property: (rows: readonly RandomRow[]) => void): void => fc.assert(fc.property(sortedRows, property), { numRuns: cases(120) });

  it('strict matches are relaxed ones, and relaxed ones are matches of any contiguity', () => {
    rowsOnly((rows) => {
      const [strict, relaxed, any] = (['next', 'followedBy', 'followedByAny'] as const).map((link) => new Set(matchesOf(first[link]('b', ofKind(1))[link]('c', ofKind(2)).within(time), rows)));
      expect([...strict!].filter((line) => !relaxed!.has(line))).toEqual([]);
      expect([...relaxed!].filter((line) => !any!.has(line))).toEqual([]);
    });
  });

  /** `a`, then something made of `b`, then `c`; each contiguity once. */
  const around = (step: (chain: PatternStep<RandomRow, object, object>) => Chain): readonly AnyPattern[] =>
    (['next', 'followedBy', 'followedByAny'] as const).map((link) => step(first[link]('b', ofKind(1)) as unknown as PatternStep<RandomRow, object, object>)[link]('c', (row) => row.kind !== 0).within(time));

  it('a step n times is n steps', () => {
    rowsOnly((rows) => {
      const written = first.next('b', ofKind(1)).followedBy('b2', ofKind(1)).followedBy('b3', ofKind(1)).next('c', (row) => row.kind !== 0).within(time);
      const renamed = matchesOf(written, rows).map((line) => line.replaceAll(/\],"b[23]":\[/g, ','));
      expect(matchesOf(around((step) => step.times(3) as unknown as Chain)[0]!, rows)).toEqual(renamed);
    });
  });

  it('a loop is the union of its counts', () => {
    rowsOnly((rows) => {
      const loops = around((step) => step.oneOrMore() as unknown as Chain);
      const counts = Array.from({ length: rows.filter(ofKind(1)).length }, (_, index) => around((step) => step.times(index + 1) as unknown as Chain));
      for (const [index, loop] of loops.entries()) expect(sorted(matchesOf(loop, rows))).toEqual(union(...counts.map((chains) => matchesOf(chains[index]!, rows))));
    });
  });

  it('an optional step is the union of having it and not', () => {
    rowsOnly((rows) => {
      for (const link of ['next', 'followedBy', 'followedByAny'] as const) {
        const ending = (chain: Chain): readonly string[] => matchesOf(chain[link]('c', ofKind(2)).within(time), rows);
        const having = first[link]('b', ofKind(1));
        expect(sorted(ending(having.optional() as unknown as Chain))).toEqual(union(ending(having as unknown as Chain), ending(first as unknown as Chain)));
      }
    });
  });

  it('greedy matches are those with no row behind the loop that it could have taken', () => {
    rowsOnly((rows) => {
      // Different times tell rows apart.
      const apart = rows.map((row, index) => ({ ...row, key: 'a', at: row.at * 20 + index }));
      for (const link of ['next', 'followedBy', 'followedByAny'] as const) {
        const ending = (chain: Chain): readonly string[] => matchesOf(chain[link]('c', (row) => row.kind !== 0).within(milliseconds(600)), apart);
        const loop = first[link]('b', ofKind(1)).oneOrMore();
        const longest = ending(loop as unknown as Chain).filter((line) => {
          const [, match] = JSON.parse(line) as readonly [string, { readonly b: readonly RandomRow[]; readonly c: readonly RandomRow[] }];
          return !apart.some((row) => row.kind === 1 && row.at > match.b.at(-1)!.at && row.at <= match.c[0]!.at);
        });
        expect(ending(loop.greedy() as unknown as Chain)).toEqual(longest);
      }
    });
  });

  it('reluctant matches are those with no row in the loop, or before its last one, that could have followed it', () => {
    rowsOnly((rows) => {
      // Different times tell rows apart.
      const apart = rows.map((row, index) => ({ ...row, key: 'a', at: row.at * 20 + index }));
      const ending = (chain: Chain): readonly string[] => matchesOf(chain.followedBy('c', (row) => row.kind !== 0).within(milliseconds(600)), apart);
      const loop = first.followedByAny('b', (row) => row.kind !== 2).oneOrMore();
      const shortest = ending(loop as unknown as Chain).filter((line) => {
        const [, match] = JSON.parse(line) as readonly [string, { readonly b: readonly RandomRow[] }];
        return !apart.some((row) => row.kind !== 0 && row.at > match.b[0]!.at && row.at <= match.b.at(-1)!.at);
      });
      expect(ending(loop.reluctant() as unknown as Chain)).toEqual(shortest);
    });
  });

  it('a group that is taken once is its steps', () => {
    rowsOnly((rows) => {
      const group = pattern<RandomRow>().begin('b', ofKind(1)).followedByAny('c', ofKind(2));
      for (const link of ['next', 'followedBy', 'followedByAny'] as const) {
        const steps = first[link]('b', ofKind(1)).followedByAny('c', ofKind(2)).within(time);
        expect(matchesOf(first[`${link}Group`](group).within(time), rows)).toEqual(matchesOf(steps, rows));
      }
    });
  });

  it('until never lets the loop take a row that ends it, nor go on behind one', () => {
    rowsOnly((rows) => {
      const chain = first.followedBy('b', ofKind(1)).oneOrMore().until((row) => row.value > 1).within(time);
      for (const line of matchesOf(chain, rows)) {
        const [, match] = JSON.parse(line) as readonly [string, { readonly b: readonly RandomRow[] }];
        expect(match.b.every(({ value }) => value <= 1)).toBe(true);
      }
    });
  });

  it('a negation takes out matches, and those with such a row between are the ones', () => {
    rowsOnly((rows) => {
      // Different times tell rows apart.
      const apart = rows.map((row, index) => ({ ...row, key: 'a', at: index }));
      const without = matchesOf(first.followedByAny('c', ofKind(2)).within(time), apart);
      const clean = without.filter((line) => {
        const [, match] = JSON.parse(line) as readonly [string, { readonly a: readonly RandomRow[]; readonly c: readonly RandomRow[] }];
        return !apart.some((row) => row.kind === 1 && row.at > match.a[0]!.at && row.at < match.c[0]!.at);
      });
      expect(matchesOf(first.notFollowedBy('b', ofKind(1)).followedByAny('c', ofKind(2)).within(time), apart)).toEqual(clean);
    });
  });

  it('a condition that does not look at the match is asked once for each row', () => {
    rowsOnly((rows) => {
      let asked = 0;
      const counting = (row: RandomRow): boolean => {
        asked++;
        return row.kind === 1;
      };
      matchesOf(first.followedByAny('b', counting).oneOrMore().allowCombinations().within(time), rows);
      expect(asked).toBeLessThanOrEqual(rows.length);
    });
  });
});
