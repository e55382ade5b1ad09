// A snapshot holds everything: a pipeline restored from it goes on as if nothing had happened.
//
// Prints:
//   France: 2000 cents in 3 orders
//   Norway: 100 cents in 1 orders
//   the same as without a restart
import { hours } from '@weir/model';
import type { Order } from '@weir/pipelines';
import { revenueByCountry } from '@weir/pipelines';
import { testDriver } from '@weir/test-driver';

const HOUR: number = hours(1);

const order = (country: string, cents: number, placedAt: number): Order => ({
  invoice: `${country}-${placedAt}`,
  line: placedAt,
  product: '85123A',
  description: 'WHITE HANGING HEART T-LIGHT HOLDER',
  units: 1,
  cents,
  placedAt,
  customer: null,
  country,
});

const morning = [order('France', 255, 0), order('France', 745, 60_000), order('Norway', 100, 120_000)];
const noon = [order('France', 1_000, 180_000), order('Norway', 50, HOUR)];

const whole = testDriver(revenueByCountry);
whole.push('orders', morning);
whole.push('orders', noon);
whole.advanceWatermark('orders', HOUR);

const before = testDriver(revenueByCountry);
before.push('orders', morning);
const after = testDriver(revenueByCountry, { restored: before.snapshot() });
after.push('orders', noon);
after.advanceWatermark('orders', HOUR);

const revenue = after.drain('revenue');
for (const { country, cents, orders } of revenue) console.log(`${country}: ${cents} cents in ${orders} orders`);
console.log(JSON.stringify(revenue) === JSON.stringify(whole.drain('revenue')) ? 'the same as without a restart' : 'different');
