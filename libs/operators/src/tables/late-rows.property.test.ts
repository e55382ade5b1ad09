import { INSERT, RowBatch, milliseconds } from '@weir/model';
import type { OperatorSpec } from '@weir/model';
import { ParallelRun, cases, scenarioBatch } from '@weir/testkit';
import type { Emitted } from '@weir/testkit';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { deduplicate } from './deduplicate.ts';
import { lookupJoin, temporalJoin } from './temporal-join.ts';
import { toTable } from './to-table.ts';

interface Row {
  readonly at: number;
  readonly key: string;
  readonly n: number;
}

type Step = { readonly kind: 'rows'; readonly rows: readonly Row[] } | { readonly kind: 'watermark'; readonly watermark: number };

const row: fc.Arbitrary<Row> = fc.record({ at: fc.integer({ min: -20, max: 40 }), key: fc.constantFrom('a', 'b', 'c'), n: fc.nat({ max: 3 }) }, { noNullPrototype: true });
const steps: fc.Arbitrary<readonly Step[]> = fc.array(
  fc.oneof(
    fc.record({ kind: fc.constant('rows' as const), rows: fc.array(row, { minLength: 1, maxLength: 4 }) }),
    fc.record({ kind: fc.constant('watermark' as const), watermark: fc.integer({ min: -20, max: 40 }) }),
  ),
  { maxLength: 20 },
);

const LATENESS = 7;
const byKey = { field: 'key' } as const;
const join = (each: Row, version: { city: number } | null): unknown => ({ ...each, city: version?.city ?? null });
const specs: Readonly<Record<string, readonly [OperatorSpec, number]>> = {
  'a table': [toTable<Row>({ key: byKey }), 0],
  'a table with a time to live': [toTable<Row>({ key: byKey, timeToLive: milliseconds(9) }), 0],
  'first of duplicates': [deduplicate<Row>({ key: byKey, within: milliseconds(9), keep: 'first' }), 0],
  'last of duplicates': [deduplicate<Row>({ key: byKey, within: milliseconds(9), keep: 'last' }), 0],
  'a temporal join': [temporalJoin<Row>({ kind: 'left', key: byKey, join }), 0],
  'a temporal join with lateness': [temporalJoin<Row>({ kind: 'left', key: byKey, join, allowedLateness: milliseconds(LATENESS) }), LATENESS],
  'a lookup join with lateness': [lookupJoin<Row>({ kind: 'left', key: ({ key }) => key, join, allowedLateness: milliseconds(LATENESS) }), LATENESS],
};

const versions = [-15, -3, 8, 21].flatMap((from) => ['a', 'b'].map((key) => ({ from, entry: { key, value: { city: from } } })));

/** What comes out, and the rows that came too late, by the watermark of their arrival. */
function run([spec, lateness]: readonly [OperatorSpec, number], all: readonly Step[], withLate: boolean): { readonly emitted: readonly Emitted[]; readonly late: readonly Row[] } {
  const operator = new ParallelRun(spec, 1);
  const late: Row[] = [];
  let watermark = Number.NEGATIVE_INFINITY;
  let offset = 0;
  if (spec.inputs.length > 1) {
    const rows = versions.map(({ entry }) => entry);
    operator.rows(1, new RowBatch(rows, { timestamps: Float64Array.from(versions, ({ from }) => from), changes: new Uint8Array(rows.length).fill(INSERT) }));
  }
  for (const step of all) {
    if (step.kind === 'watermark') {
      if (step.watermark > watermark) operator.watermark((watermark = step.watermark));
      continue;
    }
    const tooLate = step.rows.filter(({ at }) => at < watermark - lateness);
    late.push(...tooLate);
    const mine = withLate ? step.rows : step.rows.filter((each) => !tooLate.includes(each));
    if (mine.length > 0) operator.rows(0, scenarioBatch('in', 0, mine, offset));
    offset += step.rows.length;
    expect(operator.books.told).toBe(operator.books.entered);
  }
  operator.watermark(Number.POSITIVE_INFINITY);
  expect(operator.behindWatermark).toBeNaN();
  return { emitted: operator.emitted, late };
}

describe('late rows', () => {
  it.each(Object.keys(specs))('of %s leave by the late output, once and as they came, and change nothing', (name) => {
    fc.assert(
      fc.property(steps, (all) => {
        const { emitted, late } = run(specs[name]!, all, true);
        expect(emitted.filter(({ port }) => port === 'late').map((each) => each.row)).toEqual(late);
        expect(emitted.filter(({ port }) => port !== 'late')).toEqual(run(specs[name]!, all, false).emitted);
      }),
      { numRuns: cases(100) },
    );
  });

  it('of a temporal join, within its lateness, meet the version of their own time', () => {
    fc.assert(
      fc.property(steps, (all) => {
        const { emitted } = run(specs['a temporal join with lateness']!, all, true);
        for (const { row: joined, port } of emitted) {
          if (port === 'late') continue;
          const { at, key, city } = joined as Row & { city: number | null };
          expect(city).toBe(versions.findLast(({ from, entry }) => entry.key === key && from <= at)?.from ?? null);
        }
      }),
      { numRuns: cases(200) },
    );
  });
});
