import { int, nullable, record, string, timestamp } from '@weir/schema';
import type { Infer } from '@weir/schema';

/** One line of an order, as it stands in topic `orders`. Cancelled lines are lines with negative units. */
export const Order = record('Order', {
  invoice: string(),
  /** Number of the row in the file that the order comes from; with it every line is itself. */
  line: int(),
  product: string(),
  description: nullable(string()),
  /** Negative when the line takes something back. */
  units: int(),
  /** Quantity times unit price, rounded half away from zero. */
  cents: int(),
  placedAt: timestamp(),
  /** Null for a guest. */
  customer: nullable(string()),
  country: string(),
});
export type Order = Infer<typeof Order>;

/** A line that takes back what was ordered, as it stands in topic `order-cancellations`. */
export const OrderCancellation = record('OrderCancellation', {
  invoice: string(),
  line: int(),
  product: string(),
  /** Units taken back; positive. */
  units: int(),
  /** Signed as in the order: negative when money goes back. */
  cents: int(),
  cancelledAt: timestamp(),
  customer: nullable(string()),
  country: string(),
});
export type OrderCancellation = Infer<typeof OrderCancellation>;
