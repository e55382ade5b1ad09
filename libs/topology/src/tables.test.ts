import { minutes } from '@weir/model';
import { boundedOutOfOrderness, count } from '@weir/operators';
import { int, json, record, string, timestamp } from '@weir/schema';
import { describe as suite, expect, it } from 'vitest';
import { describe } from './describe.ts';
import { pipeline } from './pipeline.ts';
import type { Stream } from './stream.ts';
import type { Table } from './tables.ts';

const Item = record('Item', { id: string(), shelf: string(), cents: int(), at: timestamp() });
const Out = record('Out', { row: json<unknown>() });
interface ItemRow {
  readonly id: string;
  readonly shelf: string;
  readonly cents: number;
  readonly at: number;
}

type Ends = <Row>(stream: Stream<Row>) => void;

/** A pipeline over one source; `define` is given its rows, and how to end a stream. */
function over(define: (items: Stream<ItemRow>, end: Ends) => void): ReturnType<typeof pipeline> {
  return pipeline({ name: 'shop', sources: { items: Item }, sinks: { out: Out } }, ({ items }, sinks) => {
    const end: Ends = (stream) => stream.map((row: unknown) => ({ row })).to(sinks.out);
    define(items.withEventTime({ timestamp: 'at', watermark: boundedOutOfOrderness(minutes(1)) }), end);
  });
}

function itemTable(items: Stream<ItemRow>): Table<ItemRow, string> {
  const { table, late } = items.keyBy('id').toTable('items', { timeToLive: minutes(5) });
  late.discard('the newest counts');
  return table;
}

suite('tables in a pipeline', () => {
  it('are steps like any other; what is not distributed by its key is brought together once, when it becomes a stream', () => {
    const topology = over((items, end) => {
      const best = itemTable(items).groupBy('shelf').topN('bestOfShelf', { n: 3, by: 'cents', order: 'descending' });
      end(best.toStream());
      end(best.toUpserts());
      end(best.groupBy((row) => row.shelf).aggregate('per-shelf', { items: count() }).toChangelog());
    });
    expect(describe(topology).split('\n').filter((line) => !/sink|: map/.test(line)).join('\n')).toMatchInlineSnapshot(`
      "pipeline shop
        source items (Item): time at, bounded out-of-orderness 1m, never idle, at most 1d ahead
        items <- items: to-table by id, time to live 5m
        discard <- items.late: the newest counts
        bestOfShelf <- items.table: top-rows 3 by cents, descending, per shelf
        bestOfShelfSettled <- bestOfShelf: table-settle
        upsert-rows-7 <- bestOfShelfSettled: upsert-rows
        per-shelf <- bestOfShelf: group-aggregate by function, items=count()
        changelog-rows-11 <- per-shelf: changelog-rows
      "
    `);
  });

  it('of a kebab-case name are brought together under one', () => {
    const topology = over((items, end) => end(itemTable(items).topN('best-of-all', { n: 1, by: (row) => row.cents, order: 'ascending', ranks: true }).toStream()));
    expect(describe(topology)).toContain('best-of-all-settled <- best-of-all: table-settle');
  });
});

suite('what is refused', () => {
  it('a table of another pipeline, in every join', () => {
    let foreign: Table<ItemRow, string> | undefined;
    over((items, end) => end((foreign = itemTable(items)).toStream()));
    const joins: readonly ((items: Stream<ItemRow>) => unknown)[] = [
      (items) => itemTable(items).join('joined', foreign!, { kind: 'inner' }, () => 1),
      (items) => itemTable(items).foreignKeyJoin('joined', foreign!, { kind: 'inner', key: (row) => row.shelf }, () => 1),
      (items) => items.keyBy('id').temporalJoin('joined', foreign!, { kind: 'inner' }, () => 1),
      (items) => items.lookupJoin('joined', foreign!, { kind: 'inner', key: (row) => row.id }, () => 1),
    ];
    for (const join of joins) expect(() => over((items) => void join(items))).toThrow(/TOPOLOGY_FOREIGN_TABLE shop\/joined/);
  });

  it('aggregates of nothing, names that are none, tables and late rows that go nowhere', () => {
    expect(() => over((items) => void itemTable(items).groupBy('shelf').aggregate('none', {}))).toThrow(/TOPOLOGY_AGGREGATE_EMPTY shop\/none/);
    expect(() => over((items) => void itemTable(items).filter('No Name', () => true))).toThrow(/TOPOLOGY_NAME/);
    expect(() => over((items) => void items.keyBy('none' as 'id').toTable('items'))).toThrow(/TOPOLOGY_FIELD_UNKNOWN/);
    expect(() => over((items) => void itemTable(items))).toThrow(/TOPOLOGY_OPEN_END shop\/items: The output 'table'/);
    expect(() => over((items, end) => end(items.keyBy('id').toTable('items').table.toStream()))).toThrow(/TOPOLOGY_OPEN_END shop\/items: The output 'late'/);
  });
});
