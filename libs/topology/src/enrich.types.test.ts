import { seconds } from '@weir/model';
import { boundedOutOfOrderness } from '@weir/operators';
import type { FailedRequest } from '@weir/operators';
import { int, record, string, timestamp } from '@weir/schema';
import { expectTypeOf, it } from 'vitest';
import { pipeline } from './index.ts';
import type { Stream } from './index.ts';

const Order = record('Order', { shop: string(), placedAt: timestamp() });
const Shop = record('Shop', { city: string(), size: int() });
type Order = { shop: string; placedAt: number };

/** Compiles, or does not; never runs. */
function defined(define: (orders: Stream<Order>) => void): void {
  expectTypeOf(define).toBeFunction();
  void (() =>
    pipeline({ name: 'typed', sources: { orders: Order }, sinks: {} }, ({ orders }) => {
      define(orders.withEventTime({ timestamp: 'placedAt', watermark: boundedOutOfOrderness(seconds(1)) }));
    }));
}

const always = { concurrency: 1, ordered: true } as const;

it('gives rows the answer that the schema says', () => {
  defined((orders) => {
    const { out } = orders.enrich('shop', { ...always, request: (order) => order.shop, response: Shop, onFailure: 'fail' }, (order, shop) => {
      expectTypeOf(order).toEqualTypeOf<Order>();
      expectTypeOf(shop.city).toEqualTypeOf<string>();
      return { city: shop.city };
    });
    expectTypeOf(out).toEqualTypeOf<Stream<{ city: string }>>();
  });
});

it('says that an answer may be null where failures are', () => {
  defined((orders) => {
    orders.enrich('shop', { ...always, request: (order) => order.shop, response: Shop, onFailure: 'null' }, (_order, shop) => {
      expectTypeOf(shop).toBeNullable();
      // @ts-expect-error it may be null
      return { city: shop.city };
    });
  });
});

it('has an output for failures where they are dead letters, and only there', () => {
  defined((orders) => {
    const { failed } = orders.enrich('shop', { ...always, request: (order) => order.shop, onFailure: 'dead-letter' }, (order) => order);
    expectTypeOf(failed).toEqualTypeOf<Stream<FailedRequest<Order>>>();
    const outputs = orders.enrich('shop', { ...always, request: (order) => order.shop, onFailure: 'fail' }, (order) => order);
    // @ts-expect-error failures fail the job
    void outputs.failed;
    // @ts-expect-error what becomes of failures has to be said
    orders.enrich('shop', { ...always, request: (order) => order.shop }, (order) => order);
  });
});
