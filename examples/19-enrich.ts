// A row is joined with what somebody outside answers. The pipeline only says what it asks; here the test answers, elsewhere a bound
// function does, and its answers are recorded, so that a replay calls nobody.
//
// Prints:
//   asked for: shop-7, shop-9, shop-404
//   nothing is out yet: the first answer is missing
//   shop-7 in Lisbon sold for 500
//   shop-9 in Porto sold for 250
//   failed: shop-404 (no such shop)
import { seconds } from '@weir/model';
import { boundedOutOfOrderness } from '@weir/operators';
import { int, record, string, timestamp } from '@weir/schema';
import { testDriver } from '@weir/test-driver';
import { pipeline } from '@weir/topology';

const Order = record('Order', { shop: string(), cents: int(), placedAt: timestamp() });
const Shop = record('Shop', { city: string() });
const Sale = record('Sale', { shop: string(), city: string(), cents: int() });
const Failure = record('Failure', { shop: string(), error: string() });

const sales = pipeline({ name: 'sales', sources: { orders: Order }, sinks: { sales: Sale, failures: Failure } }, ({ orders }, sinks) => {
  const { out, failed } = orders.withEventTime({ timestamp: 'placedAt', watermark: boundedOutOfOrderness(seconds(5)) }).enrich(
    'shop',
    {
      lookup: 'shops',
      request: (order) => order.shop,
      response: Shop,
      concurrency: 8,
      ordered: true,
      timeout: seconds(2),
      retry: { attempts: 3 },
      onFailure: 'dead-letter',
    },
    (order, shop) => ({ shop: order.shop, city: shop.city, cents: order.cents }),
  );
  out.to(sinks.sales);
  failed.map(({ row, error }) => ({ shop: row.shop, error })).to(sinks.failures);
});

const driver = testDriver(sales);
driver.push('orders', [
  { shop: 'shop-7', cents: 500, placedAt: 1_000 },
  { shop: 'shop-9', cents: 250, placedAt: 2_000 },
  { shop: 'shop-404', cents: 1, placedAt: 3_000 },
]);
const [first, second, third] = driver.pendingRequests('shop');
console.log(`asked for: ${[first, second, third].map((pending) => String(pending!.request)).join(', ')}`);

driver.answer('shop', second!.id, { city: 'Porto' });
driver.fail('shop', third!.id, 'no such shop');
if (driver.drain('sales').length === 0) console.log('nothing is out yet: the first answer is missing');

driver.answer('shop', first!.id, { city: 'Lisbon' });
for (const { shop, city, cents } of driver.drain('sales')) console.log(`${shop} in ${city} sold for ${cents}`);
for (const { shop, error } of driver.drain('failures')) console.log(`failed: ${shop} (${error})`);
