import type { Aggregator } from '@weir/model';
import { describe, expect, it } from 'vitest';
import { average, count, distinct, max, min, sum, topN } from '../index.ts';

interface Sale {
  readonly product?: string | null;
  readonly units?: number | null;
}

const of = <Out>(aggregator: Aggregator<Sale, unknown, Out>, ...rows: readonly Sale[]): Out =>
  aggregator.finish(rows.reduce((accumulator, row) => aggregator.add(accumulator, row), aggregator.create()));

describe('aggregates', () => {
  it('of no rows are 0, null or empty', () => {
    expect([of(count()), of(sum('units')), of(distinct('product'))]).toEqual([0, 0, 0]);
    expect([of(min('units')), of(max('units')), of(average('units'))]).toEqual([null, null, null]);
    expect(of(topN({ n: 3, item: 'product', by: 'units' }))).toEqual([]);
  });

  it('pass over nulls and fields that are missing, save count', () => {
    const rows: readonly Sale[] = [{ product: null, units: null }, {}, { product: 'a', units: 4 }, { product: 'a', units: -2 }];
    expect([of(count(), ...rows), of(sum('units'), ...rows), of(distinct('product'), ...rows)]).toEqual([4, 2, 1]);
    expect([of(min('units'), ...rows), of(max('units'), ...rows), of(average('units'), ...rows)]).toEqual([-2, 4, 1]);
    expect(of(topN({ n: 3, item: 'product', by: 'units' }), ...rows)).toEqual([{ item: 'a', total: 2 }]);
  });

  it('take a function in place of a field', () => {
    const rows: readonly Sale[] = [{ units: 2 }, { units: 3 }];
    expect(of(sum((row: Sale) => row.units! * 10), ...rows)).toBe(50);
    expect(of(distinct((row: Sale) => row.units! % 2), ...rows)).toBe(2);
  });

  it('sum and average without an error that depends on the order', () => {
    const rows = [1e16, 1, -1e16, 0.1, 0.2, 0.3].map((units) => ({ units }));
    expect(of(sum('units'), ...rows)).toBe(1.6);
    expect(of(sum('units'), ...rows.toReversed())).toBe(1.6);
    expect(of(average('units'), ...rows)).toBe(1.6 / 6);
  });
});

describe('a ranking', () => {
  const top = topN<Sale>({ n: 2, item: 'product', by: 'units' });

  it('has the largest sums, largest first, equal ones by item', () => {
    const rows: readonly Sale[] = [
      { product: 'c', units: 5 },
      { product: 'b', units: 3 },
      { product: 'a', units: 1 },
      { product: 'b', units: 2 },
      { product: 'a', units: 4 },
    ];
    expect(of(top, ...rows)).toEqual([
      { item: 'a', total: 5 },
      { item: 'b', total: 5 },
    ]);
  });

  it('ranks what is below zero too', () => {
    expect(of(top, { product: 'a', units: -5 }, { product: 'b', units: -1 }, { product: 'c', units: 0 })).toEqual([
      { item: 'c', total: 0 },
      { item: 'b', total: -1 },
    ]);
  });

  it('can only be merged because it keeps those that are not on it', () => {
    const all = (...rows: readonly Sale[]): ReturnType<typeof top.create> => rows.reduce((held, row) => top.add(held, row), top.create());
    const left = all({ product: 'a', units: 3 }, { product: 'b', units: 3 }, { product: 'z', units: 2 });
    const right = all({ product: 'z', units: 2 });
    expect(top.finish(top.merge(left, right))[0]).toEqual({ item: 'z', total: 4 });
  });

  it('has at least one place, and a whole number of them', () => {
    expect(() => topN<Sale>({ n: 0, item: 'product', by: 'units' })).toThrow(/AGGREGATE_TOP_N/);
    expect(() => topN<Sale>({ n: 1.5, item: 'product', by: 'units' })).toThrow(/AGGREGATE_TOP_N/);
  });
});
