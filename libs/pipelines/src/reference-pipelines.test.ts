import { describe as describeTopology } from '@weir/topology';
import { describe, expect, it } from 'vitest';
import { bestSellers, referencePipelines, revenueByCountry, shoppingSessions } from './index.ts';

// What is written here identifies state, tables and results; a change of it is a change for whoever has data.
describe('the reference pipelines read', () => {
  it('revenue-by-country', () => {
    expect(describeTopology(revenueByCountry)).toBe(`pipeline revenue-by-country
  source orders (Order): time placedAt, bounded out-of-orderness 5m, idle after 30s, at most 1d ahead
  filter-1 <- orders: filter
  revenue <- filter-1: window-aggregate by country, tumbling 1h, lateness 1h, after watermark, early every 10s, accumulating, cents=sum(cents) units=sum(units) orders=distinct(invoice)
  map-3 <- revenue.results: map
  sink revenue (RevenueByCountry) <- map-3
  sink late (Order) <- revenue.late
`);
  });

  it('best-sellers', () => {
    expect(describeTopology(bestSellers)).toBe(`pipeline best-sellers
  source orders (Order): time placedAt, bounded out-of-orderness 5m, idle after 30s, at most 1d ahead
  filter-1 <- orders: filter
  ranking <- filter-1: window-aggregate by function, hopping 1d by 1h, lateness 1h, after watermark, early every 10s, accumulating, top=topN(10, product by units)
  map-3 <- ranking.results: map
  sink ranking (BestSellers) <- map-3
  sink late (Order) <- ranking.late
`);
  });

  it('shopping-sessions', () => {
    expect(describeTopology(shoppingSessions)).toBe(`pipeline shopping-sessions
  source orders (Order): time placedAt, bounded out-of-orderness 5m, idle after 30s, at most 1d ahead
  filter-1 <- orders: filter
  sessions <- filter-1: window-aggregate by customer, session gap 30m, lateness 1h, after watermark, early every 10s, accumulating, lines=count() invoices=distinct(invoice) cents=sum(cents)
  map-3 <- sessions.results: map
  sink sessions (ShoppingSessions) <- map-3
  sink late (Order) <- sessions.late
`);
  });

  it('one topic', () => {
    expect(referencePipelines.map((each) => [each.name, Object.keys(each.sources)])).toEqual([
      ['revenue-by-country', ['orders']],
      ['best-sellers', ['orders']],
      ['shopping-sessions', ['orders']],
    ]);
  });
});
