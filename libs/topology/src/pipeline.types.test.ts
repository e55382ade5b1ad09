import { hours, minutes, seconds } from '@weir/model';
import type { Pane, Window } from '@weir/model';
import { afterWatermark, boundedOutOfOrderness, count, every, sum, tumbling } from '@weir/operators';
import { int, json, nullable, record, string, timestamp } from '@weir/schema';
import { describe, expectTypeOf, it } from 'vitest';
import { pipeline } from './pipeline.ts';
import type { KeyedStream, SinkPort, Stream, UntimedStream, WindowResult, WindowedStream } from './stream.ts';

const Order = record('Order', {
  product: string(),
  shop: string(),
  cents: int(),
  placedAt: timestamp(),
  customer: nullable(string()),
  tags: json<readonly string[]>(),
});
const Revenue = record('Revenue', { shop: string(), minute: timestamp(), cents: int(), orders: int() });

interface OrderRow {
  readonly product: string;
  readonly shop: string;
  readonly cents: number;
  readonly placedAt: number;
  readonly customer: string | null;
  readonly tags: readonly string[];
}
interface RevenueRow {
  readonly shop: string;
  readonly minute: number;
  readonly cents: number;
  readonly orders: number;
}

const time = { timestamp: 'placedAt', watermark: boundedOutOfOrderness(seconds(5)) } as const;
const options = { allowedLateness: minutes(10), trigger: afterWatermark({ early: every(seconds(10)) }), accumulation: 'accumulating' } as const;

/** For the compiler's eyes: the function is never called. */
function compiled(_define: () => void): void {
  expectTypeOf<true>().toEqualTypeOf<true>();
}

declare const untimed: UntimedStream<OrderRow>;
declare const stream: Stream<OrderRow>;
declare const keyed: KeyedStream<OrderRow, string>;
declare const windowed: WindowedStream<OrderRow, string>;
declare const revenueSink: SinkPort<RevenueRow>;

describe('the types of a pipeline', () => {
  it('give a result exactly the fields that were aggregated, with nothing annotated', () => {
    compiled(() => {
      const { results, late } = stream.keyBy('shop').window(tumbling(minutes(1)), options).aggregate('revenue', { cents: sum('cents'), orders: count() });
      expectTypeOf(results).toEqualTypeOf<Stream<WindowResult<string, { cents: number; orders: number }>>>();
      results.map((result) => {
        expectTypeOf(result.key).toEqualTypeOf<string>();
        expectTypeOf(result.window).toEqualTypeOf<Window>();
        expectTypeOf(result.pane).toEqualTypeOf<Pane>();
        expectTypeOf(result.value).toEqualTypeOf<{ cents: number; orders: number }>();
      });
      expectTypeOf(late).toEqualTypeOf<Stream<OrderRow>>();
    });
  });

  it('know the key: of a field, of a field that may be null, of a function', () => {
    compiled(() => {
      expectTypeOf(stream.keyBy('placedAt')).toEqualTypeOf<KeyedStream<OrderRow, number>>();
      expectTypeOf(stream.keyBy('customer')).toEqualTypeOf<KeyedStream<OrderRow, string>>();
      expectTypeOf(stream.keyBy((order) => `${order.shop}/${order.product}`)).toEqualTypeOf<KeyedStream<OrderRow, string>>();
      expectTypeOf(stream.keyBy(() => 1)).toEqualTypeOf<KeyedStream<OrderRow, number>>();
    });
  });

  it('carry what a step makes, and a lambda in an aggregate knows its row', () => {
    compiled(() => {
      expectTypeOf(stream.map((order) => ({ euros: order.cents / 100 }))).toEqualTypeOf<Stream<{ euros: number }>>();
      expectTypeOf(stream.through((orders) => orders.map(() => 1))).toEqualTypeOf<Stream<number>>();
      const { results } = windowed.aggregate('doubled', {
        cents: sum((order) => {
          expectTypeOf(order).toEqualTypeOf<OrderRow>();
          return order.cents * 2;
        }),
      });
      expectTypeOf(results).toEqualTypeOf<Stream<WindowResult<string, { cents: number }>>>();
    });
  });

  it('take rows of a schema from a source, and a definition in full', () => {
    compiled(() => {
      const topology = pipeline({ name: 'revenue', sources: { orders: Order }, sinks: { revenue: Revenue, late: Order } }, ({ orders }, sinks) => {
        const { results, late } = orders.withEventTime(time).keyBy('shop').window(tumbling(minutes(1)), options).aggregate('revenue', { cents: sum('cents'), orders: count() });
        results.map((result) => ({ shop: result.key, minute: result.window.start, ...result.value })).to(sinks.revenue);
        late.to(sinks.late);
      });
      expectTypeOf<keyof typeof topology.sources>().toEqualTypeOf<'orders'>();
      expectTypeOf<keyof typeof topology.sinks>().toEqualTypeOf<'revenue' | 'late'>();
    });
  });
});

describe('what does not compile', () => {
  it('a step before its turn', () => {
    compiled(() => {
      // @ts-expect-error: its time has not been decided
      untimed.filter(() => true);
      // @ts-expect-error: its time has not been decided
      untimed.keyBy('shop');
      // @ts-expect-error: it has no key
      stream.window(tumbling(minutes(1)), options);
      // @ts-expect-error: it has no windows
      keyed.aggregate('n', { n: count() });
      // @ts-expect-error: its time has been decided
      stream.withEventTime(time);
      // @ts-expect-error: windows are to be aggregated first
      windowed.to(revenueSink);
    });
  });

  it('a field that is not there, or of the wrong type', () => {
    compiled(() => {
      // @ts-expect-error: a typo
      stream.keyBy('prodct');
      // @ts-expect-error: a list is no key
      stream.keyBy('tags');
      // @ts-expect-error: a typo
      stream.filter((order) => order.cnts > 0);
      // @ts-expect-error: a typo
      windowed.aggregate('revenue', { cents: sum('cnts') });
      // @ts-expect-error: text has no sum
      windowed.aggregate('revenue', { cents: sum('shop') });
      // @ts-expect-error: a typo
      windowed.aggregate('revenue', { cents: sum((order) => order.cnts) });
      // @ts-expect-error: a typo
      untimed.withEventTime({ ...time, timestamp: 'plcedAt' });
      // @ts-expect-error: text is no time
      untimed.withEventTime({ ...time, timestamp: 'shop' });
      // @ts-expect-error: a null is no time
      untimed.withEventTime({ ...time, timestamp: (order) => order.customer });
    });
  });

  it('a number without a unit, and a decision left out', () => {
    compiled(() => {
      // @ts-expect-error: of what unit?
      tumbling(60_000);
      // @ts-expect-error: of what unit?
      boundedOutOfOrderness(5_000);
      // @ts-expect-error: of what unit?
      keyed.window(tumbling(hours(1)), { ...options, allowedLateness: 0 });
      // @ts-expect-error: accumulating or discarding?
      keyed.window(tumbling(hours(1)), { allowedLateness: minutes(0), trigger: afterWatermark() });
      // @ts-expect-error: there is no such mode
      keyed.window(tumbling(hours(1)), { ...options, accumulation: 'retracting' });
      // @ts-expect-error: late by how much?
      keyed.window(tumbling(hours(1)), { trigger: afterWatermark(), accumulation: 'discarding' });
    });
  });

  it('rows sent to a sink of other rows', () => {
    compiled(() => {
      // @ts-expect-error: orders are not revenue
      stream.to(revenueSink);
      // @ts-expect-error: the minute is missing
      stream.map((order) => ({ shop: order.shop, cents: order.cents, orders: 1 })).to(revenueSink);
      // @ts-expect-error: text for a number
      stream.map((order) => ({ shop: order.shop, minute: 'x', cents: order.cents, orders: 1 })).to(revenueSink);
      pipeline({ name: 'p', sources: { orders: Order }, sinks: { revenue: Revenue } }, (sources, sinks) => {
        // @ts-expect-error: there is no such source
        sources.order.withEventTime(time);
        // @ts-expect-error: there is no such sink
        stream.to(sinks.revenu);
        // @ts-expect-error: a reason is needed
        stream.discard();
      });
    });
  });
});
