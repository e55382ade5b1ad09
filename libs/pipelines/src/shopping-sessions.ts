import { minutes } from '@weir/model';
import { count, distinct, session, sum } from '@weir/operators';
import { int, record, string, timestamp } from '@weir/schema';
import type { Infer } from '@weir/schema';
import { pipeline } from '@weir/topology';
import { Order } from './order.ts';
import { corrected, whenPlaced } from './placed.ts';

const GAP = minutes(30);

/** What one customer ordered without pausing for more than half an hour. */
export const ShoppingSessions = record('ShoppingSessions', {
  customer: string(),
  /** The first line. */
  start: timestamp(),
  /** The last line; the window itself ends half an hour later. */
  end: timestamp(),
  lines: int(),
  /** Distinct invoices. */
  invoices: int(),
  cents: int(),
  /** From the first line to the last, in whole seconds, rounded down. */
  lengthSeconds: int(),
});
export type ShoppingSessions = Infer<typeof ShoppingSessions>;

/** Shopping sessions of known customers. */
export const shoppingSessions = pipeline(
  { name: 'shopping-sessions', sources: { orders: Order }, sinks: { sessions: ShoppingSessions, late: Order } },
  ({ orders }, sinks) => {
    const { results, late } = orders
      .withEventTime(whenPlaced)
      .filter((order) => order.units > 0 && order.customer !== null)
      .keyBy('customer')
      .window(session(GAP), corrected)
      .aggregate('sessions', { lines: count(), invoices: distinct('invoice'), cents: sum('cents') });

    results
      .map(({ key, window, value }) => {
        const end = window.end - GAP;
        return { customer: key, start: window.start, end, ...value, lengthSeconds: Math.floor((end - window.start) / 1000) };
      })
      .to(sinks.sessions);
    late.to(sinks.late);
  },
);
