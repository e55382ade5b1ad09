// A firing that takes back what the one before said: whoever adds up the results downstream is right at every moment.
//
// Prints:
//   the watermark is behind minute 0 of both shops
//     insert        leeds 300
//     insert        york 200
//     all shops: 500
//   a late order of leeds
//     update-before leeds 300
//     update-after  leeds 450
//     all shops: 650
//   a late click joins two visits into one
//     delete        visit [0, 30)
//     delete        visit [50, 80)
//     insert        visit [0, 80)
import { minutes, seconds } from '@weir/model';
import { afterWatermark, boundedOutOfOrderness, count, session, sum, tumbling } from '@weir/operators';
import { int, record, string, timestamp } from '@weir/schema';
import { testDriver } from '@weir/test-driver';
import { pipeline } from '@weir/topology';

const Order = record('Order', { shop: string(), cents: int(), at: timestamp() });
const Revenue = record('Revenue', { shop: string(), cents: int() });
const Visit = record('Visit', { clicks: int() });

const corrected = { allowedLateness: minutes(60), trigger: afterWatermark(), accumulation: 'accumulating-and-retracting' } as const;

const revenue = pipeline({ name: 'revenue', sources: { orders: Order, clicks: Order }, sinks: { revenue: Revenue, visits: Visit } }, ({ orders, clicks }, sinks) => {
  const time = { timestamp: 'at', watermark: boundedOutOfOrderness(seconds(0)) } as const;
  const byMinute = orders.withEventTime(time).keyBy('shop').window(tumbling(minutes(1)), corrected).aggregate('byMinute', { cents: sum('cents') });
  const visits = clicks.withEventTime(time).keyBy('shop').window(session(minutes(30)), corrected).aggregate('visits', { clicks: count() });

  byMinute.results.map(({ key, value }) => ({ shop: key, cents: value.cents })).to(sinks.revenue);
  visits.results.map(({ value }) => value).to(sinks.visits);
  byMinute.late.discard('an hour late');
  visits.late.discard('an hour late');
});

const driver = testDriver(revenue);
let all = 0;

/** Adds what comes and subtracts what is taken back. */
function show(what: string): void {
  console.log(what);
  for (const { change, row } of driver.drainResults('revenue')) {
    all += change === 'insert' || change === 'update-after' ? row.cents : -row.cents;
    console.log(`  ${change.padEnd(13)} ${row.shop} ${row.cents}`);
  }
  console.log(`  all shops: ${all}`);
}

driver.push('orders', [{ shop: 'leeds', cents: 300, at: seconds(5) }, { shop: 'york', cents: 200, at: seconds(10) }]);
driver.advanceWatermark('orders', minutes(1));
show('the watermark is behind minute 0 of both shops');

driver.push('orders', { shop: 'leeds', cents: 150, at: seconds(20) });
show('a late order of leeds');

driver.push('clicks', [{ shop: 'leeds', cents: 0, at: minutes(0) }, { shop: 'leeds', cents: 0, at: minutes(50) }]);
driver.advanceWatermark('clicks', minutes(81));
driver.drain('visits');
driver.push('clicks', { shop: 'leeds', cents: 0, at: minutes(25) });
console.log('a late click joins two visits into one');
for (const { change, window } of driver.drainResults('visits')) console.log(`  ${change.padEnd(13)} visit [${window.start / minutes(1)}, ${window.end / minutes(1)})`);
