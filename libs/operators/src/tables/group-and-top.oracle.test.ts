import { milliseconds } from '@weir/model';
import type { Key } from '@weir/model';
import { cases, changelogOf, changelogScenarios, checkScenario, tableChanges, tableTimeline, withChangelogs, withMovesJoined } from '@weir/testkit';
import type { Emitted, Scenario, ScenarioRow, TableMoment, Upsert } from '@weir/testkit';
import fc from 'fast-check';
import { describe, it } from 'vitest';
import { average } from '../aggregates/average.ts';
import { count } from '../aggregates/count.ts';
import { max } from '../aggregates/extreme.ts';
import { sum } from '../aggregates/sum.ts';
import { groupAggregate } from './group-aggregate.ts';
import { topRows } from './top-rows.ts';

interface Item {
  readonly group: string;
  readonly n: number;
}

interface Entry {
  readonly at: number;
  readonly key: Key;
  readonly value: Item;
  readonly change: string;
}

const item: fc.Arbitrary<Item> = fc.record({ group: fc.constantFrom('p', 'q', 'r'), n: fc.integer({ min: -2, max: 3 }) });
const keys = fc.constantFrom<Key>('a', 'b', 'c', 'd', 1, 2);
const items = changelogScenarios<Item>({ tables: { table: item }, keys });

function entriesOf(scenario: Scenario<ScenarioRow>): readonly Entry[] {
  return scenario.inputs[0]!.partitions.flat() as unknown as readonly Entry[];
}

function tableOf(scenario: Scenario<ScenarioRow>): readonly TableMoment<Item>[] {
  const rows = entriesOf(scenario);
  const enters = rows.filter(({ change }) => change === 'insert' || change === 'update-after');
  const leaves = rows.filter(({ change }) => change === 'delete').map((row) => ({ ...row, value: undefined }));
  return tableTimeline<Item>([...leaves, ...enters] as readonly Upsert<Item>[]);
}

function groupsOf(rows: Iterable<readonly [Key, Item]>): ReadonlyMap<string, readonly (readonly [Key, Item])[]> {
  return Map.groupBy(rows, ([, { group }]) => group);
}

const table = (emitted: readonly Emitted[]): unknown => changelogOf(emitted, 'table');
const movedTable = (emitted: readonly Emitted[]): unknown => withMovesJoined(changelogOf(emitted, 'table', true));
const total = (all: readonly (readonly [Key, Item])[]): number => all.reduce((so, [, { n }]) => so + n, 0);

const INVERTIBLE = { rows: count(), n: sum<Item>('n'), mean: average<Item>('n') };
const MIXED = { rows: count(), greatest: max<Item>('n'), n: sum<Item>('n') };

function invertible(rows: ReadonlyMap<Key, Item>): ReadonlyMap<Key, unknown> {
  return new Map([...groupsOf(rows)].map(([group, all]) => [group, { rows: all.length, n: total(all), mean: total(all) / all.length }]));
}

function mixed(rows: Iterable<readonly [Key, Item]>): ReadonlyMap<Key, unknown> {
  return new Map([...groupsOf(rows)].map(([group, all]) => [group, { rows: all.length, greatest: Math.max(...all.map(([, { n }]) => n)), n: total(all) }]));
}

describe('aggregates by group without windows', () => {
  it('that can retract are those of the rows that the table holds at each instant', () => {
    const spec = withChangelogs(groupAggregate<Item>({ group: { field: 'group' }, aggregators: INVERTIBLE }), [0]);
    fc.assert(
      fc.property(items, (scenario) => checkScenario(spec, scenario, table, tableChanges(tableOf(scenario).map(({ at, rows }) => ({ at, rows: invertible(rows) }))))),
      { numRuns: cases(120) },
    );
  });

  it('that cannot all retract are those of the rows that the table holds at each instant', () => {
    const spec = withChangelogs(groupAggregate<Item>({ group: { of: ({ group }) => group }, aggregators: MIXED }), [0]);
    fc.assert(
      fc.property(items, (scenario) => checkScenario(spec, scenario, table, tableChanges(tableOf(scenario).map(({ at, rows }) => ({ at, rows: mixed(rows) }))))),
      { numRuns: cases(120) },
    );
  });

  it.each([
    ['can retract', { rows: count(), n: sum<Item>('n') }],
    ['cannot retract', { rows: count(), greatest: max<Item>('n'), n: sum<Item>('n') }],
  ] as const)('with a time to live: a group that nothing touched for this long is gone with its rows, where aggregates %s', (_, aggregators) => {
    const timeToLive = 10;
    const spec = withChangelogs(groupAggregate<Item>({ group: { field: 'group' }, aggregators, timeToLive: milliseconds(timeToLive) }), [0]);
    fc.assert(
      fc.property(items, (scenario) => checkScenario(spec, scenario, table, tableChanges(expiring(entriesOf(scenario), timeToLive, 'greatest' in aggregators)))),
      { numRuns: cases(120) },
    );
  });
});

/** The groups at each instant at which there are changes, or a group ends. Walks the instants with plain Maps. */
function expiring(entries: readonly Entry[], timeToLive: number, withGreatest: boolean): readonly TableMoment[] {
  const instants = [...new Set(entries.flatMap(({ at }) => [at, at + timeToLive]))].sort((a, b) => a - b);
  const rows = new Map<string, readonly [Key, Item]>();
  const touched = new Map<string, number>();
  return instants.map((at) => {
    for (const [group, last] of [...touched]) {
      if (last + timeToLive > at) continue;
      touched.delete(group);
      for (const [id, [, value]] of [...rows]) if (value.group === group) rows.delete(id);
    }
    const now = entries.filter((entry) => entry.at === at);
    const enters = now.filter(({ change }) => change === 'insert' || change === 'update-after');
    for (const { key, value } of now.filter((entry) => !enters.includes(entry))) rows.delete(JSON.stringify([value.group, key]));
    for (const { key, value } of enters) rows.set(JSON.stringify([value.group, key]), [key, value]);
    for (const { value } of now) touched.set(value.group, at);
    const all = [...mixed(rows.values())] as [Key, { rows: number; greatest: number; n: number }][];
    return { at, rows: new Map(all.map(([group, { greatest, ...rest }]) => [group, withGreatest ? { rows: rest.rows, greatest, n: rest.n } : rest])) };
  });
}

/** The first `n` of each group at each instant, by sorting all of them. */
function tops(rows: ReadonlyMap<Key, Item>, n: number, sign: 1 | -1, ranks: boolean): ReadonlyMap<Key, unknown> {
  const text = (key: Key): string => (typeof key === 'number' ? `0${key}` : `1${key}`);
  return new Map(
    [...groupsOf(rows).values()].flatMap((all) =>
      [...all]
        .sort(([a, x], [b, y]) => sign * (x.n - y.n) || (text(a) < text(b) ? -1 : 1))
        .slice(0, n)
        .map(([key, row], place): readonly [Key, unknown] => [key, ranks ? { rank: place + 1, row } : row]),
    ),
  );
}

describe('the first rows of each group', () => {
  it.each([
    [1, 'descending', false],
    [2, 'descending', true],
    [3, 'ascending', true],
    [2, 'ascending', false],
  ] as const)('%i, %s, with ranks: %s, are those of the table at each instant', (n, order, ranks) => {
    const spec = withChangelogs(topRows<Item>({ group: { field: 'group' }, n, by: (row) => row.n, order, ranks }), [0]);
    fc.assert(
      fc.property(items, (scenario) => {
        const expected = tableOf(scenario).map(({ at, rows }) => ({ at, rows: tops(rows, n, order === 'ascending' ? 1 : -1, ranks) }));
        checkScenario(spec, scenario, movedTable, tableChanges(expected));
      }),
      { numRuns: cases(100) },
    );
  });
});
