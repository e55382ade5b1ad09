// Windows of your own come through the same door as trading days, billing cycles and campaigns, which are shipped as examples of it.
//
// Prints:
//   shifts
//     day: 2026-01-16 07:00 to 2026-01-16 19:00: 2 trades, 120 cents
//     night: 2026-01-18 19:00 to 2026-01-19 03:00: 1 trades, 3 cents
//     day: 2026-01-20 07:00 to 2026-01-20 19:00: 2 trades, 54 cents
//   exposure
//     day: 2026-01-15 16:00 to 2026-01-16 16:00: 1 trades, 100 cents
//     day: 2026-01-16 16:00 to 2026-01-20 13:00: 2 trades, 24 cents
//     night: 2026-01-16 16:00 to 2026-01-20 13:00: 1 trades, 3 cents
//     day: 2026-01-20 13:00 to 2026-01-21 16:00: 1 trades, 50 cents
//   bills
//     night: 2025-12-31 00:00 to 2026-01-31 00:00: 1 trades, 3 cents
//     day: 2026-01-15 00:00 to 2026-02-15 00:00: 4 trades, 174 cents
//   contests
//     day: 2026-01-15 19:00 to 2026-01-16 19:00: 2 trades, 120 cents
//     day: 2026-01-16 15:00 to 2026-01-20 15:00: 3 trades, 74 cents
//     night: 2026-01-16 15:00 to 2026-01-20 15:00: 1 trades, 3 cents
import type { Timestamp } from '@weir/model';
import { minutes } from '@weir/model';
import { afterWatermark, billingCycle, boundedOutOfOrderness, campaign, count, sum, tradingDay } from '@weir/operators';
import type { CustomAssigner } from '@weir/operators';
import { int, record, string, timestamp } from '@weir/schema';
import { testDriver } from '@weir/test-driver';
import { pipeline } from '@weir/topology';

const Trade = record('Trade', { desk: string(), cents: int(), at: timestamp() });
const Total = record('Total', { desk: string(), cents: int(), trades: int() });
type Trade = { readonly desk: string; readonly cents: number; readonly at: number };
const zone = 'America/New_York';
const moment = (text: string): Timestamp => Date.parse(`${text}:00Z`);

/** Your own: shifts of eight hours for the night desk, of twelve for the others. Pure, and one object for all rows. */
const shifts: CustomAssigner<Trade> = {
  kind: 'custom',
  describe: 'shifts by desk',
  merging: false,
  reads: [],
  assign: (timestamp, key, _row, into) => {
    const length = (key === 'night' ? 8 : 12) * 3_600_000;
    const start = Math.floor(timestamp / length) * length;
    into.add(start, start + length);
  },
};

const assigners: Readonly<Record<'shifts' | 'exposure' | 'bills' | 'contests', CustomAssigner<Trade>>> = {
  shifts,
  // Shipped, and made through the same door.
  exposure: tradingDay({ zone, open: '09:30', close: '16:00', holidays: ['2026-01-19'], earlyCloses: { '2026-01-20': '13:00' } }),
  bills: billingCycle({ zone, anchorDay: (key) => (key === 'night' ? 31 : 15) }),
  contests: campaign([{ start: moment('2026-01-16T00:00'), end: moment('2026-01-17T00:00') }, { start: moment('2026-01-16T20:00'), end: moment('2026-01-20T20:00') }]),
};

const exposure = pipeline(
  { name: 'exposure', sources: { trades: Trade }, sinks: { shifts: Total, exposure: Total, bills: Total, contests: Total } },
  ({ trades }, sinks) => {
    const desks = trades.withEventTime({ timestamp: 'at', watermark: boundedOutOfOrderness(minutes(1)) }).keyBy('desk');
    for (const [name, assigner] of Object.entries(assigners)) {
      const { results, late } = desks
        .window(assigner, { allowedLateness: minutes(0), trigger: afterWatermark(), accumulation: 'accumulating' })
        .aggregate(name, { cents: sum('cents'), trades: count() });
      results.map(({ key, value }) => ({ desk: key, ...value })).to(sinks[name as keyof typeof assigners]);
      late.discard('an example without late trades');
    }
  },
);

const driver = testDriver(exposure);
driver.push('trades', [
  { desk: 'day', cents: 100, at: moment('2026-01-16T15:00') },
  { desk: 'day', cents: 20, at: moment('2026-01-16T21:00') },
  { desk: 'night', cents: 3, at: moment('2026-01-19T05:00') },
  { desk: 'day', cents: 4, at: moment('2026-01-20T17:59') },
  { desk: 'day', cents: 50, at: moment('2026-01-20T18:00') },
]);
driver.advanceWatermark('trades', moment('2026-03-01T12:00'));

const local = new Intl.DateTimeFormat('sv-SE', { timeZone: zone, dateStyle: 'short', timeStyle: 'short' });
for (const sink of Object.keys(assigners) as (keyof typeof assigners)[]) {
  console.log(sink);
  for (const { row, window } of driver.drainResults(sink)) {
    console.log(`  ${row.desk}: ${local.format(window.start)} to ${local.format(window.end)}: ${row.trades} trades, ${row.cents} cents`);
  }
}
