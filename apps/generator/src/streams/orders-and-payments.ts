import { minutes, seconds } from '@weir/model';
import type { Payment, PlacedOrder } from '@weir/pipelines';
import { arrivals } from './arrivals.ts';
import type { Arrived, Disorder } from './arrivals.ts';
import { Draw, burstTime, untilEnough } from './draw.ts';
import type { StreamOptions } from './draw.ts';

/** An order counts as paid when the money comes within this, the last millisecond included. */
export const PAID_WITHIN = minutes(5);

const BASE = Date.UTC(2026, 2, 2, 9);
const STEP = 400;

/** What became of an order: never paid when `paidAt` is null. */
export interface OrderFate {
  readonly orderId: string;
  readonly paidAt: number | null;
  readonly inTime: boolean;
}

export interface PaymentTruth {
  readonly orders: readonly OrderFate[];
  /** Payments for orders that there are none of. */
  readonly strays: readonly string[];
}

interface Story {
  readonly order: PlacedOrder | undefined;
  readonly payment: Payment | undefined;
}

/** Orders and payments: most paid in time, some on the last millisecond, some a millisecond later, some never; and payments for nothing. */
export function ordersAndPayments({ seed, events }: StreamOptions, disorder: Disorder): {
  readonly orders: readonly Arrived<PlacedOrder>[];
  readonly payments: readonly Arrived<Payment>[];
  readonly truth: PaymentTruth;
} {
  const stories = untilEnough(events, (index) => story(new Draw(seed, index)), ({ order, payment }) => Number(order !== undefined) + Number(payment !== undefined));
  const orders = stories.flatMap(({ order }) => (order === undefined ? [] : [{ row: order, time: order.placedAt, key: order.orderId }]));
  const payments = stories.flatMap(({ payment }) => (payment === undefined ? [] : [{ row: payment, time: payment.paidAt, key: payment.orderId }]));
  return {
    orders: arrivals(seed, orders, disorder),
    payments: arrivals(seed + 1, payments, disorder),
    truth: {
      orders: stories.flatMap(({ order, payment }) => {
        if (order === undefined) return [];
        const paidAt = payment?.paidAt ?? null;
        return [{ orderId: order.orderId, paidAt, inTime: paidAt !== null && paidAt - order.placedAt <= PAID_WITHIN }];
      }),
      strays: stories.flatMap(({ order, payment }) => (order === undefined ? [payment!.paymentId] : [])),
    },
  };
}

function story(draw: Draw): Story {
  const { index } = draw;
  const orderId = `o-${index}`;
  const placedAt = burstTime(BASE, STEP, index);
  const cents = draw.between(500, 50_000, 0);
  const order = { orderId, customer: `customer-${draw.skewed(2_000, 1)}`, cents, placedAt };
  const payment = (wait: number): Payment => ({ paymentId: `p-${index}`, orderId, cents, paidAt: placedAt + wait });
  const fate = draw.unit(2);
  if (fate < 0.005) return { order: undefined, payment: payment(0) };
  if (fate < 0.08) return { order, payment: undefined };
  if (fate < 0.1) return { order, payment: payment(PAID_WITHIN + 1) };
  if (fate < 0.15) return { order, payment: payment(draw.between(PAID_WITHIN + 1, 3 * PAID_WITHIN, 3)) };
  if (fate < 0.17) return { order, payment: payment(PAID_WITHIN) };
  if (fate < 0.19) return { order, payment: payment(0) };
  return { order, payment: payment(draw.between(seconds(1), PAID_WITHIN, 3)) };
}
