import { milliseconds } from '@weir/model';
import { cases, checkScenario, placedRows, scenarios } from '@weir/testkit';
import type { Emitted, Scenario, ScenarioRow } from '@weir/testkit';
import fc from 'fast-check';
import { describe, it } from 'vitest';
import { deduplicate } from './deduplicate.ts';

interface Fields {
  readonly key: string;
  readonly n: number;
}

type Row = Fields & ScenarioRow;

const WITHIN = 10;
const rows = scenarios<Fields>({ inputs: { in: fc.record({ key: fc.constantFrom('a', 'b', 'c'), n: fc.nat({ max: 5 }) }) } });

/** For each first row of a key the rows that repeat it, all by (timestamp, partition, offset). */
function runsOf(scenario: Scenario<Row>): readonly (readonly Row[])[] {
  const sorted = [...placedRows(scenario)].sort((a, b) => a.row.at - b.row.at || a.partition - b.partition || a.offset - b.offset);
  const runs: Row[][] = [];
  for (const { row } of sorted) {
    const run = runs.findLast(([first]) => first!.key === row.key);
    if (run !== undefined && row.at - run[0]!.at < WITHIN) run.push(row);
    else runs.push([row]);
  }
  return runs;
}

const shown = (emitted: readonly Emitted[]): readonly string[] => emitted.map(({ port, row, change, timestamp }) => JSON.stringify([timestamp, port, change, row])).sort();

describe('deduplicate', () => {
  it('first: lets the first row of a key pass and drops what follows within the time', () => {
    const spec = deduplicate<Row>({ key: { field: 'key' }, within: milliseconds(WITHIN), keep: 'first' });
    fc.assert(
      fc.property(rows, (scenario) => checkScenario(spec, scenario, shown, runsOf(scenario).map(([first]) => JSON.stringify([first!.at, 'results', 'insert', first])).sort())),
      { numRuns: cases(200) },
    );
  });

  it('last: each row within the time replaces the one before it', () => {
    const spec = deduplicate<Row>({ key: { of: ({ key }) => key }, within: milliseconds(WITHIN), keep: 'last' });
    fc.assert(
      fc.property(rows, (scenario) => {
        const expected = runsOf(scenario).flatMap((run) =>
          run.flatMap((row, i) => (i === 0 ? [[row.at, 'results', 'insert', row]] : [[row.at, 'results', 'update-before', run[i - 1]], [row.at, 'results', 'update-after', row]])),
        );
        checkScenario(spec, scenario, shown, expected.map((each) => JSON.stringify(each)).sort());
      }),
      { numRuns: cases(200) },
    );
  });
});
