import { milliseconds } from '@weir/model';
import type { Key } from '@weir/model';
import { cases, changelogScenarios, checkScenario, rowsAt, runScenario, tableTimeline, withChangelogs } from '@weir/testkit';
import type { Emitted, Scenario, ScenarioRow, TableMoment, Upsert } from '@weir/testkit';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { lookupJoin, temporalJoin } from './temporal-join.ts';

interface Order {
  readonly id: number;
  readonly customer: string | null;
}

interface Customer {
  readonly city: string;
}

type Row = Order & ScenarioRow;

const customer: fc.Arbitrary<Customer> = fc.record({ city: fc.constantFrom('x', 'y', 'z') });
const order = (keys: readonly (string | null)[]): fc.Arbitrary<Order> => fc.record({ id: fc.nat({ max: 99 }), customer: fc.constantFrom(...keys) });
const keyed = changelogScenarios({ streams: { stream: order(['a', 'b', 'c', 'zz']) }, tables: { table: customer } });
const some = changelogScenarios({ streams: { stream: order(['a', 'b', '', null]) }, tables: { table: customer }, keys: fc.constantFrom<Key>('a', 'b', '') });

function tableOf(scenario: Scenario<ScenarioRow>): readonly TableMoment<Customer>[] {
  const rows = scenario.inputs[1]!.partitions.flat() as unknown as readonly { at: number; key: Key; value: Customer; change: string }[];
  const enters = rows.filter(({ change }) => change === 'insert' || change === 'update-after');
  const leaves = rows.filter(({ change }) => change === 'delete').map((row) => ({ ...row, value: undefined }));
  return tableTimeline<Customer>([...leaves, ...enters] as readonly Upsert<Customer>[]);
}

const combine = ({ id, customer: key, at }: Row, version: Customer | null): unknown => ({ at, id, key, city: version?.city ?? null });

/** Each row with the customer of its time, by time. */
function expected(scenario: Scenario<ScenarioRow>, join: 'inner' | 'left'): readonly string[] {
  const table = tableOf(scenario);
  const rows = scenario.inputs[0]!.partitions.flat() as unknown as readonly Row[];
  return rows
    .map((row) => [row, row.customer === null ? undefined : rowsAt(table, row.at).get(row.customer)] as const)
    .filter(([, version]) => join === 'left' || version !== undefined)
    .map(([row, version]) => JSON.stringify([row.at, combine(row, version ?? null)]))
    .sort();
}

const joined = (emitted: readonly Emitted[]): readonly string[] => emitted.map(({ port, timestamp, row }) => (port === 'results' ? JSON.stringify([timestamp, row]) : port)).sort();

describe('a temporal join', () => {
  it.each(['inner', 'left'] as const)('%s: each row meets the version that is valid at its time', (join) => {
    const spec = withChangelogs(temporalJoin<Row>({ kind: join, key: { field: 'customer' }, join: combine }), [1]);
    fc.assert(
      fc.property(keyed, (scenario) => checkScenario(spec, scenario, joined, expected(scenario, join))),
      { numRuns: cases(120) },
    );
  });

  it('rows come out by time', () => {
    const spec = withChangelogs(temporalJoin<Row>({ kind: 'left', key: { field: 'customer' }, join: combine }), [1]);
    fc.assert(
      fc.property(keyed, (scenario) => {
        const times = runScenario(spec, scenario, 'live').map(({ timestamp }) => timestamp);
        expect(times).toEqual([...times].sort((a, b) => a - b));
      }),
      { numRuns: cases(120) },
    );
  });

  it('with lateness gives the same for rows that are in time', () => {
    const spec = withChangelogs(temporalJoin<Row>({ kind: 'left', key: { of: (row) => row.customer! }, join: combine, allowedLateness: milliseconds(7) }), [1]);
    fc.assert(
      fc.property(keyed, (scenario) => checkScenario(spec, scenario, joined, expected(scenario, 'left'))),
      { numRuns: cases(120) },
    );
  });
});

describe('a lookup join', () => {
  it.each(['inner', 'left'] as const)('%s: each row meets the version that is valid at its time, in every instance', (join) => {
    const spec = withChangelogs(lookupJoin<Row>({ kind: join, key: (row) => row.customer, join: combine }), [1]);
    fc.assert(
      fc.property(some, (scenario) => checkScenario(spec, scenario, joined, expected(scenario, join))),
      { numRuns: cases(120) },
    );
  });
});
