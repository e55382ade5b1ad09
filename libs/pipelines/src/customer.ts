import { int, record, string, timestamp } from '@weir/schema';
import type { Infer } from '@weir/schema';

/** A change of the table of customers, as change data capture tells it. */
export const CustomerChange = record('CustomerChange', {
  /** `insert`, `update` or `delete`. */
  op: string(),
  customer: string(),
  /** The row from `changedAt` on; of a deleted one, as it was. */
  name: string(),
  tier: string(),
  city: string(),
  changedAt: timestamp(),
});
export type CustomerChange = Infer<typeof CustomerChange>;

/** A sale to a customer, by whose row at that time it is to be judged. */
export const Sale = record('Sale', {
  saleId: string(),
  customer: string(),
  cents: int(),
  soldAt: timestamp(),
});
export type Sale = Infer<typeof Sale>;
