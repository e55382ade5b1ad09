// A day is not 24 hours: calendar windows follow the clocks of a zone; cumulating windows grow step by step.
//
// Prints:
//   days
//     2026-03-28 00:00 to 2026-03-29 00:00 (24 h): 1 orders, 100 cents
//     2026-03-29 00:00 to 2026-03-30 00:00 (23 h): 2 orders, 500 cents
//     2026-03-30 00:00 to 2026-03-31 00:00 (24 h): 1 orders, 400 cents
//   weeks
//     2026-03-23 00:00 to 2026-03-30 00:00 (167 h): 3 orders, 600 cents
//     2026-03-30 00:00 to 2026-04-06 00:00 (168 h): 1 orders, 400 cents
//   months
//     2026-03-01 00:00 to 2026-04-01 00:00 (743 h): 4 orders, 1000 cents
//   soFar
//     2026-03-28 23:00 to 2026-03-29 00:00 (1 h): 1 orders, 100 cents
//     2026-03-29 00:00 to 2026-03-29 00:20 (0.33 h): 1 orders, 200 cents
//     2026-03-29 00:00 to 2026-03-29 00:40 (0.67 h): 1 orders, 200 cents
//     2026-03-29 00:00 to 2026-03-29 01:00 (1 h): 1 orders, 200 cents
//     2026-03-29 23:00 to 2026-03-30 00:00 (1 h): 1 orders, 300 cents
//     2026-03-30 00:00 to 2026-03-30 00:20 (0.33 h): 1 orders, 400 cents
//     2026-03-30 00:00 to 2026-03-30 00:40 (0.67 h): 1 orders, 400 cents
//     2026-03-30 00:00 to 2026-03-30 01:00 (1 h): 1 orders, 400 cents
import { milliseconds, minutes } from '@weir/model';
import { afterWatermark, boundedOutOfOrderness, calendar, count, cumulating, sum } from '@weir/operators';
import { int, record, string, timestamp } from '@weir/schema';
import { testDriver } from '@weir/test-driver';
import { pipeline } from '@weir/topology';

const Order = record('Order', { shop: string(), cents: int(), placedAt: timestamp() });
const Total = record('Total', { shop: string(), cents: int(), orders: int() });
const zone = 'Europe/Berlin';
const options = { allowedLateness: milliseconds(0), trigger: afterWatermark(), accumulation: 'accumulating' } as const;

const totals = pipeline(
  { name: 'totals', sources: { orders: Order }, sinks: { days: Total, weeks: Total, months: Total, soFar: Total } },
  ({ orders }, sinks) => {
    const shops = orders.withEventTime({ timestamp: 'placedAt', watermark: boundedOutOfOrderness(minutes(5)) }).keyBy('shop');
    const measures = { cents: sum('cents'), orders: count() } as const;
    const windows = {
      days: calendar('day', { zone }),
      weeks: calendar('week', { zone, weekStartsOn: 'monday' }),
      months: calendar('month', { zone }),
      soFar: cumulating(minutes(60), minutes(20)),
    };
    for (const [name, assigner] of Object.entries(windows)) {
      const { results, late } = shops.window(assigner, options).aggregate(name, measures);
      results.map(({ key, value }) => ({ shop: key, ...value })).to(sinks[name as keyof typeof windows]);
      late.discard('an example without late orders');
    }
  },
);

const driver = testDriver(totals);
const at = (text: string): number => Date.parse(`${text}:00Z`);
driver.push('orders', [
  { shop: 'Mitte', cents: 100, placedAt: at('2026-03-28T22:59') },
  { shop: 'Mitte', cents: 200, placedAt: at('2026-03-28T23:00') },
  { shop: 'Mitte', cents: 300, placedAt: at('2026-03-29T21:59') },
  { shop: 'Mitte', cents: 400, placedAt: at('2026-03-29T22:00') },
]);
driver.advanceWatermark('orders', at('2026-05-01T00:00'));

const local = new Intl.DateTimeFormat('sv-SE', { timeZone: zone, dateStyle: 'short', timeStyle: 'short' });
for (const sink of ['days', 'weeks', 'months', 'soFar'] as const) {
  console.log(sink);
  for (const { row, window } of driver.drainResults(sink)) {
    const hours = (window.end - window.start) / 3_600_000;
    console.log(`  ${local.format(window.start)} to ${local.format(window.end)} (${Number(hours.toFixed(2))} h): ${row.orders} orders, ${row.cents} cents`);
  }
}
