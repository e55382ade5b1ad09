import type { Aggregator } from '@weir/model';
import { aggregatorLaws } from '@weir/testkit';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { average, count, distinct, max, min, sum, topN } from '../index.ts';

const RUNS = { numRuns: Number(process.env['WEIR_RUNS'] ?? 150) };

interface Sale {
  readonly product: string | null;
  readonly shop: number | null;
  readonly cents: number | null;
  readonly weight: number | null;
}

const sale: fc.Arbitrary<Sale> = fc.record({
  product: fc.constantFrom('a', 'b', 'c', 'B', '', '1', null),
  shop: fc.constantFrom(1, 2, 0, -1, 2.5, null),
  cents: fc.oneof(fc.integer({ min: -1000, max: 1000 }), fc.maxSafeInteger(), fc.constant(null)),
  weight: fc.oneof(fc.double({ noNaN: true, min: -1e6, max: 1e6 }), fc.constantFrom(0.1, 0.2, 1e16, -1e16, 0, -0, null)),
});

const aggregators: readonly Aggregator<Sale, unknown, unknown>[] = [
  count(),
  sum('cents'),
  sum('weight'),
  sum((row: Sale) => row.weight),
  min('weight'),
  max('cents'),
  max((row: Sale) => row.cents),
  average('cents'),
  average('weight'),
  distinct('product'),
  distinct('shop'),
  distinct((row: Sale) => (row.cents === null ? row.product : row.shop)),
  topN({ n: 2, item: 'product', by: 'cents' }),
  topN({ n: 1, item: 'shop', by: (row: Sale) => row.weight }),
];

describe.each(aggregators.map((aggregator) => [aggregator.describe, aggregator] as const))('%s', (_, aggregator) => {
  it.each(Object.entries(aggregatorLaws(aggregator, sale)))('%s', (_law, property) => {
    fc.assert(property, RUNS);
  });
});

describe('aggregates', () => {
  it('have a retract, save those that cannot', () => {
    const without = aggregators.filter((aggregator) => aggregator.retract === undefined).map(({ kind }) => kind);
    expect(new Set(without)).toEqual(new Set(['min', 'max']));
  });

  it('say which fields they read, unless a function reads them', () => {
    expect(aggregators.map(({ describe: text, reads }) => [text, reads])).toEqual([
      ['count()', []],
      ['sum(cents)', ['cents']],
      ['sum(weight)', ['weight']],
      ['sum(function)', undefined],
      ['min(weight)', ['weight']],
      ['max(cents)', ['cents']],
      ['max(function)', undefined],
      ['average(cents)', ['cents']],
      ['average(weight)', ['weight']],
      ['distinct(product)', ['product']],
      ['distinct(shop)', ['shop']],
      ['distinct(function)', undefined],
      ['topN(2, product by cents)', ['product', 'cents']],
      ['topN(1, shop by function)', undefined],
    ]);
  });
});
