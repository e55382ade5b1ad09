import { isDeepStrictEqual } from 'node:util';
import { MAX_WATERMARK, minutes } from '@weir/model';
import { boundedOutOfOrderness, count, max, sum } from '@weir/operators';
import type { ChangeRow } from '@weir/operators';
import { boolean, int, json, record, string, timestamp } from '@weir/schema';
import type { Infer } from '@weir/schema';
import { cases } from '@weir/testkit';
import { pipeline } from '@weir/topology';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { testDriver } from './test-driver.ts';

const Order = record('Order', { id: string(), customer: string(), cents: int(), gone: boolean(), at: timestamp() });
const Customer = record('Customer', { id: string(), city: string(), at: timestamp() });
const Changes = record('Changes', { change: json<ChangeRow>() });
const Rows = record('Rows', { row: json<unknown>() });

type OrderRow = Infer<typeof Order>;
type CustomerRow = Infer<typeof Customer>;

/** Every step over tables, one after the other. */
const chain = pipeline(
  { name: 'chain', sources: { orders: Order, customers: Customer }, sinks: { cities: Changes, best: Changes, both: Changes, seen: Rows, looked: Rows, newest: Rows } },
  ({ orders, customers }, sinks) => {
    const watermark = boundedOutOfOrderness(minutes(1));
    const rows = orders.withEventTime({ timestamp: 'at', watermark });
    const orderTable = rows.keyBy('id').toTable('orders', { deleted: (order) => order.gone });
    const customerTable = customers.withEventTime({ timestamp: 'at', watermark }).keyBy('id').toTable('customers');
    const cityOf = orderTable.table.foreignKeyJoin('cityOf', customerTable.table, { kind: 'left', key: (order) => (order.customer === '' ? null : order.customer) }, (order, customer) => ({ cents: order.cents, city: customer?.city ?? '?' }));
    const cities = cityOf.filter('paid', (order) => order.cents > 0).groupBy('city').aggregate('cities', { orders: count(), cents: sum('cents'), most: max('cents') });
    const best = cities.topN('bestCities', { n: 2, by: 'cents', order: 'descending', ranks: true });
    const both = cityOf.map(({ city }) => ({ city })).join('both', orderTable.table, { kind: 'full' }, (left, right) => ({ city: left?.city ?? null, cents: right?.cents ?? null }));
    cities.toChangelog().map((change) => ({ change })).to(sinks.cities);
    best.toChangelog().map((change) => ({ change })).to(sinks.best);
    both.toChangelog().map((change) => ({ change })).to(sinks.both);
    best.toUpserts().map((row) => ({ row })).to(sinks.newest);
    const seen = rows.keyBy('customer').temporalJoin('seen', customerTable.table, { kind: 'left' }, (order, customer) => ({ id: order.id, at: order.at, city: customer?.city ?? null }));
    seen.results.map((row) => ({ row })).to(sinks.seen);
    const looked = rows.lookupJoin('looked', cityOf, { kind: 'inner', key: (order) => order.id }, (order, { city }) => ({ id: order.id, at: order.at, city }));
    looked.results.map((row) => ({ row })).to(sinks.looked);
    for (const { late } of [orderTable, customerTable, seen, looked]) late.discard('nothing is late');
  },
);

const place = { at: fc.integer({ min: -5, max: 12 }), delay: fc.oneof({ weight: 2, arbitrary: fc.constant(0) }, fc.nat({ max: 6 })), partition: fc.nat({ max: 1 }), stops: fc.oneof({ weight: 6, arbitrary: fc.constant(false) }, fc.constant(true)) };
const order = fc.record({ ...place, source: fc.constant('orders' as const), id: fc.constantFrom('a', 'b', 'c', 'd'), customer: fc.constantFrom('x', 'y', ''), cents: fc.integer({ min: 0, max: 3 }), gone: fc.oneof({ weight: 4, arbitrary: fc.constant(false) }, fc.constant(true)) });
const customer = fc.record({ ...place, source: fc.constant('customers' as const), id: fc.constantFrom('x', 'y'), city: fc.constantFrom('Leeds', 'York', 'Hull') });
type Arrival = { readonly source: 'orders' | 'customers'; readonly at: number; readonly partition: number; readonly stops: boolean; readonly row: OrderRow | CustomerRow };

const arrivals: fc.Arbitrary<readonly Arrival[]> = fc.array(fc.oneof({ weight: 3, arbitrary: order }, { weight: 1, arbitrary: customer }), { maxLength: 25, size: 'max' }).map((all) =>
  [...all]
    .sort((a, b) => a.at + a.delay - b.at - b.delay)
    .map(({ source, at, partition, stops, delay: _, ...row }) => ({ source, at, partition, stops, row: { ...row, at } as OrderRow | CustomerRow })),
);

/** The rows of a source, or one before a time, by (timestamp, partition, arrival). */
function inOrder(all: readonly Arrival[], source: Arrival['source'], until: number): readonly Arrival[] {
  return all.filter((each) => each.source === source && each.at <= until).sort((a, b) => a.at - b.at || a.partition - b.partition);
}

interface Moment {
  readonly customers: ReadonlyMap<string, string>;
  readonly orders: ReadonlyMap<string, OrderRow>;
}

/** What both tables hold at an instant. */
function momentAt(all: readonly Arrival[], instant: number): Moment {
  const customers = new Map(inOrder(all, 'customers', instant).map(({ row }) => [row.id, (row as CustomerRow).city]));
  const last = new Map(inOrder(all, 'orders', instant).map(({ row }) => [row.id, row as OrderRow]));
  return { customers, orders: new Map([...last].filter(([, row]) => !row.gone)) };
}

function cityOf({ customers }: Moment, row: OrderRow): string {
  return row.customer === '' ? '?' : (customers.get(row.customer) ?? '?');
}

function citiesOf(moment: Moment): ReadonlyMap<string, { readonly orders: number; readonly cents: number; readonly most: number }> {
  const paid = [...moment.orders.values()].filter(({ cents }) => cents > 0);
  return new Map([...Map.groupBy(paid, (row) => cityOf(moment, row))].map(([city, rows]) => [city, { orders: rows.length, cents: rows.reduce((so, { cents }) => so + cents, 0), most: Math.max(...rows.map(({ cents }) => cents)) }]));
}

/** The tables at an instant, computed anew. */
function expectedAt(all: readonly Arrival[], instant: number): Readonly<Record<'cities' | 'best' | 'both', unknown>> {
  const moment = momentAt(all, instant);
  const cities = citiesOf(moment);
  const ranked = [...cities].sort(([a, x], [b, y]) => y.cents - x.cents || (a < b ? -1 : 1)).slice(0, 2);
  return {
    cities: Object.fromEntries(cities),
    best: Object.fromEntries(ranked.map(([city, row], index) => [city, { rank: index + 1, row }])),
    both: Object.fromEntries([...moment.orders].map(([id, row]) => [id, { city: cityOf(moment, row), cents: row.cents }])),
  };
}

/** Applies changes to a table; throws when they are not what happens to it. */
function apply(table: Record<string, unknown>, changes: readonly { readonly change: ChangeRow }[]): void {
  for (const { change } of changes) {
    const key = String(change.key);
    const enters = change.change === 'insert' || change.change === 'update-after';
    if (enters ? key in table : !isDeepStrictEqual(table[key], change.value)) throw new Error(`Not a changelog: ${JSON.stringify(change)} where ${JSON.stringify(table[key])} is.`);
    if (enters) table[key] = change.value;
    else delete table[key];
  }
}

describe('a chain of steps over tables', () => {
  it('is at each watermark what the same query over all rows before it gives, whatever the arrival and the restarts', () => {
    fc.assert(
      fc.property(arrivals, (all) => {
        const tables: Readonly<Record<'cities' | 'best' | 'both', Record<string, unknown>>> = { cities: {}, best: {}, both: {} };
        const newest: Record<string, unknown> = {};
        const streams: Record<'seen' | 'looked', unknown[]> = { seen: [], looked: [] };
        let driver = testDriver(chain, { partitions: 2 });
        const take = (): void => {
          for (const name of ['cities', 'best', 'both'] as const) apply(tables[name], driver.drain(name));
          for (const { row } of driver.drain('newest')) newest[(row as { key: string }).key] = (row as { value: unknown }).value;
          for (const name of ['seen', 'looked'] as const) streams[name].push(...driver.drain(name).map(({ row }) => row));
        };
        for (const [index, { source, partition, stops, row }] of all.entries()) {
          driver.push(source, row as never, { partition });
          const watermark = Math.min(...all.slice(index + 1).map(({ at }) => at));
          if (watermark < MAX_WATERMARK) for (const each of ['orders', 'customers'] as const) driver.advanceWatermark(each, watermark);
          take();
          if (watermark < MAX_WATERMARK) expect(tables).toEqual(expectedAt(all.slice(0, index + 1), watermark - 1));
          if (stops) driver = testDriver(chain, { partitions: 2, restored: driver.snapshot() });
        }
        for (const each of ['orders', 'customers'] as const) driver.advanceWatermark(each, MAX_WATERMARK);
        take();
        expect(tables).toEqual(expectedAt(all, MAX_WATERMARK));
        expect(Object.fromEntries(Object.entries(newest).filter(([, value]) => value !== null))).toEqual(tables.best);
        expect(sorted(streams.seen)).toEqual(sorted(seenBy(all)));
        expect(sorted(streams.looked)).toEqual(sorted(lookedUp(all)));
      }),
      { numRuns: cases(150) },
    );
  });
});

function seenBy(all: readonly Arrival[]): readonly unknown[] {
  return inOrder(all, 'orders', MAX_WATERMARK).map(({ row, at }) => ({ id: row.id, at, city: momentAt(all, at).customers.get((row as OrderRow).customer) ?? null }));
}

function lookedUp(all: readonly Arrival[]): readonly unknown[] {
  return inOrder(all, 'orders', MAX_WATERMARK).flatMap(({ row, at }) => {
    const moment = momentAt(all, at);
    const found = moment.orders.get(row.id);
    return found === undefined ? [] : [{ id: row.id, at, city: cityOf(moment, found) }];
  });
}

const sorted = (rows: readonly unknown[]): readonly string[] => rows.map((row) => JSON.stringify(row)).sort();
