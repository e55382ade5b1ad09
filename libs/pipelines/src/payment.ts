import { int, record, string, timestamp } from '@weir/schema';
import type { Infer } from '@weir/schema';

/** An order that is to be paid. */
export const PlacedOrder = record('PlacedOrder', {
  orderId: string(),
  customer: string(),
  cents: int(),
  placedAt: timestamp(),
});
export type PlacedOrder = Infer<typeof PlacedOrder>;

/** Money that came in for an order. */
export const Payment = record('Payment', {
  paymentId: string(),
  orderId: string(),
  cents: int(),
  paidAt: timestamp(),
});
export type Payment = Infer<typeof Payment>;
