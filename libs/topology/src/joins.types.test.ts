import { days, minutes } from '@weir/model';
import type { Window } from '@weir/model';
import { before, session, tumbling } from '@weir/operators';
import type { Changed, CustomAssigner } from '@weir/operators';
import { describe, expectTypeOf, it } from 'vitest';
import type { KeyedStream, Stream } from './stream.ts';

interface Order {
  readonly id: string;
  readonly cents: number;
}

interface Payment {
  readonly order: string;
  readonly method: string;
}

/** For the compiler's eyes: the function is never called. */
function compiled(_define: () => void): void {
  expectTypeOf<true>().toEqualTypeOf<true>();
}

declare const orders: KeyedStream<Order, string>;
declare const payments: KeyedStream<Payment, string>;
declare const byNumber: KeyedStream<Payment, number>;

const between = [minutes(0), minutes(5)] as const;

describe('the types of an interval join', () => {
  it('give the function what the kind can give it', () => {
    compiled(() => {
      orders.intervalJoin('paid', payments, { kind: 'inner', between }, (order, payment) => {
        expectTypeOf(order).toEqualTypeOf<Order>();
        expectTypeOf(payment).toEqualTypeOf<Payment>();
      });
      orders.intervalJoin('paid', payments, { kind: 'left', between }, (order, payment) => {
        expectTypeOf(order).toEqualTypeOf<Order>();
        expectTypeOf(payment).toEqualTypeOf<Payment | null>();
      });
      orders.intervalJoin('paid', payments, { kind: 'right', between }, (order, payment) => {
        expectTypeOf(order).toEqualTypeOf<Order | null>();
        expectTypeOf(payment).toEqualTypeOf<Payment>();
      });
      orders.intervalJoin('paid', payments, { kind: 'full', between }, (order, payment) => {
        // One of them is there: who has excluded the left one knows the right one.
        if (order === null) expectTypeOf(payment).toEqualTypeOf<Payment>();
        else expectTypeOf(payment).toEqualTypeOf<Payment | null>();
      });
      orders.intervalJoin('paid', payments, { kind: 'semi', between }, (order) => {
        expectTypeOf(order).toEqualTypeOf<Order>();
      });
    });
  });

  it('know the rows of all three outputs', () => {
    compiled(() => {
      const { results, lateLeft, lateRight } = orders.intervalJoin('unpaid', payments, { kind: 'anti', between: [before(minutes(1)), minutes(5)], upper: 'exclusive' }, (order) => ({ unpaid: order.id }));
      expectTypeOf(results).toEqualTypeOf<Stream<{ unpaid: string }>>();
      expectTypeOf(lateLeft).toEqualTypeOf<Stream<Order>>();
      expectTypeOf(lateRight).toEqualTypeOf<Stream<Payment>>();
    });
  });
});

describe('the types of a window join', () => {
  it('give the function what the kind can give it, and the window', () => {
    compiled(() => {
      orders.windowJoin('paid', payments, { kind: 'left', window: tumbling(minutes(5)) }, (order, payment, window) => {
        expectTypeOf(order).toEqualTypeOf<Order>();
        expectTypeOf(payment).toEqualTypeOf<Payment | null>();
        expectTypeOf(window).toEqualTypeOf<Window>();
      });
      const { results, lateLeft, lateRight } = orders.windowJoin('unpaid', payments, { kind: 'anti', window: session(minutes(5)) }, (order, window) => {
        expectTypeOf(window).toEqualTypeOf<Window>();
        return { unpaid: order.id };
      });
      expectTypeOf(results).toEqualTypeOf<Stream<{ unpaid: string }>>();
      expectTypeOf(lateLeft).toEqualTypeOf<Stream<Order>>();
      expectTypeOf(lateRight).toEqualTypeOf<Stream<Payment>>();
      const own: CustomAssigner<Order | Payment> = {
        kind: 'custom',
        describe: 'own',
        merging: false,
        assign: (timestamp, _key, row, into) => into.add(timestamp, timestamp + ('cents' in row ? row.cents : 1)),
      };
      orders.windowJoin('own', payments, { kind: 'inner', window: own }, (order, payment) => [order.id, payment.method]);
    });
  });
});

describe('the types of a regular join', () => {
  it('give the function what the kind can give it', () => {
    compiled(() => {
      const { results } = orders.join('paid', payments, { kind: 'left', ttl: days(1) }, (order, payment) => {
        expectTypeOf(order).toEqualTypeOf<Order>();
        expectTypeOf(payment).toEqualTypeOf<Payment | null>();
        return { id: order.id };
      });
      expectTypeOf(results).toEqualTypeOf<Stream<{ id: string }>>();
      expectTypeOf(results.changes()).toEqualTypeOf<Stream<Changed<{ id: string }>>>();
      // @ts-expect-error: that is no change
      results.asChangelog(() => 'upsert');
      // @ts-expect-error: for how long?
      orders.join('paid', payments, { kind: 'inner' }, (order) => order.id);
      // @ts-expect-error: who has met none may still meet one
      orders.join('unpaid', payments, { kind: 'anti', ttl: days(1) }, () => 1);
      // @ts-expect-error: a text is never a number
      orders.join('paid', byNumber, { kind: 'inner', ttl: days(1) }, (order) => order.id);
      // @ts-expect-error: of what unit?
      orders.join('paid', payments, { kind: 'inner', ttl: 1 }, (order) => order.id);
    });
  });
});

describe('what does not compile', () => {
  it('a window join of keys of different types, or without a window', () => {
    compiled(() => {
      // @ts-expect-error: a text is never a number
      orders.windowJoin('paid', byNumber, { kind: 'inner', window: tumbling(minutes(5)) }, (order) => order.id);
      // @ts-expect-error: in which windows?
      orders.windowJoin('paid', payments, { kind: 'inner' }, (order) => order.id);
      // @ts-expect-error: nobody knows which payment
      orders.windowJoin('paid', payments, { kind: 'semi', window: tumbling(minutes(5)) }, (order, payment) => payment.method);
    });
  });

  it('an interval join of keys of different types, of a wrong kind, or with bounds of no unit', () => {
    compiled(() => {
      // @ts-expect-error: a text is never a number
      orders.intervalJoin('paid', byNumber, { kind: 'inner', between }, (order) => order.id);
      // @ts-expect-error: there is no such kind
      orders.intervalJoin('paid', payments, { kind: 'cross', between }, () => 1);
      // @ts-expect-error: of what unit?
      orders.intervalJoin('paid', payments, { kind: 'inner', between: [0, 300_000] }, (order) => order.id);
      // @ts-expect-error: what becomes of rows that meet none?
      orders.intervalJoin('paid', payments, { between }, () => 1);
      // @ts-expect-error: of which pairs?
      orders.intervalJoin('paid', payments, { kind: 'inner' }, (order) => order.id);
      // @ts-expect-error: the payment may be missing
      orders.intervalJoin('paid', payments, { kind: 'left', between }, (order, payment) => payment.method);
      // @ts-expect-error: nobody knows which payment
      orders.intervalJoin('paid', payments, { kind: 'semi', between }, (order, payment) => payment);
      // @ts-expect-error: a join has a name, which identifies its state
      orders.intervalJoin(payments, { kind: 'inner', between }, () => 1);
    });
  });
});
