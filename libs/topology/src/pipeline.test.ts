import { hours, minutes, seconds } from '@weir/model';
import { afterWatermark, boundedOutOfOrderness, count, sum, tumbling } from '@weir/operators';
import { int, nullable, record, string, timestamp } from '@weir/schema';
import { describe, expect, it } from 'vitest';
import { pipeline } from './pipeline.ts';
import type { Stream, UntimedStream, SinkPort } from './stream.ts';

const Order = record('Order', { shop: string(), status: string(), cents: int(), placedAt: timestamp(), customer: nullable(string()) });
const Revenue = record('Revenue', { shop: string(), cents: int() });

type OrderRow = { shop: string; status: string; cents: number; placedAt: number; customer: string | null };

const time = { timestamp: 'placedAt', watermark: boundedOutOfOrderness(seconds(5)) } as const;
const window = { allowedLateness: minutes(10), trigger: afterWatermark(), accumulation: 'accumulating' } as const;

const toRevenue = (stream: Stream<OrderRow>, name: string) => stream.keyBy('shop').window(tumbling(hours(1)), window).aggregate(name, { cents: sum('cents') });

/** Passes the compiler's guard, as JavaScript or a cast would. */
const untyped = <T>(value: unknown): T => value as T;

/** A pipeline with one source and one sink, whatever the definition does with them. */
const defined = (define: (orders: UntimedStream<OrderRow>, sink: SinkPort<OrderRow>) => void, name = 'p') =>
  pipeline({ name, sources: { orders: Order }, sinks: { out: Order } }, ({ orders }, sinks) => {
    define(untyped(orders), untyped(sinks.out));
  });

describe('pipeline', () => {
  it('makes nodes in topological order, joined by edges', () => {
    const topology = pipeline({ name: 'revenue', sources: { orders: Order }, sinks: { revenue: Revenue, late: Order } }, ({ orders }, sinks) => {
      const { results, late } = orders
        .withEventTime({ ...time, idleAfter: seconds(30) })
        .filter((order) => order.status === 'paid')
        .through((paid) => toRevenue(paid, 'revenue'));
      results.map((result) => ({ shop: result.key, cents: result.value.cents })).to(sinks.revenue);
      late.to(sinks.late);
    });
    expect(topology.nodes.map((node) => (node.kind === 'operator' ? [node.id, node.step, ...node.inputs] : [node.id, node.kind, 'input' in node ? node.input : undefined]))).toEqual([
      [0, 'source', undefined],
      [1, 'filter-1', { node: 0, port: 0 }],
      [2, 'revenue', { node: 1, port: 0 }],
      [3, 'map-3', { node: 2, port: 0 }],
      [4, 'sink', { node: 3, port: 0 }],
      [5, 'sink', { node: 2, port: 1 }],
    ]);
    expect(topology.nodes[0]).toMatchObject({ eventTime: { timestamp: { field: 'placedAt' }, idleAfter: 30_000, maxFuture: 86_400_000 } });
  });

  it('lets one stream be read any number of times, and several streams meet in one sink', () => {
    const topology = defined((orders, out) => {
      const timed = orders.withEventTime(time);
      timed.to(out);
      timed.filter(() => true).to(out);
      timed.filter(() => false).discard('nobody asked for them');
    });
    expect(topology.nodes.map((node) => node.kind)).toEqual(['source', 'sink', 'operator', 'sink', 'operator', 'discard']);
  });

  it('is frozen through and through', () => {
    const topology = defined((orders, out) => orders.withEventTime(time).to(out));
    for (const part of [topology, topology.nodes, topology.nodes[0], topology.sources, topology.sources.orders.fields, topology.sources.orders.fields[0]]) {
      expect(Object.isFrozen(part)).toBe(true);
    }
    expect(() => Object.assign(topology.nodes[0]!, { id: 5 })).toThrow(TypeError);
  });
});

describe('a pipeline that cannot be meant', () => {
  const drop = 'not needed here';

  it.each([
    ['two steps of one name', 'TOPOLOGY_DUPLICATE_STEP p/revenue: Two steps have this name. Rename one: names identify checkpointed state.', (orders: UntimedStream<OrderRow>, out: SinkPort<OrderRow>) => {
      const timed = orders.withEventTime(time);
      for (const each of [toRevenue(timed, 'revenue'), toRevenue(timed, 'revenue')]) each.results.discard(drop);
      timed.to(out);
    }],
    ['an output that nobody reads', "TOPOLOGY_OPEN_END p/revenue: The output 'late' goes nowhere. End it with .to(sinks.…) or .discard('reason').", (orders, out) => {
      const timed = orders.withEventTime(time);
      timed.to(out);
      toRevenue(timed, 'revenue').results.discard(drop);
    }],
    ['a source that is timed and not read', "TOPOLOGY_OPEN_END p: The stream of source 'orders' goes nowhere.", (orders) => void orders.withEventTime(time)],
    ['a source that is not read', "TOPOLOGY_UNUSED_SOURCE p: The source 'orders' is declared and never read.", () => undefined],
    ['a sink that is not written', "TOPOLOGY_UNUSED_SINK p: The sink 'out' is declared and never written.", (orders) => orders.withEventTime(time).discard(drop)],
    ['a step without a name', 'TOPOLOGY_NAME p: "" is no name for a step.', (orders) => void toRevenue(orders.withEventTime(time), '')],
    ['a step that could not be a directory', 'TOPOLOGY_NAME p: "../x" is no name for a step.', (orders) => void toRevenue(orders.withEventTime(time), '../x')],
    ['an event time given twice', "TOPOLOGY_EVENT_TIME_TWICE p: Source 'orders' is given event time twice.", (orders, out) => {
      orders.withEventTime(time).to(out);
      orders.withEventTime(time).to(out);
    }],
    ['a discard without a reason', 'TOPOLOGY_DISCARD_REASON p: A stream is discarded without a reason.', (orders) => orders.withEventTime(time).discard(' ')],
    ['a time field that is not there', "TOPOLOGY_FIELD_UNKNOWN p: Order has no field 'plcedAt'. It has shop, status, cents, placedAt, customer.", (orders) => void orders.withEventTime({ ...time, timestamp: untyped('plcedAt') })],
    ['a time field that is text', "TOPOLOGY_FIELD_TYPE p: Field 'shop' of Order is a string and cannot serve as time.", (orders) => void orders.withEventTime({ ...time, timestamp: untyped('shop') })],
    ['a key field that is not there', "TOPOLOGY_FIELD_UNKNOWN p/revenue: Order has no field 'shp'.", (orders) => void orders.withEventTime(time).filter(() => true).keyBy(untyped<'shop'>('shp')).window(tumbling(hours(1)), window).aggregate('revenue', { n: count() })],
    ['an aggregate of a field that is not there', "TOPOLOGY_FIELD_UNKNOWN p/revenue: Order has no field 'cnts'.", (orders) => void orders.withEventTime(time).keyBy('shop').window(tumbling(hours(1)), window).aggregate('revenue', { cents: sum(untyped<'cents'>('cnts')) })],
    ['a windowed step that computes nothing', 'TOPOLOGY_AGGREGATE_EMPTY p/revenue: ', (orders) => void orders.withEventTime(time).keyBy('shop').window(tumbling(hours(1)), window).aggregate('revenue', {})],
  ] as readonly [string, string, (orders: UntimedStream<OrderRow>, out: SinkPort<OrderRow>) => void][])('is refused: %s', (_, message, define) => {
    expect(() => defined(define)).toThrow(message);
  });

  it.each(['', 'Revenue By Country', '9-lives', 'a--b', '-a', 'a'.repeat(81)])('is refused by its name: %j', (name) => {
    expect(() => defined((orders, out) => orders.withEventTime(time).to(out), name)).toThrow('TOPOLOGY_NAME');
  });

  it('is refused when a stream is used after the definition returned', () => {
    let kept: Stream<OrderRow> | undefined;
    defined((orders, out) => {
      kept = orders.withEventTime(time);
      kept.to(out);
    });
    expect(() => kept?.discard('too late')).toThrow('TOPOLOGY_SEALED p: A discard was added after the definition had returned.');
  });

  it('is refused when it ends in the sink of another pipeline', () => {
    let other: SinkPort<OrderRow> | undefined;
    defined((orders, out) => {
      other = out;
      orders.withEventTime(time).to(out);
    });
    expect(() => defined((orders) => orders.withEventTime(time).to(other!), 'q')).toThrow("TOPOLOGY_FOREIGN_SINK q: 'out' is not a sink of this pipeline.");
  });
});
