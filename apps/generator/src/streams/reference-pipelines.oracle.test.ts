import { cardFraud, deviceWatch, exposure, salesByTier, unpaidOrders, visits } from '@weir/pipelines';
import { cases } from '@weir/testkit';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DISORDERS } from './arrivals.ts';
import type { Disorder } from './arrivals.ts';
import { cardCharges } from './card-charges.ts';
import { clicks } from './clicks.ts';
import { customersAndSales } from './customers-and-sales.ts';
import { deviceReadings } from './device-readings.ts';
import type { StreamOptions } from './draw.ts';
import { runStream } from './fixtures/run-stream.ts';
import type { RunOptions, StreamMode } from './fixtures/run-stream.ts';
import { ordersAndPayments } from './orders-and-payments.ts';
import { trades } from './trades.ts';

type Rows = readonly object[];

const runs: readonly { readonly mode: StreamMode; readonly disorder: Disorder }[] = [
  { mode: 'perfect', disorder: DISORDERS.none },
  { mode: 'perfect', disorder: DISORDERS.mild },
  { mode: 'perfect', disorder: DISORDERS.harsh },
  { mode: 'live', disorder: DISORDERS.none },
  { mode: 'live', disorder: DISORDERS.mild },
];

/** Compares as sets of rows, of which only the named fields count. */
function same(found: Rows, planted: Rows, ...fields: readonly string[]): void {
  const texts = (rows: Rows): readonly string[] => rows.map((row) => JSON.stringify(fields.map((field) => (row as Record<string, unknown>)[field]))).sort();
  expect(texts(found)).toEqual(texts(planted));
}

type Check = (options: StreamOptions, disorder: Disorder, run: RunOptions) => void;

/** Each runs its pipeline over its stream and compares what was found with what was planted. */
const checks: Readonly<Record<string, Check>> = {
  'orders that were paid, that were not, and money for nothing': (options, disorder, run) => {
    const { orders, payments, truth } = ordersAndPayments(options, disorder);
    const found = runStream(unpaidOrders, { orders, payments }, run);
    const tooLate = truth.orders.filter(({ paidAt, inTime }) => paidAt !== null && !inTime).map(({ orderId }) => ({ paymentId: orderId.replace('o-', 'p-') }));
    same(found['paid']!, truth.orders.filter(({ inTime }) => inTime), 'orderId', 'paidAt');
    same(found['unpaid']!, truth.orders.filter(({ inTime }) => !inTime), 'orderId');
    same(found['unclaimed']!, [...tooLate, ...truth.strays.map((paymentId) => ({ paymentId }))], 'paymentId');
    expect([found['lateOrders'], found['latePayments']]).toEqual([[], []]);
  },
  'abused cards': (options, disorder, run) => {
    const { charges, truth } = cardCharges(options, disorder);
    const { alarms, late } = runStream(cardFraud, { charges }, run);
    const planted = [...truth.bursts.map((each) => ({ ...each, reason: 'burst' })), ...truth.probes.map((each) => ({ ...each, reason: 'probes' }))];
    same(alarms!, planted, 'card', 'reason', 'chargeId');
    expect(late).toEqual([]);
  },
  'visits and interests': (options, disorder, run) => {
    const made = clicks(options, disorder);
    const found = runStream(visits, { clicks: made.clicks }, run);
    same(found['visits']!, made.truth.visits, 'user', 'start', 'end', 'clicks');
    same(found['interests']!, made.truth.interests, 'user', 'topic', 'clicks');
    expect(found['late']).toEqual([]);
  },
  'silent and hot devices, and their days': (options, disorder, run) => {
    const { readings, truth } = deviceReadings(options, disorder);
    const { alarms, days, late } = runStream(deviceWatch, { readings }, run);
    const missing = truth.silences.map(({ device, lastSeen }) => ({ device, alarm: 'missing', at: lastSeen + 300_001, lastSeen }));
    const back = truth.silences.flatMap(({ device, lastSeen, backAt }) => (backAt === null ? [] : [{ device, alarm: 'back', at: backAt, lastSeen }]));
    const hot = truth.heats.map((heat) => ({ ...heat, alarm: 'hot', lastSeen: null }));
    same(alarms!, [...missing, ...back, ...hot], 'device', 'alarm', 'at', 'lastSeen');
    same(days!, truth.days, 'device', 'day', 'readings', 'highest');
    expect(late).toEqual([]);
  },
  'what desks hold of each trading day, corrections and all': (options, disorder, run) => {
    const made = trades(options, disorder);
    const found = runStream(exposure, { trades: made.trades }, run);
    same(found['exposures']!, made.truth.exposures, 'desk', 'day', 'cents');
    expect(found['late']).toEqual([]);
  },
  'the customer as of each sale': (options, disorder, run) => {
    const { changes, sales, truth } = customersAndSales(options, disorder);
    const found = runStream(salesByTier, { changes, sales }, run);
    same(found['sales']!, truth, 'saleId', 'tier', 'city');
    expect([found['lateSales'], found['lateChanges']]).toEqual([[], []]);
  },
};

describe.each(runs)('what was planted is found, $mode run, disorder $disorder.name', ({ mode, disorder }) => {
  it.each(Object.entries(checks))('%s', (_name, check) => check({ seed: 20, events: 6_000 }, disorder, { mode }));
});

describe('what was planted is found from any seed, over a restart anywhere', () => {
  it.each(Object.entries(checks))('%s', (_name, check) => {
    fc.assert(
      fc.property(fc.nat({ max: 1_000_000 }), fc.integer({ min: 20, max: 400 }), fc.constantFrom(...runs), fc.nat({ max: 10 }), (seed, events, { mode, disorder }, restoreAt) => {
        check({ seed, events }, disorder, { mode, restoreAt });
      }),
      { numRuns: cases(25) },
    );
  });
});

describe('with rows that come far too late, live', () => {
  const options = { seed: 20, events: 6_000 };

  it('each order is paid, unpaid or late, and no row is lost', () => {
    const { orders, payments } = ordersAndPayments(options, DISORDERS.harsh);
    const found = runStream(unpaidOrders, { orders, payments }, { mode: 'live' });
    const ids = (sink: string): readonly string[] => found[sink]!.map((row) => (row as { orderId: string }).orderId);
    expect(ids('lateOrders').length).toBeGreaterThan(3);
    const placed = new Set(orders.map(({ row }) => row.orderId));
    expect(new Set([...ids('paid'), ...ids('unpaid'), ...ids('lateOrders')])).toEqual(placed);
    expect(new Set([...ids('paid'), ...ids('unpaid')]).size).toBe(ids('paid').length + ids('unpaid').length);
  });

  it('visits that late clicks do not concern are as planted', () => {
    const made = clicks(options, DISORDERS.harsh);
    const found = runStream(visits, { clicks: made.clicks }, { mode: 'live' });
    const concerned = new Set(found['late']!.map((row) => (row as { user: string }).user));
    const others = (rows: Rows): Rows => rows.filter((row) => !concerned.has((row as { user: string }).user));
    expect(concerned.size).toBeGreaterThan(3);
    same(others(found['visits']!), others(made.truth.visits), 'user', 'start', 'end', 'clicks');
  });

  it('corrections come in time for three days, whatever else is late', () => {
    const made = trades(options, DISORDERS.harsh);
    const found = runStream(exposure, { trades: made.trades }, { mode: 'live' });
    same(found['exposures']!, made.truth.exposures, 'desk', 'day', 'cents');
  });
});
