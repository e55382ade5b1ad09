import { any, distinctApproximate, first, heavyHitters, histogram, last, list, maxBy, minBy, quantiles, standardDeviation, variance } from '@weir/operators';
import type { HeavyHitter, Histogram, Listed } from '@weir/operators';
import { describe, expectTypeOf, it } from 'vitest';
import type { WindowedStream } from './stream.ts';

interface OrderRow {
  readonly product: string;
  readonly cents: number;
  readonly placedAt: number;
  readonly customer: string | null;
  readonly paid: boolean;
}

declare const windowed: WindowedStream<OrderRow, string>;

/** For the compiler's eyes: the function is never called. */
function compiled(_define: () => void): void {
  expectTypeOf<true>().toEqualTypeOf<true>();
}

describe('the types of aggregates in a pipeline', () => {
  it('follow from the rows, with nothing annotated', () => {
    compiled(() => {
      const { results } = windowed.aggregate('orders', {
        opened: first('product', { by: 'placedAt' }),
        closed: last('customer', { by: 'placedAt', then: 'product' }),
        cheapest: minBy((order) => order.paid, { by: 'cents' }),
        dearest: maxBy((order) => order, { by: (order) => order.cents }),
        anybody: any('customer'),
        products: list('product', { limit: 3, by: 'placedAt' }),
        spread: variance('cents', 'sample'),
        deviation: standardDeviation((order) => order.cents / 100, 'population'),
        customers: distinctApproximate('customer', { precision: 12 }),
        quarters: quantiles('cents', { at: [0.25, 0.5, 0.75] }),
        often: heavyHitters('product', { share: 0.1 }),
        bins: histogram('cents', { from: 0, to: 100, bins: 4 }),
      });
      results.map(({ value }) => {
        expectTypeOf(value).toEqualTypeOf<{
          opened: string | null;
          closed: string | null;
          cheapest: boolean | null;
          dearest: OrderRow | null;
          anybody: string | null;
          products: Listed<string>;
          spread: number | null;
          deviation: number | null;
          customers: number;
          quarters: readonly number[] | null;
          often: readonly HeavyHitter[];
          bins: Histogram;
        }>();
      });
    });
  });

  it('know a row from the lambda alone, where there is no pipeline around', () => {
    compiled(() => {
      const earliest = first((order: OrderRow) => order.customer, { by: 'placedAt' });
      expectTypeOf(earliest.finish).returns.toEqualTypeOf<string | null>();
      const texts = list((order: OrderRow) => `${order.cents}`, { limit: 1 });
      expectTypeOf(texts.finish).returns.toEqualTypeOf<Listed<string>>();
    });
  });

  it('refuse fields that there are not or that cannot serve', () => {
    compiled(() => {
      // @ts-expect-error there is no such field
      windowed.aggregate('orders', { opened: first('name', { by: 'placedAt' }) });
      // @ts-expect-error the order is by a number
      windowed.aggregate('orders', { opened: first('product', { by: 'customer' }) });
      // @ts-expect-error the order has to be said
      windowed.aggregate('orders', { opened: first('product') });
      // @ts-expect-error a list has a limit
      windowed.aggregate('orders', { products: list('product', {}) });
      // @ts-expect-error whether of all or of a sample has to be said
      windowed.aggregate('orders', { spread: variance('cents') });
      // @ts-expect-error a text has no quantiles
      windowed.aggregate('orders', { quarters: quantiles('product', { at: [0.5] }) });
      // @ts-expect-error a truth value is not counted apart
      windowed.aggregate('orders', { paid: distinctApproximate('paid') });
    });
  });
});
