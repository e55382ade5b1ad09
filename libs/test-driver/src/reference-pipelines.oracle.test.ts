import { MAX_WATERMARK } from '@weir/model';
import type { Order } from '@weir/pipelines';
import { bestSellers, revenueByCountry, shoppingSessions } from '@weir/pipelines';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { DrivenResult } from './test-driver.ts';
import { testDriver } from './test-driver.ts';

const RUNS = { numRuns: Number(process.env['WEIR_RUNS'] ?? 60) };
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

const line = fc.record({
  invoice: fc.constantFrom('536365', '536366', '536367', 'C536368'),
  product: fc.constantFrom('85123A', '71053', '84406B', '22752', '21730', '22633', '22632', '84879', '22745', '22748', '22749', '22310'),
  description: fc.constantFrom(null, 'WHITE METAL LANTERN'),
  units: fc.integer({ min: -3, max: 12 }),
  cents: fc.integer({ min: -500, max: 5_000 }),
  // Minutes around the epoch, so that times before it are met and gaps of exactly half an hour too.
  placedAt: fc.integer({ min: -30, max: 40 }).map((tens) => tens * 10 * MINUTE),
  customer: fc.constantFrom(null, '17850', '13047', '12583'),
  country: fc.constantFrom('United Kingdom', 'France', 'EIRE'),
});

/** Lines in an order of arrival in which none is more than an hour behind the newest before it: late at times, never too late. */
const arrivals: fc.Arbitrary<readonly Order[]> = fc.array(fc.tuple(line, fc.integer({ min: 0, max: 60 })), { maxLength: 80, size: 'max' }).map((drawn) =>
  drawn
    .map(([row, delay], index) => ({ order: { ...row, line: index }, arrival: row.placedAt + delay * MINUTE }))
    .sort((a, b) => a.arrival - b.arrival)
    .map(({ order }) => order),
);

const cuts = fc.infiniteStream(fc.integer({ min: 1, max: 7 }));

/** The newest row of each key and window, those withdrawn left out, in a canonical order. */
function standing<Row>(results: readonly DrivenResult<Row>[]): readonly Row[] {
  const held = new Map<string, Row>();
  for (const { key, window, row, withdrawn } of results) {
    const id = JSON.stringify([key, window.start, window.end]);
    if (withdrawn) held.delete(id);
    else held.set(id, row);
  }
  return sorted([...held.values()]);
}

function sorted<Row>(rows: readonly Row[]): readonly Row[] {
  return [...rows].sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
}

function inBatches(orders: readonly Order[], sizes: Iterable<number>, push: (rows: readonly Order[], index: number) => void): void {
  let at = 0;
  let index = 0;
  for (const size of sizes) {
    if (at >= orders.length) return;
    push(orders.slice(at, at + size), index++);
    at += size;
  }
}

const groups = <Row>(rows: readonly Row[], idOf: (row: Row) => string): readonly (readonly Row[])[] => [...Map.groupBy(rows, idOf).values()];

const total = (rows: readonly Order[], field: 'cents' | 'units'): number => rows.reduce((sum, row) => sum + row[field], 0);

const invoices = (rows: readonly Order[]): number => new Set(rows.map((row) => row.invoice)).size;

describe('the reference pipelines equal a plain recomputation, however rows arrive in time', () => {
  it('revenue-by-country', () => {
    fc.assert(
      fc.property(arrivals, cuts, (orders, sizes) => {
        const driver = testDriver(revenueByCountry);
        inBatches(orders, sizes, (rows, index) => {
          driver.push('orders', rows);
          driver.tick(index * 10_000);
        });
        driver.advanceWatermark('orders', MAX_WATERMARK);
        const hourOf = (order: Order): number => Math.floor(order.placedAt / HOUR) * HOUR;
        const expected = groups(orders.filter((order) => order.units > 0), (order) => `${order.country}${hourOf(order)}`).map((rows) => ({
          country: rows[0]!.country,
          hour: hourOf(rows[0]!),
          cents: total(rows, 'cents'),
          units: total(rows, 'units'),
          orders: invoices(rows),
        }));
        expect(standing(driver.drainResults('revenue'))).toEqual(sorted(expected));
        expect(driver.drain('late')).toEqual([]);
      }),
      RUNS,
    );
  });

  it('best-sellers', () => {
    fc.assert(
      fc.property(arrivals, cuts, (orders, sizes) => {
        const driver = testDriver(bestSellers);
        inBatches(orders, sizes, (rows) => driver.push('orders', rows));
        driver.advanceWatermark('orders', MAX_WATERMARK);
        const sold = orders.filter((order) => order.units > 0);
        const ends = new Set(sold.flatMap((order) => Array.from({ length: 24 }, (_, hour) => (Math.floor(order.placedAt / HOUR) + 1 + hour) * HOUR)));
        const expected = [...ends].map((windowEnd) => {
          const inside = sold.filter((order) => order.placedAt >= windowEnd - 24 * HOUR && order.placedAt < windowEnd);
          const ranking = groups(inside, (order) => order.product).map((rows) => ({ product: rows[0]!.product, units: total(rows, 'units') }));
          ranking.sort((a, b) => b.units - a.units || (a.product < b.product ? -1 : 1));
          return { windowEnd, top: ranking.slice(0, 10) };
        });
        expect(standing(driver.drainResults('ranking'))).toEqual(sorted(expected));
      }),
      { numRuns: Math.ceil(RUNS.numRuns / 2) },
    );
  });

  it('shopping-sessions', () => {
    fc.assert(
      fc.property(arrivals, cuts, (orders, sizes) => {
        const driver = testDriver(shoppingSessions);
        inBatches(orders, sizes, (rows, index) => {
          driver.push('orders', rows);
          driver.tick(index * 10_000);
        });
        driver.advanceWatermark('orders', MAX_WATERMARK);
        const expected = groups(orders.filter((order) => order.units > 0 && order.customer !== null), (order) => order.customer!).flatMap(sessionsOf);
        expect(standing(driver.drainResults('sessions'))).toEqual(sorted(expected));
      }),
      RUNS,
    );
  });
});

function sessionsOf(orders: readonly Order[]): readonly object[] {
  const ordered = [...orders].sort((a, b) => a.placedAt - b.placedAt);
  const sessions: Order[][] = [];
  for (const order of ordered) {
    const open = sessions.at(-1);
    if (open !== undefined && order.placedAt - open.at(-1)!.placedAt <= 30 * MINUTE) open.push(order);
    else sessions.push([order]);
  }
  return sessions.map((rows) => {
    const start = rows[0]!.placedAt;
    const end = rows.at(-1)!.placedAt;
    return { customer: rows[0]!.customer, start, end, lines: rows.length, invoices: invoices(rows), cents: total(rows, 'cents'), lengthSeconds: (end - start) / 1000 };
  });
}
