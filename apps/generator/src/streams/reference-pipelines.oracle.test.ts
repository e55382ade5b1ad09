import { cardFraud, deviceWatch, exposure, salesByTier, unpaidOrders, visits } from '@weir/pipelines';
import { describe, expect, it } from 'vitest';
import { DISORDERS } from './arrivals.ts';
import type { Disorder } from './arrivals.ts';
import { cardCharges } from './card-charges.ts';
import { clicks } from './clicks.ts';
import { customersAndSales } from './customers-and-sales.ts';
import { deviceReadings } from './device-readings.ts';
import type { StreamOptions } from './draw.ts';
import { runStream } from './fixtures/run-stream.ts';
import type { StreamMode } from './fixtures/run-stream.ts';
import { ordersAndPayments } from './orders-and-payments.ts';
import { trades } from './trades.ts';

type Rows = readonly object[];
type Found = Readonly<Record<string, Rows>>;

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

function payments(options: StreamOptions, disorder: Disorder, mode: StreamMode): Found {
  const { orders, payments: money, truth } = ordersAndPayments(options, disorder);
  const found = runStream(unpaidOrders, { orders, payments: money }, mode);
  return { ...found, plantedPaid: truth.orders.filter(({ inTime }) => inTime), plantedUnpaid: truth.orders.filter(({ inTime }) => !inTime), strays: truth.strays.map((paymentId) => ({ paymentId })), plantedLate: truth.orders.filter(({ paidAt, inTime }) => paidAt !== null && !inTime) };
}

describe.each(runs)('what was planted is found, $mode run, disorder $disorder.name', ({ mode, disorder }) => {
  const options = { seed: 20, events: 6_000 };

  it('orders that were paid, that were not, and money for nothing', () => {
    const found = payments(options, disorder, mode);
    same(found['paid']!, found['plantedPaid']!, 'orderId', 'paidAt');
    same(found['unpaid']!, found['plantedUnpaid']!, 'orderId');
    const late = found['plantedLate']!.map((order) => ({ paymentId: (order as { orderId: string }).orderId.replace('o-', 'p-') }));
    same(found['unclaimed']!, [...found['strays']!, ...late], 'paymentId');
    expect([found['lateOrders'], found['latePayments']]).toEqual([[], []]);
  });

  it('abused cards', () => {
    const { charges, truth } = cardCharges(options, disorder);
    const { alarms, late } = runStream(cardFraud, { charges }, mode);
    const planted = [...truth.bursts.map((each) => ({ ...each, reason: 'burst' })), ...truth.probes.map((each) => ({ ...each, reason: 'probes' }))];
    same(alarms!, planted, 'card', 'reason', 'chargeId');
    expect(late).toEqual([]);
  });

  it('visits and interests', () => {
    const made = clicks(options, disorder);
    const found = runStream(visits, { clicks: made.clicks }, mode);
    same(found['visits']!, made.truth.visits, 'user', 'start', 'end', 'clicks');
    same(found['interests']!, made.truth.interests, 'user', 'topic', 'clicks');
    expect(found['late']).toEqual([]);
  });

  it('silent and hot devices, and their days', () => {
    const { readings, truth } = deviceReadings(options, disorder);
    const { alarms, days, late } = runStream(deviceWatch, { readings }, mode);
    const missing = truth.silences.map(({ device, lastSeen }) => ({ device, alarm: 'missing', at: lastSeen + 300_001, lastSeen }));
    const back = truth.silences.flatMap(({ device, lastSeen, backAt }) => (backAt === null ? [] : [{ device, alarm: 'back', at: backAt, lastSeen }]));
    const hot = truth.heats.map((heat) => ({ ...heat, alarm: 'hot', lastSeen: null }));
    same(alarms!, [...missing, ...back, ...hot], 'device', 'alarm', 'at', 'lastSeen');
    same(days!, truth.days, 'device', 'day', 'readings', 'highest');
    expect(late).toEqual([]);
  });

  it('what desks hold of each trading day, corrections and all', () => {
    const made = trades(options, disorder);
    const found = runStream(exposure, { trades: made.trades }, mode);
    same(found['exposures']!, made.truth.exposures, 'desk', 'day', 'cents');
    expect(found['late']).toEqual([]);
  });

  it('the customer as of each sale', () => {
    const { changes, sales, truth } = customersAndSales(options, disorder);
    const found = runStream(salesByTier, { changes, sales }, mode);
    same(found['sales']!, truth, 'saleId', 'tier', 'city');
    expect([found['lateSales'], found['lateChanges']]).toEqual([[], []]);
  });
});
