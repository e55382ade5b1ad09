import { seconds } from '@weir/model';
import type { Key, Operator, OperatorSpec } from '@weir/model';
import { operatorBench } from '@weir/testkit';
import { count } from '../aggregates/count.ts';
import { max } from '../aggregates/extreme.ts';
import { sum } from '../aggregates/sum.ts';
import { deduplicate } from './deduplicate.ts';
import { foreignKeyJoin } from './foreign-key-join.ts';
import { groupAggregate } from './group-aggregate.ts';
import type { TableEntry } from './table-entry.ts';
import { tableJoin } from './table-join.ts';
import { lookupJoin, temporalJoin } from './temporal-join.ts';
import { toTable } from './to-table.ts';
import { topRows } from './top-rows.ts';

interface Random {
  below(bound: number): number;
}

interface Item {
  readonly key: string;
  readonly group: string;
  readonly cents: number;
}

const item = (random: Random): Item => ({ key: `k${random.below(20_000)}`, group: `g${random.below(1_000)}`, cents: random.below(1_000) });
const entry = (random: Random): TableEntry<Item> => ({ key: `k${random.below(20_000)}`, value: item(random) });
/** Rows of a stream by the first input, entries of a table of 1,000 by the second. */
const streamAndTable = (random: Random, input: number): object => (input === 0 ? { ...item(random), key: `k${random.below(1_000)}` } : { key: `k${random.below(1_000)}`, value: item(random) });
const pair = (left: unknown, right: unknown): object => ({ left, right });

/** A table, and a step that is fed with its changelog. */
function overTable(next: OperatorSpec): OperatorSpec {
  const table = toTable<Item>({ key: { field: 'key' } });
  return {
    ...table,
    create: (context): Operator => {
      const first = table.create(context);
      const second = next.create(context);
      return {
        onBatch: (batch, out) => first.onBatch(batch, out, 0),
        onWatermark: (watermark, out) => {
          first.onWatermark!(watermark, { emit: (changes) => second.onBatch(changes, out, 0) });
          second.onWatermark!(watermark, out);
        },
      };
    },
  };
}

const group = { of: (row: Item): Key => row.group };

export default [
  operatorBench('to table', { spec: () => toTable<Item>({ key: { field: 'key' } }), rows: item }),
  operatorBench('to table, time to live 1s', { spec: () => toTable<Item>({ key: { field: 'key' }, timeToLive: seconds(1) }), rows: item }),
  operatorBench('to table, then count and sum by group', { spec: () => overTable(groupAggregate<Item>({ group, aggregators: { rows: count(), cents: sum('cents') } })), rows: item }),
  operatorBench('to table, then max by group (rows are kept)', { spec: () => overTable(groupAggregate<Item>({ group, aggregators: { most: max('cents') } })), rows: item }),
  operatorBench('to table, then first 10 of each group', { spec: () => overTable(topRows<Item>({ group, n: 10, by: 'cents', order: 'descending', ranks: false })), rows: item }),
  operatorBench('table join on the primary key, full', { spec: () => tableJoin({ kind: 'full', join: pair }), rows: entry }),
  operatorBench('table join on a foreign key, left', { spec: () => foreignKeyJoin<Item>({ kind: 'left', foreignKey: ({ group: of }) => of, join: pair }), rows: (random, input) => (input === 0 ? entry(random) : { key: `g${random.below(1_000)}`, value: item(random) }) }),
  operatorBench('temporal join, left', { spec: () => temporalJoin<Item>({ kind: 'left', key: { field: 'key' }, join: pair }), rows: streamAndTable }),
  operatorBench('lookup join, left', { spec: () => lookupJoin<Item>({ kind: 'left', key: ({ key }) => key, join: pair }), rows: streamAndTable }),
  operatorBench('deduplicate within 1s, first', { spec: () => deduplicate<Item>({ key: { field: 'key' }, within: seconds(1), keep: 'first' }), rows: item }),
  operatorBench('deduplicate within 1s, last', { spec: () => deduplicate<Item>({ key: { field: 'key' }, within: seconds(1), keep: 'last' }), rows: item }),
];
