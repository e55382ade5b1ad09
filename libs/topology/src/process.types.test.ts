import { hours, seconds } from '@weir/model';
import { boundedOutOfOrderness, broadcastState, mapState, output, valueState } from '@weir/operators';
import { int, record, string, timestamp } from '@weir/schema';
import { expectTypeOf, it } from 'vitest';
import { pipeline } from './index.ts';
import type { Stream } from './index.ts';

const Order = record('Order', { shop: string(), cents: int(), placedAt: timestamp() });
type Order = { shop: string; cents: number; placedAt: number };

/** Compiles, or does not; never runs. */
function defined(define: (orders: Stream<Order>) => void): void {
  expectTypeOf(define).toBeFunction();
  void (() =>
    pipeline({ name: 'typed', sources: { orders: Order }, sinks: {} }, ({ orders }) => {
      define(orders.withEventTime({ timestamp: 'placedAt', watermark: boundedOutOfOrderness(seconds(1)) }));
    }));
}

it('knows state, key, rows and outputs of a process function', () => {
  defined((orders) => {
    const outputs = orders.keyBy('shop').process('typed', {
      state: { seen: valueState<number>({ ttl: hours(1) }), byDay: mapState<number, string>() },
      emits: output<{ total: number }>(),
      outputs: { big: output<{ cents: number }>() },
      onRow(row, ctx) {
        expectTypeOf(row).toEqualTypeOf<Order>();
        expectTypeOf(ctx.key).toEqualTypeOf<string>();
        expectTypeOf(ctx.state.seen.get()).toEqualTypeOf<number | undefined>();
        expectTypeOf(ctx.state.byDay.entries()).toEqualTypeOf<readonly (readonly [number, string])[]>();
        ctx.emit({ total: 1 });
        ctx.emitTo('big', { cents: 1 });
        // @ts-expect-error no such field
        ctx.emit({ sum: 1 });
        // @ts-expect-error no such output
        ctx.emitTo('small', { cents: 1 });
        // @ts-expect-error a number is kept
        ctx.state.seen.set('x');
        // @ts-expect-error no such state
        void ctx.state.unknown;
      },
    });
    expectTypeOf(outputs.out).toEqualTypeOf<Stream<{ total: number }>>();
    expectTypeOf(outputs.big).toEqualTypeOf<Stream<{ cents: number }>>();
    // @ts-expect-error rows that are taken as they come are never late
    void outputs.late;
  });
});

it('has a late output where rows are put in order', () => {
  defined((orders) => {
    const { late } = orders.keyBy('shop').process('typed', { emits: output<Order>(), onRow: (row, ctx) => ctx.emit({ ...row }) }, { order: 'event-time' });
    expectTypeOf(late).toEqualTypeOf<Stream<Order>>();
  });
});

it('lets only rules change the rules', () => {
  defined((orders) => {
    const { out } = orders.keyBy('shop').processWithBroadcast('typed', orders, {
      rules: broadcastState<string, number>(),
      emits: output<number>(),
      onRule(rule, ctx) {
        expectTypeOf(rule).toEqualTypeOf<Order>();
        ctx.rules.set(rule.shop, rule.cents);
        // @ts-expect-error rules emit nothing
        ctx.emit(1);
      },
      onRow(_row, ctx) {
        ctx.emit(ctx.rules.get('x') ?? 0);
        // @ts-expect-error read-only here
        ctx.rules.set('x', 1);
      },
    });
    expectTypeOf(out).toEqualTypeOf<Stream<number>>();
  });
});

it('knows what shaping leaves', () => {
  defined((orders) => {
    expectTypeOf(orders.project('shop', 'cents')).toEqualTypeOf<Stream<Pick<Order, 'shop' | 'cents'>>>();
    expectTypeOf(orders.flatMap(({ cents }) => [cents])).toEqualTypeOf<Stream<number>>();
    expectTypeOf(orders.assignIds('id')).toEqualTypeOf<Stream<Order & { readonly id: string }>>();
    const { small, rest } = orders.split({ small: (order) => order.cents < 100 });
    expectTypeOf(small).toEqualTypeOf<Stream<Order>>();
    expectTypeOf(rest).toEqualTypeOf<Stream<Order>>();
    const { north } = orders.splitBy(['north', 'south'], (order) => (order.shop === 'x' ? 'north' : 'south'));
    expectTypeOf(north).toEqualTypeOf<Stream<Order>>();
    // @ts-expect-error no such output
    orders.splitBy(['north', 'south'], () => 'east');
    // @ts-expect-error no such field
    orders.project('size');
    // @ts-expect-error rows of another type
    orders.union(orders.map(({ cents }) => ({ cents })));
    // @ts-expect-error needs at least one other
    orders.union();
  });
});
