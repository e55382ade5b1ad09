import type { Aggregator } from '@weir/model';
import { aggregatorLaws, cases } from '@weir/testkit';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { any, average, count, decimalSum, distinct, first, histogram, last, list, max, maxBy, min, minBy, standardDeviation, sum, topN, variance } from '../index.ts';

const RUNS = { numRuns: cases(60) };

interface Sale {
  readonly product: string | null;
  readonly shop: number | null;
  readonly cents: number | null;
  readonly weight: number | null;
  /** Any double that is finite. */
  readonly load: number | null;
  /** Not so large that its square is infinite. */
  readonly size: number | null;
  /** A function may give NaN: it is no value. */
  readonly ratio: number;
  readonly price: string | null;
  readonly paid: boolean | null;
  readonly tags: { readonly [name: string]: unknown } | null;
}

const sale: fc.Arbitrary<Sale> = fc.record({
  product: fc.constantFrom('a', 'b', 'c', 'B', '', '1', null),
  shop: fc.constantFrom(1, 2, 0, -1, 2.5, null),
  cents: fc.oneof(fc.integer({ min: -1000, max: 1000 }), fc.maxSafeInteger(), fc.constant(null)),
  weight: fc.oneof(fc.double({ noNaN: true, min: -1e6, max: 1e6 }), fc.constantFrom(0.1, 0.2, 1e16, -1e16, 0, -0, null)),
  load: fc.oneof(fc.double({ noNaN: true, noDefaultInfinity: true }), fc.constantFrom(Number.MAX_VALUE, -Number.MAX_VALUE, Number.MIN_VALUE, -Number.MIN_VALUE, 1, -0, null)),
  size: fc.oneof(fc.double({ noNaN: true, min: -1e144, max: 1e144 }), fc.double({ noNaN: true, min: -10, max: 10 }), fc.integer(), fc.constantFrom(0.1, 1e144, 1e-146, 5e-324, -0, null)),
  ratio: fc.constantFrom(0, -0, 1, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY),
  price: fc.oneof(fc.tuple(fc.bigInt({ min: -(10n ** 30n), max: 10n ** 30n }), fc.constantFrom('', '.', '.5', '.250', '.000001')).map(([whole, fraction]) => `${whole}${fraction}`), fc.constantFrom('-0.1', '+3', '007.0', null)),
  paid: fc.constantFrom(true, false, null),
  tags: fc.constantFrom(null, { a: 1, b: [1, 'x', null] }, { b: [1, 'x', null], a: 1 }, { a: 1 }, { nested: { deep: -0, gone: undefined } }),
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
  sum('load'),
  decimalSum('price'),
  average('load'),
  min('load'),
  max((row: Sale) => row.ratio),
  variance('size', 'population'),
  variance((row: Sale) => row.cents, 'sample'),
  standardDeviation('weight', 'sample'),
  first('product', { by: 'shop' }),
  last('cents', { by: 'load', then: 'product' }),
  minBy((row: Sale) => row, { by: (row: Sale) => row.ratio, then: (row: Sale) => row.ratio }),
  maxBy('tags', { by: 'cents' }),
  any('product'),
  any('tags'),
  any((row: Sale) => row.paid ?? row.ratio),
  list('product', { limit: 2 }),
  list('cents', { limit: 100, by: 'shop' }),
  list((row: Sale) => row.tags, { limit: 1, by: (row: Sale) => row.ratio }),
  histogram('weight', { bounds: [-1e3, 0, 0.1, 7] }),
  histogram((row: Sale) => row.ratio, { from: 0, to: 1, bins: 3 }),
];

describe.each(aggregators.map((aggregator) => [aggregator.describe, aggregator] as const))('%s', (_, aggregator) => {
  it.each(Object.entries(aggregatorLaws(aggregator, sale)))('%s', (_law, property) => {
    fc.assert(property, RUNS);
  });
});

describe('aggregates', () => {
  it('have a retract, save those that cannot', () => {
    const without = aggregators.filter((aggregator) => aggregator.retract === undefined).map(({ kind }) => kind);
    expect([...new Set(without)].sort()).toEqual(['any', 'first', 'last', 'list', 'max', 'maxBy', 'min', 'minBy']);
  });

  it('say which fields they read, unless a function reads them', () => {
    for (const { describe: text, reads } of aggregators) {
      if (text.includes('function')) expect(reads, text).toBeUndefined();
      else for (const field of reads!) expect(text).toContain(field);
    }
    expect(last<Sale, 'cents'>('cents', { by: 'load', then: 'product' }).reads).toEqual(['cents', 'load', 'product']);
    expect(count().reads).toEqual([]);
  });
});
