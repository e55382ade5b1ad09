// Rules that change while the data flows: each charge is judged by the rules of its own time, whichever of the two came first.
//
// Prints:
//   card 1: 900 is over the limit of 500
//   card 2: 300 is over the limit of 200
//   card 1: 800 is over the limit of 700
import { seconds } from '@weir/model';
import { boundedOutOfOrderness, broadcastState, output } from '@weir/operators';
import { int, record, string, timestamp } from '@weir/schema';
import { testDriver } from '@weir/test-driver';
import { pipeline } from '@weir/topology';

const Charge = record('Charge', { card: string(), country: string(), amount: int(), at: timestamp() });
const Limit = record('Limit', { country: string(), most: int(), at: timestamp() });
const Alert = record('Alert', { text: string() });

const overLimit = pipeline({ name: 'over-limit', sources: { charges: Charge, limits: Limit }, sinks: { alerts: Alert, lateCharges: Charge } }, ({ charges, limits }, sinks) => {
  const rules = limits.withEventTime({ timestamp: 'at', watermark: boundedOutOfOrderness(seconds(0)) });
  const { out, late } = charges
    .withEventTime({ timestamp: 'at', watermark: boundedOutOfOrderness(seconds(0)) })
    .keyBy('card')
    .processWithBroadcast('over-limit', rules, {
      rules: broadcastState<string, number>(),
      emits: output<{ text: string }>(),
      onRule(limit, ctx) {
        ctx.rules.set(limit.country, limit.most);
      },
      onRow(charge, ctx) {
        const most = ctx.rules.get(charge.country);
        if (most !== undefined && charge.amount > most) ctx.emit({ text: `card ${ctx.key}: ${charge.amount} is over the limit of ${most}` });
      },
    });
  out.to(sinks.alerts);
  late.to(sinks.lateCharges);
});

const driver = testDriver(overLimit);
// The charges come first; they wait until the rules of their time are known.
driver.push('charges', [
  { card: '1', country: 'PT', amount: 900, at: 1_000 },
  { card: '2', country: 'FR', amount: 300, at: 2_000 },
  { card: '1', country: 'PT', amount: 600, at: 6_000 },
  { card: '1', country: 'PT', amount: 800, at: 7_000 },
]);
driver.push('limits', [
  { country: 'PT', most: 500, at: 0 },
  { country: 'FR', most: 200, at: 2_000 },
  { country: 'PT', most: 700, at: 5_000 },
]);
driver.advanceWatermark('charges', 10_000);
driver.advanceWatermark('limits', 10_000);
for (const { text } of driver.drain('alerts')) console.log(text);
