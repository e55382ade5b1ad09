import type { AggregatorResult } from '@weir/model';
import { describe, expectTypeOf, it } from 'vitest';
import { average, count, distinct, max, min, sum, topN } from '../index.ts';
import type { Ranked } from '../index.ts';

interface Sale {
  readonly product: string;
  readonly note: string | null;
  readonly cents: number;
  readonly weight: number | null;
  readonly paid: boolean;
}

describe('aggregators name the fields of their row', () => {
  it('and of the right kind only', () => {
    sum<Sale>('cents');
    average<Sale>('weight');
    distinct<Sale>('note');
    topN<Sale>({ n: 1, item: 'product', by: 'cents' });
    // @ts-expect-error a text cannot be summed
    sum<Sale>('product');
    // @ts-expect-error there is no such field
    max<Sale>('cent');
    // @ts-expect-error truth values are not counted apart
    distinct<Sale>('paid');
    // @ts-expect-error a ranking is by a number
    topN<Sale>({ n: 1, item: 'product', by: 'note' });
  });

  it('or take a function of the row', () => {
    sum((sale: Sale) => sale.cents * 2);
    min((sale: Sale) => sale.weight);
    // @ts-expect-error a function has to give a number
    sum((sale: Sale) => sale.product);
  });

  it('and have known results', () => {
    const aggregators = { rows: count<Sale>(), cents: sum<Sale>('cents'), least: min<Sale>('weight'), top: topN<Sale>({ n: 1, item: 'product', by: 'cents' }) };
    type Results = { [Name in keyof typeof aggregators]: AggregatorResult<(typeof aggregators)[Name]> };
    expectTypeOf<Results>().toEqualTypeOf<{ rows: number; cents: number; least: number | null; top: readonly Ranked[] }>();
  });
});
