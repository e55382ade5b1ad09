// When a window speaks: early and late parts of the trigger at its end, and triggers put together.
//
// Prints:
//   each minute, with a first word after 10 seconds by the clock and late words by twos
//     leeds early    1 order
//     leeds on-time  2 orders
//     leeds late     4 orders
//     leeds late     5 orders, the last word
//   each day, by the third order or a minute after the first, whichever is sooner, again and again
//     york early    3 orders
//     york early    4 orders
//     york on-time  5 orders, the last word
import { days, minutes, seconds } from '@weir/model';
import { afterCount, afterDelay, afterWatermark, boundedOutOfOrderness, count, every, or, repeat, tumbling } from '@weir/operators';
import { int, record, string, timestamp } from '@weir/schema';
import { testDriver } from '@weir/test-driver';
import { pipeline } from '@weir/topology';

const Order = record('Order', { shop: string(), at: timestamp() });
const Orders = record('Orders', { shop: string(), orders: int() });

const orders = pipeline({ name: 'orders', sources: { orders: Order }, sinks: { byMinute: Orders, byDay: Orders } }, (sources, sinks) => {
  const byShop = sources.orders.withEventTime({ timestamp: 'at', watermark: boundedOutOfOrderness(seconds(0)) }).keyBy('shop');

  const byMinute = byShop
    .window(tumbling(minutes(1)), {
      allowedLateness: minutes(5),
      trigger: afterWatermark({ early: every(seconds(10)), late: afterCount(2) }),
      accumulation: 'accumulating',
    })
    .aggregate('byMinute', { orders: count() });

  // This one does not wait for the watermark. What no firing has shown comes out when the window expires.
  const byDay = byShop
    .window(tumbling(days(1)), {
      allowedLateness: minutes(0),
      trigger: repeat(or(afterCount(3), afterDelay(minutes(1)))),
      accumulation: 'accumulating',
    })
    .aggregate('byDay', { orders: count() });

  byMinute.results.map(({ key, value }) => ({ shop: key, orders: value.orders })).to(sinks.byMinute);
  byDay.results.map(({ key, value }) => ({ shop: key, orders: value.orders })).to(sinks.byDay);
  byMinute.late.discard('older than six minutes');
  byDay.late.discard('of another day');
});

const driver = testDriver(orders);
const clock = days(20_000);
driver.tick(clock);

function show(sink: 'byMinute' | 'byDay', shop: string): void {
  for (const { row, pane } of driver.drainResults(sink)) {
    const words = `${row.orders} ${row.orders === 1 ? 'order' : 'orders'}${pane.isLast ? ', the last word' : ''}`;
    if (row.shop === shop) console.log(`  ${shop} ${pane.timing.padEnd(7)}  ${words}`);
  }
}

console.log('each minute, with a first word after 10 seconds by the clock and late words by twos');
driver.push('orders', { shop: 'leeds', at: seconds(1) });
driver.tick(clock + seconds(10));
driver.push('orders', { shop: 'leeds', at: seconds(2) });
driver.advanceWatermark('orders', minutes(1));
for (const second of [3, 4, 5]) driver.push('orders', { shop: 'leeds', at: seconds(second) });
driver.advanceWatermark('orders', minutes(6));
show('byMinute', 'leeds');

console.log('each day, by the third order or a minute after the first, whichever is sooner, again and again');
for (const minute of [7, 8, 9, 10]) driver.push('orders', { shop: 'york', at: minutes(minute) });
driver.tick(clock + minutes(2));
driver.push('orders', { shop: 'york', at: minutes(11) });
driver.advanceWatermark('orders', days(1));
show('byDay', 'york');
