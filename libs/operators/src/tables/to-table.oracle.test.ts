import { milliseconds } from '@weir/model';
import type { Key } from '@weir/model';
import { cases, changelogOf, changelogScenarios, checkScenario, placedRows, scenarios, tableChanges, tableTimeline, withChangelogs, withMovesJoined } from '@weir/testkit';
import type { Scenario, ScenarioRow, TableChange, Upsert } from '@weir/testkit';
import fc from 'fast-check';
import { it } from 'vitest';
import { toTable } from './to-table.ts';

interface Customer {
  readonly id: string;
  readonly city: string;
  readonly gone: boolean;
}

const customers = scenarios<Customer>({
  inputs: { in: fc.record({ id: fc.constantFrom('a', 'b', 'c'), city: fc.constantFrom('x', 'y'), gone: fc.oneof({ weight: 3, arbitrary: fc.constant(false) }, fc.constant(true)) }) },
});

/** The rows by (timestamp, partition, offset), as the upserts that they are. */
function upserts(scenario: Scenario<Customer & ScenarioRow>): readonly Upsert<Customer>[] {
  return [...placedRows(scenario)]
    .sort((a, b) => a.row.at - b.row.at || a.partition - b.partition || a.offset - b.offset)
    .map(({ row }) => ({ at: row.at, key: row.id, value: row.gone ? undefined : row }));
}

const table = (emitted: Parameters<typeof changelogOf>[0]): unknown => changelogOf(emitted, 'table');

it('a table is the last row of each key at each instant, and its changelog the difference between two instants', () => {
  const spec = toTable<Customer>({ key: { field: 'id' }, deleted: ({ gone }) => gone });
  fc.assert(
    fc.property(customers, (scenario) => {
      checkScenario(spec, scenario, table, tableChanges(tableTimeline(upserts(scenario))));
    }),
    { numRuns: cases(200) },
  );
});

it('a table of a changelog is the table that it is the changelog of, whichever way its old and new rows come', () => {
  const spec = withChangelogs(toTable<{ key: Key }>({ key: { field: 'key' } }), [0]);
  fc.assert(
    fc.property(changelogScenarios({ tables: { in: fc.record({ n: fc.nat({ max: 3 }) }) } }), (scenario) => {
      const rows = scenario.inputs[0]!.partitions.flat();
      const entries = rows.map((row) => ({ at: row.at, key: row.key, change: row.change, value: { key: row.key, value: structuredClone(row.value) } }));
      const sorted = (all: readonly TableChange[]): unknown => [...all].map((each) => JSON.stringify([each.at, each.change, each.key, each.value])).sort();
      checkScenario(spec, scenario, (emitted) => sorted(changelogOf(emitted, 'table')), sorted(withMovesJoined(entries)));
    }),
    { numRuns: cases(200) },
  );
});

it('with a time to live a row is gone at exactly its age', () => {
  const ttl = 10;
  const spec = toTable<Customer>({ key: { field: 'id' }, deleted: ({ gone }) => gone, timeToLive: milliseconds(ttl) });
  fc.assert(
    fc.property(customers, (scenario) => {
      const all = upserts(scenario);
      // Each row that nothing replaces in time is followed by a tombstone; one of the same instant comes before the rows of it.
      const ends = all.map(({ at, key }) => ({ at: at + ttl, key, value: undefined }));
      const kept = ends.filter((end) => !all.some((each) => each.key === end.key && each.at > end.at - ttl && each.at <= end.at));
      checkScenario(spec, scenario, table, tableChanges(tableTimeline([...kept, ...all])));
    }),
    { numRuns: cases(200) },
  );
});

it('no rows, no changes', () => {
  checkScenario(toTable<Customer>({ key: { field: 'id' } }), { seed: 1, inputs: [{ name: 'in', partitions: [[], []] }] }, (emitted) => emitted, []);
});
