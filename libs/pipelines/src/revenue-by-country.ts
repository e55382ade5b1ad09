import { hours } from '@weir/model';
import { distinct, sum, tumbling } from '@weir/operators';
import { int, record, string, timestamp } from '@weir/schema';
import type { Infer } from '@weir/schema';
import { pipeline } from '@weir/topology';
import { Order } from './order.ts';
import { corrected, whenPlaced } from './placed.ts';

/** What one country ordered in one hour; cancelled lines are left out. */
export const RevenueByCountry = record('RevenueByCountry', {
  country: string(),
  /** Start of the hour. */
  hour: timestamp(),
  cents: int(),
  units: int(),
  /** Distinct invoices. */
  orders: int(),
});
export type RevenueByCountry = Infer<typeof RevenueByCountry>;

/** Revenue, units and orders per country and hour. */
export const revenueByCountry = pipeline(
  { name: 'revenue-by-country', sources: { orders: Order }, sinks: { revenue: RevenueByCountry, late: Order } },
  ({ orders }, sinks) => {
    const { results, late } = orders
      .withEventTime(whenPlaced)
      .filter((order) => order.units > 0)
      .keyBy('country')
      .window(tumbling(hours(1)), corrected)
      .aggregate('revenue', { cents: sum('cents'), units: sum('units'), orders: distinct('invoice') });

    results.map((result) => ({ country: result.key, hour: result.window.start, ...result.value })).to(sinks.revenue);
    late.to(sinks.late);
  },
);
