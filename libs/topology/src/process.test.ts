import { seconds } from '@weir/model';
import { boundedOutOfOrderness, broadcastState, output, valueState } from '@weir/operators';
import { int, record, string, timestamp } from '@weir/schema';
import { describe as group, expect, it } from 'vitest';
import { describe, pipeline, projection } from './index.ts';
import type { SinkPort, Stream } from './index.ts';

const Order = record('Order', { shop: string(), cents: int(), note: string(), placedAt: timestamp() });
const Short = record('Short', { shop: string(), cents: int() });
type Order = { shop: string; cents: number; note: string; placedAt: number };

function defined(define: (orders: Stream<Order>, sinks: { readonly short: SinkPort<{ shop: string; cents: number }> }) => void) {
  return pipeline({ name: 'shaped', sources: { orders: Order }, sinks: { short: Short } }, ({ orders }, sinks) => {
    define(orders.withEventTime({ timestamp: 'placedAt', watermark: boundedOutOfOrderness(seconds(1)) }), sinks);
  });
}

group('shaping steps', () => {
  it('need no name, and say what they do', () => {
    const topology = defined((orders, sinks) => {
      const { large, rest } = orders.split({ large: ({ cents }) => cents > 100 });
      large.discard('seen elsewhere');
      rest
        .union(orders)
        .project('shop', 'cents')
        .assignIds('id')
        .flatMap((row) => [row])
        .to(sinks.short);
    });
    expect(describe(topology).split('\n').slice(2, -1)).toEqual([
      '  split-1 <- orders: split by predicates into large, rest',
      '  discard <- split-1.large: seen elsewhere',
      '  union-3 <- split-1.rest + orders: union of 2',
      '  project-4 <- union-3: project shop, cents',
      '  assign-ids-5 <- project-4: assign-ids id from the place in the log',
      '  flat-map-6 <- assign-ids-5: flat-map',
      '  sink short (Short) <- flat-map-6',
    ]);
  });

  it('project leaves the fields that nobody names undecoded', () => {
    expect(
      projection(
        defined((orders, sinks) => orders.project('shop', 'cents').to(sinks.short)),
        'orders',
      ),
    ).toEqual(['shop', 'cents', 'placedAt']);
  });

  it('refuse fields, names and streams that are not there', () => {
    expect(() => defined((orders, sinks) => orders.project('size' as 'cents', 'shop').to(sinks.short))).toThrow(/TOPOLOGY_FIELD_UNKNOWN/);
    expect(() => defined((orders) => orders.assignIds('id', ['size' as 'cents']))).toThrow(/TOPOLOGY_FIELD_UNKNOWN/);
    expect(() => defined((orders) => orders.split({ 'not a name': () => true }))).toThrow(/TOPOLOGY_NAME/);
    expect(() => defined((orders) => orders.split({ rest: () => true }))).toThrow(/SPLIT_OUTPUT/);
    let foreign: Stream<Order> | undefined;
    defined((orders, sinks) => {
      foreign = orders;
      orders.to(sinks.short);
    });
    expect(() => defined((orders) => orders.union(foreign!))).toThrow(/TOPOLOGY_FOREIGN_STREAM/);
    expect(() =>
      defined((orders) =>
        orders
          .keyBy('shop')
          .processWithBroadcast('rules', foreign!, {
            rules: broadcastState<string, number>(),
            emits: output<number>(),
            onRule: () => undefined,
            onRow: () => undefined,
          }),
      ),
    ).toThrow(/TOPOLOGY_FOREIGN_STREAM/);
  });
});

group('process steps', () => {
  it('say what state they have, because a checkpoint of another is not theirs', () => {
    const topology = defined((orders, sinks) => {
      const { out, big, late } = orders
        .keyBy('shop')
        .process(
          'watch',
          {
            state: { seen: valueState<number>({ ttl: seconds(90) }) },
            emits: output<{ shop: string; cents: number }>(),
            outputs: { big: output<Order>() },
            onRow: () => undefined,
          },
          { order: 'event-time' },
        );
      out.to(sinks.short);
      big.discard('not looked at');
      late.discard('not looked at');
    });
    expect(describe(topology)).toContain('watch <- orders: process by shop, state seen=value ttl 90s, outputs big, event-time order');
  });

  it('refuse a bad name, a name twice and an output that nobody reads', () => {
    const definition = { emits: output<{ shop: string; cents: number }>(), onRow: () => undefined };
    expect(() => defined((orders) => orders.keyBy('shop').process('not a name', definition))).toThrow(/TOPOLOGY_NAME/);
    expect(() =>
      defined((orders) => {
        orders.keyBy('shop').process('twice', definition);
        orders.keyBy('shop').process('twice', definition);
      }),
    ).toThrow(/TOPOLOGY_DUPLICATE_STEP/);
    expect(() => defined((orders) => orders.keyBy('shop').process('open', definition))).toThrow(/TOPOLOGY_OPEN_END shaped\/open/);
  });
});
