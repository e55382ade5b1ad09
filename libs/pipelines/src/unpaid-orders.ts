import { hours, milliseconds, minutes, seconds } from '@weir/model';
import { boundedOutOfOrderness } from '@weir/operators';
import { int, record, string, timestamp } from '@weir/schema';
import type { Infer } from '@weir/schema';
import { pipeline } from '@weir/topology';
import { Payment, PlacedOrder } from './payment.ts';

/** Money counts for an order when it comes within this, the last millisecond included. */
const PAID_WITHIN = minutes(5);
/** How far the streams may be out of order, and how far apart the same event may come twice. */
const DISORDER = seconds(90);
const TWICE_WITHIN = hours(1);

/** An order and the money that came for it in time. */
export const PaidOrder = record('PaidOrder', {
  orderId: string(),
  customer: string(),
  cents: int(),
  placedAt: timestamp(),
  paidAt: timestamp(),
});
export type PaidOrder = Infer<typeof PaidOrder>;

/** Orders and payments side by side: what was paid in time, what was not, and money that no order was waiting for. */
export const unpaidOrders = pipeline(
  {
    name: 'unpaid-orders',
    sources: { orders: PlacedOrder, payments: Payment },
    sinks: { paid: PaidOrder, unpaid: PlacedOrder, unclaimed: Payment, lateOrders: PlacedOrder, latePayments: Payment },
  },
  ({ orders, payments }, sinks) => {
    const orderOnce = orders
      .withEventTime({ timestamp: 'placedAt', watermark: boundedOutOfOrderness(DISORDER), idleAfter: seconds(30) })
      .keyBy('orderId')
      .deduplicate('orderOnce', { within: TWICE_WITHIN, keep: 'first' });
    const paymentOnce = payments
      .withEventTime({ timestamp: 'paidAt', watermark: boundedOutOfOrderness(DISORDER), idleAfter: seconds(30) })
      .keyBy('paymentId')
      .deduplicate('paymentOnce', { within: TWICE_WITHIN, keep: 'first' });
    const joined = orderOnce.results
      .keyBy('orderId')
      .intervalJoin('payment', paymentOnce.results.keyBy('orderId'), { kind: 'full', between: [milliseconds(0), PAID_WITHIN] }, (order, payment) => ({ order, payment }));

    joined.results
      .flatMap(({ order, payment }) => (order !== null && payment !== null ? [{ ...order, paidAt: payment.paidAt }] : []))
      .to(sinks.paid);
    joined.results.flatMap(({ order, payment }) => (order !== null && payment === null ? [order] : [])).to(sinks.unpaid);
    joined.results.flatMap(({ order, payment }) => (order === null && payment !== null ? [payment] : [])).to(sinks.unclaimed);
    orderOnce.late.union(joined.lateLeft).to(sinks.lateOrders);
    paymentOnce.late.union(joined.lateRight).to(sinks.latePayments);
  },
);
