import { cases, checkScenario, placedRows, runScenario, scenarios } from '@weir/testkit';
import type { Emitted } from '@weir/testkit';
import fc from 'fast-check';
import { describe, it, expect } from 'vitest';
import { plans } from './fixtures/trigger-plans.ts';
import type { Plan, TestRow } from './fixtures/trigger-plans.ts';
import { assigners, specOf } from './fixtures/window-acts.ts';
import type { AssignedBy } from './fixtures/window-acts.ts';
import { WindowRun } from './fixtures/window-run.ts';

type Fields = Omit<TestRow, 'at'>;

const drawn = scenarios<Fields>({
  inputs: { in: fc.record({ key: fc.constantFrom('a', 'b', 'c'), amount: fc.integer({ min: -3, max: 9 }), gap: fc.integer({ min: 1, max: 9 }), id: fc.nat() }) },
  boundary: 10,
});

/** No purges: nothing that was put into a window is dropped before it is shown. */
const keeping = plans.filter((plan) => !JSON.stringify(plan).includes('purging'));

interface Total {
  readonly window: string;
  readonly rows: number;
  readonly amount: number;
}

/** Each window of each key and all its rows: rows are grouped, spans that touch are joined, totals are loops. */
function expected(rows: readonly TestRow[], { windows, merging }: AssignedBy): readonly Total[] {
  const totals: Total[] = [];
  for (const [key, mine] of Map.groupBy(rows, (row) => row.key)) {
    const spans = mine.flatMap((row) => windows(row).map(([start, end]) => ({ start, end, row }))).sort((a, b) => a.start - b.start || a.end - b.end);
    const held: { start: number; end: number; rows: Set<TestRow> }[] = [];
    for (const { start, end, row } of spans) {
      const into = held.find((each) => (merging ? each.end >= start : each.start === start && each.end === end));
      if (into === undefined) held.push({ start, end, rows: new Set([row]) });
      else {
        into.end = Math.max(into.end, end);
        into.rows.add(row);
      }
    }
    for (const { start, end, rows: inside } of held) totals.push({ window: `${key} ${start} ${end}`, rows: inside.size, amount: [...inside].reduce((total, { amount }) => total + amount, 0) });
  }
  return byWindow(totals);
}

const byWindow = (totals: readonly Total[]): readonly Total[] => totals.toSorted((a, b) => (a.window < b.window ? -1 : 1));
const windowOf = ({ result }: Emitted): string => `${String(result!.key)} ${result!.start} ${result!.end}`;
const valueOf = ({ row }: Emitted): { rows: number; amount: number } => (row as { value: { rows: number; amount: number } }).value;
const totalOf = (window: string, { rows, amount }: { rows: number; amount: number }): Total => ({ window, rows, amount });

/** The last word about each window stands, unless it was withdrawn. */
function upserted(emitted: readonly Emitted[]): readonly Total[] {
  const table = new Map<string, Total>();
  for (const each of emitted) {
    if (each.change === 'delete') table.delete(windowOf(each));
    else table.set(windowOf(each), totalOf(windowOf(each), valueOf(each)));
  }
  return byWindow([...table.values()]);
}

/** Only what was said can be taken back; what is left stands. */
function replayed(emitted: readonly Emitted[]): readonly Total[] {
  const table: Total[] = [];
  for (const each of emitted) {
    const total = totalOf(windowOf(each), valueOf(each));
    if (each.change === 'insert' || each.change === 'update-after') table.push(total);
    else table.splice(table.findIndex((row) => JSON.stringify(row) === JSON.stringify(total)), 1);
  }
  return byWindow(table);
}

/** Every row is in one pane of each of its windows. */
function summed(emitted: readonly Emitted[]): readonly Total[] {
  const table = new Map<string, Total>();
  for (const each of emitted) {
    const before = table.get(windowOf(each)) ?? { rows: 0, amount: 0 };
    table.set(windowOf(each), totalOf(windowOf(each), { rows: before.rows + valueOf(each).rows, amount: before.amount + valueOf(each).amount }));
  }
  return byWindow([...table.values()]);
}

const views = { accumulating: upserted, 'accumulating-and-retracting': replayed, discarding: summed } as const;
// Results of windows that are past their end are older than the watermark; a tick may fire before it.
const options = { ticks: true, inTime: false } as const;

describe('whatever the trigger, once the input ends', () => {
  for (const accumulation of ['accumulating', 'accumulating-and-retracting', 'discarding'] as const) {
    it(`what stands is every row of every window, ${accumulation}`, () => {
      // With discarding results, rows of a session that fired and then grew are spread over its former bounds.
      const fitting = assigners.filter(({ merging }) => !merging || accumulation !== 'discarding');
      fc.assert(
        fc.property(drawn, fitting, keeping, fc.integer({ min: 0, max: 15 }), (scenario, by, plan, lateness) => {
          const spec = specOf({ ...by, lateness, accumulation, plan: { t: 'or', of: [plan] } });
          const rows = placedRows(scenario).map(({ row }) => row);
          checkScenario(spec, scenario, views[accumulation], expected(rows, by), options);
        }),
        { numRuns: cases(200) },
      );
    });
  }

  it('each row of a session is shown once, when results are discarded', () => {
    fc.assert(
      fc.property(drawn, assigners.filter(({ merging }) => merging), keeping, (scenario, by, plan) => {
        const spec = specOf({ ...by, lateness: 0, accumulation: 'discarding', plan: { t: 'or', of: [plan] } });
        for (const mode of ['perfect', 'live', 'restored'] as const) {
          const rows = runScenario(spec, scenario, mode, options).reduce((total, each) => total + valueOf(each).rows, 0);
          const wanted = expected(placedRows(scenario).map(({ row }) => row), by).reduce((total, each) => total + each.rows, 0);
          expect(rows).toBe(wanted);
        }
      }),
      { numRuns: cases(100) },
    );
  });

  for (const engine of ['general', 'fast'] as const) {
    it(`a trigger that fires at the end alone says each window once, under every driver alike, in the ${engine} engine`, () => {
      const atEnd: Plan = { t: 'watermark', early: undefined, late: undefined };
      const plan: Plan = engine === 'fast' ? atEnd : { t: 'or', of: [atEnd] };
      fc.assert(
        fc.property(drawn, assigners, (scenario, by) => {
          const spec = specOf({ ...by, lateness: 0, accumulation: engine === 'fast' ? 'accumulating' : 'accumulating-and-retracting', plan });
          const once = (emitted: readonly Emitted[]): readonly Total[] => byWindow(emitted.map((each) => totalOf(`${windowOf(each)} ${each.result!.index} ${each.change}`, valueOf(each))));
          const wanted = expected(placedRows(scenario).map(({ row }) => row), by).map((total) => ({ ...total, window: `${total.window} 0 insert` }));
          checkScenario(spec, scenario, once, byWindow(wanted));
        }),
        { numRuns: cases(200) },
      );
    });
  }
});

describe('late rows of a window', () => {
  it('are taken until the watermark is the end and the lateness, and refused from there on', () => {
    const times = fc.integer({ min: -30, max: 30 });
    fc.assert(
      fc.property(assigners, fc.integer({ min: 0, max: 9 }), times, fc.integer({ min: 1, max: 9 }), fc.integer({ min: -1, max: 1 }), keeping, (by, lateness, at, gap, off, plan) => {
        const row: TestRow = { at, key: 'a', amount: 3, gap, id: 0 };
        for (const [start, end] of by.windows(row)) {
          if (!Number.isFinite(end)) continue;
          const spec = specOf({ ...by, lateness, accumulation: 'accumulating', plan });
          const run = new WindowRun(spec);
          run.watermark(end + lateness + off);
          run.push([row]);
          const refused = run.rejected.some((each) => each.start === start && each.end === end);
          // Where touching windows merge, a row of exactly the end belongs to the window.
          expect(refused).toBe(by.merging ? off > 0 : off >= 0);
          expect(run.late).toEqual(run.rejected.length > 0 ? [row] : []);
          expect(run.books.refused).toBe(run.rejected.length);
        }
      }),
      { numRuns: cases(200) },
    );
  });
});
