// An interval join brings together what belongs together and is near in time: an order and its payment, at most five minutes later.
// An order without a payment comes out when the watermark says that none can follow, and not a moment before.
//
// Prints:
//   paid at once: [ { order: 'cup', cents: 900, method: 'cash' } ]
//   unpaid: [ { order: 'tea', cents: 500, method: null } ]
//   too late to be believed: [ { order: 'tea', method: 'card', paidAt: 300000 } ]
import { minutes, seconds } from '@weir/model';
import { boundedOutOfOrderness } from '@weir/operators';
import { int, nullable, record, string, timestamp } from '@weir/schema';
import { testDriver } from '@weir/test-driver';
import { pipeline } from '@weir/topology';

const Order = record('Order', { id: string(), cents: int(), placedAt: timestamp() });
const Payment = record('Payment', { order: string(), method: string(), paidAt: timestamp() });
const Checkout = record('Checkout', { order: string(), cents: int(), method: nullable(string()) });

const watermark = boundedOutOfOrderness(seconds(5));

const checkouts = pipeline(
  { name: 'checkouts', sources: { orders: Order, payments: Payment }, sinks: { checkouts: Checkout, lateOrders: Order, latePayments: Payment } },
  ({ orders, payments }, sinks) => {
    const { results, lateLeft, lateRight } = orders
      .withEventTime({ timestamp: 'placedAt', watermark })
      .keyBy('id')
      .intervalJoin(
        'paid',
        payments.withEventTime({ timestamp: 'paidAt', watermark }).keyBy('order'),
        { kind: 'left', between: [minutes(0), minutes(5)] },
        (order, payment) => ({ order: order.id, cents: order.cents, method: payment?.method ?? null }),
      );
    results.to(sinks.checkouts);
    lateLeft.to(sinks.lateOrders);
    lateRight.to(sinks.latePayments);
  },
);

const driver = testDriver(checkouts);
driver.push('orders', [
  { id: 'tea', cents: 500, placedAt: 0 },
  { id: 'cup', cents: 900, placedAt: 10_000 },
  { id: 'pot', cents: 4_000, placedAt: 20_000 },
]);
driver.push('payments', [
  { order: 'pot', method: 'card', paidAt: 15_000 }, // before its order
  { order: 'cup', method: 'cash', paidAt: 310_000 }, // five minutes after it, to the millisecond
]);
console.log('paid at once:', driver.drain('checkouts'));

// Everything before 00:05:00.001 has arrived: nobody can pay for the tea any more. The pot can still be paid for.
for (const source of ['orders', 'payments'] as const) driver.advanceWatermark(source, 300_001);
console.log('unpaid:', driver.drain('checkouts'));

driver.push('payments', [{ order: 'tea', method: 'card', paidAt: 300_000 }]);
console.log('too late to be believed:', driver.drain('latePayments'));
