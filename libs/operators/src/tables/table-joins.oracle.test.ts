import type { Key } from '@weir/model';
import { cases, changelogOf, changelogScenarios, checkScenario, rowsAt, tableChanges, tableTimeline, withChangelogs, withMovesJoined } from '@weir/testkit';
import type { Emitted, Scenario, ScenarioRow, TableMoment, Upsert } from '@weir/testkit';
import fc from 'fast-check';
import { describe, it } from 'vitest';
import { foreignKeyJoin } from './foreign-key-join.ts';
import { tableJoin } from './table-join.ts';
import { tableSettle } from './table-settle.ts';

interface Side {
  readonly n: number;
  readonly to: string | null;
}

const side: fc.Arbitrary<Side> = fc.record({ n: fc.integer({ min: 0, max: 2 }), to: fc.constantFrom('a', 'b', 'c', 'zz', null) });
const two = changelogScenarios<Side>({ tables: { left: side, right: side } });
const one = changelogScenarios<Side>({ tables: { table: side } });

/** The table that an input of a scenario is the changelog of. */
function tableOf(scenario: Scenario<ScenarioRow>, input: number): readonly TableMoment<Side>[] {
  const rows = scenario.inputs[input]!.partitions.flat() as unknown as readonly { at: number; key: Key; value: Side; change: string }[];
  const enters = rows.filter(({ change }) => change === 'insert' || change === 'update-after');
  const leaves = rows.filter(({ change }) => change === 'delete').map((row) => ({ ...row, value: undefined }));
  return tableTimeline<Side>([...leaves, ...enters] as readonly Upsert<Side>[]);
}

/** What a query over two tables gives at each instant at which one of them changes. */
function timelineOf(scenario: Scenario<ScenarioRow>, query: (left: ReadonlyMap<Key, Side>, right: ReadonlyMap<Key, Side>) => ReadonlyMap<Key, unknown>): readonly TableMoment[] {
  const [left, right] = [tableOf(scenario, 0), scenario.inputs.length > 1 ? tableOf(scenario, 1) : []];
  const times = [...new Set([...left, ...right].map(({ at }) => at))].sort((a, b) => a - b);
  return times.map((at) => ({ at, rows: query(rowsAt(left, at), rowsAt(right, at)) }));
}

const pair = (left: Side | null | undefined, right: Side | null | undefined): unknown => ({ left: left?.n ?? null, right: right?.n ?? null });
const table = (emitted: readonly Emitted[]): unknown => changelogOf(emitted, 'table');
const movedTable = (emitted: readonly Emitted[]): unknown => withMovesJoined(changelogOf(emitted, 'table', true));

describe('a join of two tables on their primary key', () => {
  it.each(['inner', 'left', 'full'] as const)('%s: is the join of both tables at each instant', (join) => {
    const spec = withChangelogs(tableJoin({ kind: join, join: pair }), [0, 1]);
    fc.assert(
      fc.property(two, (scenario) => {
        const expected = timelineOf(scenario, (left, right) => {
          const keys = join === 'full' ? [...new Set([...left.keys(), ...right.keys()])] : [...left.keys()].filter((key) => join === 'left' || right.has(key));
          return new Map(keys.map((key) => [key, pair(left.get(key), right.get(key))]));
        });
        checkScenario(spec, scenario, table, tableChanges(expected));
      }),
      { numRuns: cases(120) },
    );
  });
});

describe('a join of two tables on a foreign key', () => {
  it.each(['inner', 'left'] as const)('%s: is the join of both tables at each instant, whatever moves', (join) => {
    const spec = withChangelogs(foreignKeyJoin<Side>({ kind: join, foreignKey: ({ to }) => to, join: pair }), [0, 1]);
    fc.assert(
      fc.property(two, (scenario) => {
        const expected = timelineOf(scenario, (left, right) => {
          const rows = [...left].filter(([, { to }]) => join === 'left' || (to !== null && right.has(to)));
          return new Map(rows.map(([key, row]) => [key, pair(row, row.to === null ? undefined : right.get(row.to))]));
        });
        checkScenario(spec, scenario, movedTable, tableChanges(expected));
      }),
      { numRuns: cases(120) },
    );
  });
});

describe('a table', () => {
  it('that is brought together by its key is the same table', () => {
    const spec = withChangelogs(tableSettle(), [0]);
    fc.assert(
      fc.property(one, (scenario) => checkScenario(spec, scenario, table, tableChanges(tableOf(scenario, 0)))),
      { numRuns: cases(120) },
    );
  });

  it('that is filtered has the rows that are accepted at each instant', () => {
    const spec = withChangelogs(tableSettle({ where: ({ n }: Side, key: Key) => n > 0 && key !== 'b' }), [0]);
    fc.assert(
      fc.property(one, (scenario) => {
        const expected = timelineOf(scenario, (rows) => new Map([...rows].filter(([key, { n }]) => n > 0 && key !== 'b')));
        checkScenario(spec, scenario, table, tableChanges(expected));
      }),
      { numRuns: cases(120) },
    );
  });
});
