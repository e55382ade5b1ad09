import { describe, expectTypeOf, it } from 'vitest';
import type { Order, RevenueByCountry, revenueByCountry } from '@weir/pipelines';
import type { Pane, Window } from '@weir/model';
import type { TestDriver } from './test-driver.ts';

type Driver = typeof revenueByCountry extends infer T ? T extends { sources: infer Sources; sinks: infer Sinks } ? TestDriver<Sources & {}, Sinks & {}> : never : never;

/** For the compiler's eyes: the function is never called. */
function compiled(_define: (driver: Driver, order: Order) => void): void {
  expectTypeOf<true>().toEqualTypeOf<true>();
}

describe('the types of a test driver', () => {
  it('know the rows of each sink', () => {
    compiled((driver) => {
      expectTypeOf(driver.drain('revenue')).toEqualTypeOf<RevenueByCountry[]>();
      expectTypeOf(driver.drain('late')).toEqualTypeOf<Order[]>();
      const result = driver.drainResults('revenue')[0]!;
      expectTypeOf(result.row).toEqualTypeOf<RevenueByCountry>();
      expectTypeOf(result.window).toEqualTypeOf<Window>();
      expectTypeOf(result.pane).toEqualTypeOf<Pane>();
    });
  });

  it('refuse names and rows that are not the pipeline’s', () => {
    compiled((driver, order) => {
      driver.push('orders', order);
      driver.push('orders', [order, order], { partition: 1 });
      // @ts-expect-error: there is no such source
      driver.push('order', order);
      // @ts-expect-error: not an order
      driver.push('orders', { country: 'France' });
      // @ts-expect-error: there is no such sink
      driver.drain('revenu');
      // @ts-expect-error: there is no such source
      driver.advanceWatermark('late', 0);
    });
  });
});
