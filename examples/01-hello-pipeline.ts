// A pipeline is a value; the test driver runs it here and now, without a broker and without a clock.
//
// Prints:
//   pipeline revenue-by-minute
//     source orders (Order): time placedAt, bounded out-of-orderness 5s, never idle, at most 1d ahead
//     filter-1 <- orders: filter
//     revenue <- filter-1: window-aggregate by shop, tumbling 1m, lateness 10m, after watermark, accumulating, cents=sum(cents) orders=count()
//     map-3 <- revenue.results: map
//     sink revenue (Revenue) <- map-3
//     sink lateOrders (Order) <- revenue.late
//
//   [
//     { shop: 'Leeds', minute: 0, cents: 620, orders: 2 },
//     { shop: 'York', minute: 0, cents: 250, orders: 1 }
//   ]
import { minutes, seconds } from '@weir/model';
import { afterWatermark, boundedOutOfOrderness, count, sum, tumbling } from '@weir/operators';
import { int, record, string, timestamp } from '@weir/schema';
import { testDriver } from '@weir/test-driver';
import { describe, pipeline } from '@weir/topology';

const Order = record('Order', { shop: string(), status: string(), cents: int(), placedAt: timestamp() });
const Revenue = record('Revenue', { shop: string(), minute: timestamp(), cents: int(), orders: int() });

const revenueByMinute = pipeline(
  { name: 'revenue-by-minute', sources: { orders: Order }, sinks: { revenue: Revenue, lateOrders: Order } },
  ({ orders }, sinks) => {
    const { results, late } = orders
      .withEventTime({ timestamp: 'placedAt', watermark: boundedOutOfOrderness(seconds(5)) })
      .filter((order) => order.status === 'paid')
      .keyBy('shop')
      .window(tumbling(minutes(1)), { allowedLateness: minutes(10), trigger: afterWatermark(), accumulation: 'accumulating' })
      .aggregate('revenue', { cents: sum('cents'), orders: count() });

    results.map((result) => ({ shop: result.key, minute: result.window.start, ...result.value })).to(sinks.revenue);
    late.to(sinks.lateOrders);
  },
);

const driver = testDriver(revenueByMinute);
driver.push('orders', [
  { shop: 'Leeds', status: 'paid', cents: 500, placedAt: 1_000 },
  { shop: 'Leeds', status: 'open', cents: 900, placedAt: 2_000 },
  { shop: 'York', status: 'paid', cents: 250, placedAt: 59_999 },
  { shop: 'Leeds', status: 'paid', cents: 120, placedAt: 30_000 },
]);
driver.advanceWatermark('orders', 60_000);

console.log(describe(revenueByMinute));
console.log(driver.drain('revenue'));
