import type { Change } from '@weir/model';
import { CHANGES } from '@weir/model';
import { ParallelRun, cases, checkScenario, placedRows, scenarioBatch, scenarios } from '@weir/testkit';
import type { Emitted } from '@weir/testkit';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { asChangelog, changes } from './stream-changes.ts';

interface Fields {
  readonly id: number;
  readonly change: Change;
}

const logs = scenarios<Fields>({ inputs: { in: fc.record({ id: fc.nat({ max: 3 }), change: fc.constantFrom(...CHANGES) }) } });
const changeOf = (row: Fields) => row.change;
const line = (row: unknown, timestamp: number, change: Change): string => JSON.stringify([row, timestamp, change]);
const view = (emitted: readonly Emitted[]): readonly string[] => emitted.map(({ row, timestamp, change }) => line(row, timestamp, change)).sort();

describe('a stream as a changelog, and back', () => {
  it('keeps every row and its time, and takes its change from the function', () => {
    fc.assert(
      fc.property(logs, (scenario) => checkScenario(asChangelog(changeOf), scenario, view, placedRows(scenario).map(({ row }) => line(row, row.at, row.change)).sort())),
      { numRuns: cases(100) },
    );
  });

  it('is what was read as changes, when the changes are data again', () => {
    fc.assert(
      fc.property(logs, (scenario) => {
        const { partitions } = scenario.inputs[0]!;
        const back = new ParallelRun(changes(), 1);
        const marks = asChangelog(changeOf).create({ pipeline: 'p', step: 's', state: undefined as never, observer: undefined as never });
        for (const [partition, rows] of partitions.entries()) if (rows.length > 0) marks.onBatch(scenarioBatch('in', partition, rows, 0), { emit: (batch) => back.rows(0, batch) }, 0);
        expect(back.emitted.map(({ row }) => row)).toEqual(partitions.flat().map((row) => ({ change: row.change, row })));
        expect(back.emitted.every(({ change }) => change === 'insert')).toBe(true);
      }),
      { numRuns: cases(100) },
    );
  });

  it('calls the rows of a stream inserts', () => {
    fc.assert(
      fc.property(logs, (scenario) =>
        checkScenario(changes(), scenario, view, placedRows(scenario).map(({ row }) => line({ change: 'insert', row }, row.at, 'insert')).sort()),
      ),
      { numRuns: cases(100) },
    );
  });

  it('refuses a word that is no change', () => {
    const run = new ParallelRun(asChangelog(() => 'upsert' as never), 1);
    expect(() => run.rows(0, scenarioBatch('in', 0, [{ at: 1 }], 0))).toThrow("CHANGE_UNKNOWN step: A row was said to be the change 'upsert'.");
  });
});
