import { cardCharges } from './card-charges.ts';
import type { Arrived, Disorder } from './arrivals.ts';
import { clicks } from './clicks.ts';
import { customersAndSales } from './customers-and-sales.ts';
import { deviceReadings } from './device-readings.ts';
import type { StreamOptions } from './draw.ts';
import { ordersAndPayments } from './orders-and-payments.ts';
import { trades } from './trades.ts';

/** A stream as it is written down: rows by topic, each in the order of arrival, and what was planted in them. */
export interface GeneratedStream {
  readonly topics: Readonly<Record<string, readonly Arrived<object>[]>>;
  readonly truth: unknown;
}

type Make = (options: StreamOptions, disorder: Disorder) => GeneratedStream;

/** The streams that can be generated, by name. */
export const STREAMS: Readonly<Record<string, Make>> = {
  payments: (options, disorder) => {
    const { orders, payments, truth } = ordersAndPayments(options, disorder);
    return { topics: { 'placed-orders': orders, payments }, truth };
  },
  charges: (options, disorder) => {
    const { charges, truth } = cardCharges(options, disorder);
    return { topics: { charges }, truth };
  },
  clicks: (options, disorder) => {
    const made = clicks(options, disorder);
    return { topics: { clicks: made.clicks }, truth: made.truth };
  },
  readings: (options, disorder) => {
    const { readings, truth } = deviceReadings(options, disorder);
    return { topics: { readings }, truth };
  },
  trades: (options, disorder) => {
    const made = trades(options, disorder);
    return { topics: { trades: made.trades }, truth: made.truth };
  },
  customers: (options, disorder) => {
    const { changes, sales, truth } = customersAndSales(options, disorder);
    return { topics: { 'customer-changes': changes, sales }, truth };
  },
};
