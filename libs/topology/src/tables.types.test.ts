import { minutes } from '@weir/model';
import { count, sum } from '@weir/operators';
import type { ChangeRow, RankedRow, TableEntry, UpsertRow } from '@weir/operators';
import { describe, expectTypeOf, it } from 'vitest';
import type { KeyedStream, Stream } from './stream.ts';
import type { Table } from './tables.ts';

interface Order {
  readonly id: string;
  readonly customer: number;
  readonly cents: number;
  readonly city: string | null;
}

interface Customer {
  readonly name: string;
}

/** For the compiler's eyes: the function is never called. */
function compiled(_define: () => void): void {
  expectTypeOf<true>().toEqualTypeOf<true>();
}

declare const orderRows: Stream<Order>;
declare const byCustomer: KeyedStream<Order, number>;
declare const orders: Table<Order, string>;
declare const more: Table<Order, string>;
declare const customers: Table<Customer, number>;

describe('the types of a table', () => {
  it('know its rows and its keys', () => {
    compiled(() => {
      const { table, late } = orderRows.keyBy('id').toTable('orders', { deleted: (order) => order.cents < 0, timeToLive: minutes(1) });
      expectTypeOf(table).toEqualTypeOf<Table<Order, string>>();
      expectTypeOf(late).toEqualTypeOf<Stream<Order>>();
      expectTypeOf(table.map((order, key) => ({ key, cents: order.cents }))).toEqualTypeOf<Table<{ key: string; cents: number }, string>>();
      expectTypeOf(table.toStream()).toEqualTypeOf<Stream<TableEntry<Order, string>>>();
      expectTypeOf(table.toChangelog()).toEqualTypeOf<Stream<ChangeRow<Order, string>>>();
      expectTypeOf(table.toUpserts()).toEqualTypeOf<Stream<UpsertRow<Order, string>>>();
    });
  });

  it('give the function of a join what its kind can give it', () => {
    compiled(() => {
      orders.join('both', more, { kind: 'inner' }, (left, right) => {
        expectTypeOf(left).toEqualTypeOf<Order>();
        expectTypeOf(right).toEqualTypeOf<Order>();
      });
      orders.join('both', more, { kind: 'left' }, (_, right) => {
        expectTypeOf(right).toEqualTypeOf<Order | null>();
      });
      orders.join('both', more, { kind: 'full' }, (left, right) => {
        // One of them is there.
        if (left === null) expectTypeOf(right).toEqualTypeOf<Order>();
      });
      const named = orders.foreignKeyJoin('named', customers, { kind: 'left', key: (order) => order.customer }, (order, customer) => ({ id: order.id, name: customer?.name ?? null }));
      expectTypeOf(named).toEqualTypeOf<Table<{ id: string; name: string | null }, string>>();
    });
  });

  it('know groups and rankings', () => {
    compiled(() => {
      const totals = orders.groupBy('customer').aggregate('totals', { orders: count(), cents: sum('cents') }, { timeToLive: minutes(5) });
      expectTypeOf(totals).toEqualTypeOf<Table<{ orders: number; cents: number }, number>>();
      expectTypeOf(orders.topN('best', { n: 3, by: 'cents', order: 'descending' })).toEqualTypeOf<Table<Order, string>>();
      const ranked = orders.groupBy((order) => order.city ?? '').topN('best', { n: 3, by: (order) => order.cents, order: 'ascending', ranks: true });
      expectTypeOf(ranked).toEqualTypeOf<Table<RankedRow<Order>, string>>();
    });
  });

  it('know streams that are joined with it, and what is left of duplicates', () => {
    compiled(() => {
      const { results, late } = byCustomer.temporalJoin('named', customers, { kind: 'inner' }, (order, customer) => ({ id: order.id, name: customer.name }));
      expectTypeOf(results).toEqualTypeOf<Stream<{ id: string; name: string }>>();
      expectTypeOf(late).toEqualTypeOf<Stream<Order>>();
      orderRows.lookupJoin('looked', customers, { kind: 'left', key: (order) => order.customer }, (order, customer) => {
        expectTypeOf(customer).toEqualTypeOf<Customer | null>();
        return order.id;
      });
      expectTypeOf(byCustomer.deduplicate('once', { within: minutes(1), keep: 'first' }).results).toEqualTypeOf<Stream<Order>>();
    });
  });
});

describe('what does not compile', () => {
  it('tables of other keys, fields that are none, kinds that there are not, numbers without a unit', () => {
    compiled(() => {
      // @ts-expect-error: a text is never a number
      orders.join('both', customers, { kind: 'inner' }, () => 1);
      // @ts-expect-error: which rows meet none?
      orders.join('both', more, {}, () => 1);
      // @ts-expect-error: a table has no rows that meet it only once
      orders.join('both', more, { kind: 'semi' }, () => 1);
      // @ts-expect-error: the key of customers is a number
      orders.foreignKeyJoin('named', customers, { kind: 'left', key: (order) => order.id }, () => 1);
      // @ts-expect-error: KIP-213 has no full join either
      orders.foreignKeyJoin('named', customers, { kind: 'full', key: (order) => order.customer }, () => 1);
      // @ts-expect-error: the customer may be missing
      byCustomer.temporalJoin('named', customers, { kind: 'left' }, (_, customer) => customer.name);
      // @ts-expect-error: orders are kept by text
      byCustomer.temporalJoin('named', orders, { kind: 'left' }, () => 1);
      // @ts-expect-error: the key of customers is a number
      orderRows.lookupJoin('looked', customers, { kind: 'inner', key: (order) => order.id }, () => 1);
      // @ts-expect-error: there is no such field
      orders.groupBy('colour');
      // @ts-expect-error: the first ones by what order?
      orders.topN('best', { n: 3, by: 'cents' });
      // @ts-expect-error: of what unit?
      byCustomer.deduplicate('once', { within: 60, keep: 'first' });
      // @ts-expect-error: a table is made a stream before it ends in a sink
      orders.to();
      // @ts-expect-error: a step has a name, which identifies its state
      byCustomer.toTable({ deleted: () => false });
    });
  });
});
