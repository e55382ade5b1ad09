import { hours, seconds } from '@weir/model';
import { boundedOutOfOrderness } from '@weir/operators';
import { int, nullable, record, string, timestamp } from '@weir/schema';
import type { Infer } from '@weir/schema';
import { pipeline } from '@weir/topology';
import { CustomerChange, Sale } from './customer.ts';

/** A sale with the customer as it was at that instant. */
export const SaleWithCustomer = record('SaleWithCustomer', {
  saleId: string(),
  customer: string(),
  cents: int(),
  soldAt: timestamp(),
  /** Null when there was no such customer. */
  tier: nullable(string()),
  city: nullable(string()),
});
export type SaleWithCustomer = Infer<typeof SaleWithCustomer>;

/** Sales joined with a changing table of customers as of event time: a change holds from its own millisecond on. */
export const salesByTier = pipeline(
  { name: 'sales-by-tier', sources: { changes: CustomerChange, sales: Sale }, sinks: { sales: SaleWithCustomer, lateSales: Sale, lateChanges: CustomerChange } },
  ({ changes, sales }, sinks) => {
    const customers = changes
      .withEventTime({ timestamp: 'changedAt', watermark: boundedOutOfOrderness(seconds(90)), idleAfter: seconds(30) })
      .keyBy('customer')
      .toTable('customers', { deleted: (change) => change.op === 'delete' });
    const once = sales
      .withEventTime({ timestamp: 'soldAt', watermark: boundedOutOfOrderness(seconds(90)), idleAfter: seconds(30) })
      .keyBy('saleId')
      .deduplicate('once', { within: hours(1), keep: 'first' });
    const joined = once.results.keyBy('customer').temporalJoin('customer', customers.table, { kind: 'left' }, (sale, customer) => ({
      ...sale,
      tier: customer?.tier ?? null,
      city: customer?.city ?? null,
    }));

    joined.results.to(sinks.sales);
    customers.late.to(sinks.lateChanges);
    once.late.union(joined.late).to(sinks.lateSales);
  },
);
