import { hours, minutes, seconds } from '@weir/model';
import { before, boundedOutOfOrderness, tumbling } from '@weir/operators';
import { json, record, string, timestamp } from '@weir/schema';
import { describe as block, expect, it } from 'vitest';
import { describe } from './describe.ts';
import { pipeline } from './pipeline.ts';
import { projection } from './projection.ts';
import type { KeyedStream, Stream } from './stream.ts';

const Order = record('Order', { id: string(), note: json(), placedAt: timestamp() });
const Payment = record('Payment', { order: string(), paidAt: timestamp() });
const Out = record('Out', { id: string() });
type OrderRow = { readonly id: string; readonly note: unknown; readonly placedAt: number };
type PaymentRow = { readonly order: string; readonly paidAt: number };

const watermark = boundedOutOfOrderness(seconds(5));

/** A pipeline over both streams; what the definition does not end is ended for it. */
function defined(define: (orders: Stream<OrderRow>, payments: Stream<PaymentRow>) => Stream<{ readonly id: string }>) {
  return pipeline({ name: 'checkout', sources: { orders: Order, payments: Payment }, sinks: { out: Out } }, ({ orders, payments }, sinks) => {
    define(orders.withEventTime({ timestamp: 'placedAt', watermark }), payments.withEventTime({ timestamp: 'paidAt', watermark })).to(sinks.out);
  });
}

const id = (order: OrderRow) => ({ id: order.id });

block('joins in a definition', () => {
  it('have two inputs, three outputs, and say what they do', () => {
    const topology = defined((orders, payments) => {
      const paid = orders.keyBy('id').intervalJoin('paid', payments.keyBy('order'), { kind: 'inner', between: [before(minutes(1)), minutes(5)], upper: 'exclusive' }, id);
      paid.lateLeft.discard('tested elsewhere');
      paid.lateRight.discard('tested elsewhere');
      const window = paid.results.keyBy('id').windowJoin('same-hour', payments.keyBy((payment) => payment.order), { kind: 'semi', window: tumbling(hours(1)) }, (order) => order);
      window.lateLeft.discard('tested elsewhere');
      window.lateRight.discard('tested elsewhere');
      const regular = window.results.keyBy('id').join('again', payments.keyBy('order'), { kind: 'left', ttl: hours(2) }, (order) => order);
      regular.lateLeft.discard('tested elsewhere');
      regular.lateRight.discard('tested elsewhere');
      return regular.results;
    });
    const lines = describe(topology).split('\n');
    expect(lines.filter((line) => line.includes('-join'))).toEqual([
      '  paid <- orders + payments: interval-join id = order, inner, right - left in [-1m, 5m)',
      '  same-hour <- paid.results + payments: window-join id = function, semi, tumbling 1h',
      '  again <- same-hour.results + payments: regular-join id = order, left, ttl 2h',
    ]);
    // The joining function may read any field.
    expect(projection(topology, 'payments')).toBeUndefined();
  });

  it('do not take a stream of another pipeline', () => {
    let other: KeyedStream<PaymentRow, string> | undefined;
    defined((orders, payments) => {
      other = payments.keyBy('order');
      payments.discard('only its key is wanted');
      return orders.map(id);
    });
    expect(() =>
      defined((orders) => orders.keyBy('id').intervalJoin('paid', other!, { kind: 'inner', between: [minutes(0), minutes(1)] }, id).results),
    ).toThrow('TOPOLOGY_FOREIGN_STREAM checkout/paid: A stream is joined with one that is not of this pipeline.');
  });

  it('check both keys, where the compiler was got past', () => {
    const by = (left: string, right: string) =>
      defined((orders, payments) => orders.keyBy(left as 'id').intervalJoin('paid', payments.keyBy(right as 'order'), { kind: 'inner', between: [minutes(0), minutes(1)] }, id).results);
    expect(() => by('note', 'order')).toThrow('TOPOLOGY_FIELD_TYPE checkout/paid');
    expect(() => by('id', 'ordr')).toThrow('TOPOLOGY_FIELD_UNKNOWN checkout/paid');
  });

  it('leave no output open', () => {
    expect(() => defined((orders, payments) => orders.keyBy('id').intervalJoin('paid', payments.keyBy('order'), { kind: 'inner', between: [minutes(0), minutes(1)] }, id).results)).toThrow(
      "TOPOLOGY_OPEN_END checkout/paid: The output 'lateLeft' goes nowhere.",
    );
  });

  it('join a stream with itself', () => {
    const topology = defined((orders, payments) => {
      payments.discard('not wanted');
      const keyed = orders.keyBy('id');
      const { results, lateLeft, lateRight } = keyed.intervalJoin('twice', keyed, { kind: 'inner', between: [minutes(0), minutes(1)] }, id);
      lateLeft.discard('tested elsewhere');
      lateRight.discard('tested elsewhere');
      return results;
    });
    expect(describe(topology)).toContain('twice <- orders + orders: interval-join');
  });
});
