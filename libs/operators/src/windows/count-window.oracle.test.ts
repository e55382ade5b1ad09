import { keyGroupOf, milliseconds } from '@weir/model';
import { cases, checkScenario, placedRows, runScenario, scenarios } from '@weir/testkit';
import type { Emitted } from '@weir/testkit';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { count, countSliding, countTumbling, countWindowAggregate, list, max, sum } from '../index.ts';
import type { CountWindows } from '../index.ts';
import { WindowRun } from './fixtures/window-run.ts';
import type { TestRow } from './fixtures/trigger-plans.ts';

interface Sold {
  readonly key: string;
  readonly amount: number;
}

const scenario = scenarios<Sold>({ inputs: { in: fc.record({ key: fc.constantFrom('a', 'b', 'c'), amount: fc.integer({ min: -3, max: 9 }) }) }, boundary: 10, maxRows: 60 });
const sliding: fc.Arbitrary<CountWindows> = fc.tuple(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 9 })).map(([size, slide]) => countSliding(size, slide));
const tumblingCounts: fc.Arbitrary<CountWindows> = fc.integer({ min: 1, max: 7 }).map(countTumbling);

const specOf = (windows: CountWindows) =>
  countWindowAggregate<Sold>({ key: { field: 'key' }, windows, aggregators: { rows: count(), amount: sum('amount'), most: max('amount') } });

interface Filled {
  readonly key: unknown;
  readonly start: number;
  readonly end: number;
  readonly at: number;
  readonly value: unknown;
}

/** Sorted and cut: the rows of each key in order of time, input, partition and offset, and each slice of them that is full. */
function expected(rows: readonly { readonly row: Sold & { readonly at: number }; readonly partition: number; readonly offset: number }[], { size, slide }: CountWindows): readonly Filled[] {
  const filled: Filled[] = [];
  for (const [key, mine] of Map.groupBy(rows, ({ row }) => row.key)) {
    const ordered = mine.toSorted((a, b) => a.row.at - b.row.at || a.partition - b.partition || a.offset - b.offset).map(({ row }) => row);
    for (let start = 0; start + size <= ordered.length; start += slide) {
      const inside = ordered.slice(start, start + size);
      const amounts = inside.map(({ amount }) => amount);
      filled.push({ key, start, end: start + size, at: inside.at(-1)!.at, value: { rows: size, amount: amounts.reduce((a, b) => a + b, 0), most: Math.max(...amounts) } });
    }
  }
  return byKey(filled);
}

const byKey = (filled: readonly Filled[]): readonly Filled[] => filled.toSorted((a, b) => (String(a.key) === String(b.key) ? a.start - b.start : String(a.key) < String(b.key) ? -1 : 1));

function view(emitted: readonly Emitted[]): readonly Filled[] {
  expect(emitted.every(({ change }) => change === 'insert')).toBe(true);
  expect(emitted.every(({ result }) => result!.index === 0 && result!.timing === 'on-time' && result!.isLast)).toBe(true);
  return byKey(emitted.map(({ row, timestamp, result }) => ({ key: result!.key, start: result!.start, end: result!.end, at: timestamp, value: (row as { value: unknown }).value })));
}

describe('count windows equal slices of the sorted rows of each key', () => {
  it('back to back', () => {
    fc.assert(
      fc.property(scenario, tumblingCounts, (drawn, windows) => checkScenario(specOf(windows), drawn, view, expected(placedRows(drawn), windows))),
      { numRuns: cases(200) },
    );
  });

  it('overlapping, or with gaps', () => {
    fc.assert(
      fc.property(scenario, sliding, (drawn, windows) => checkScenario(specOf(windows), drawn, view, expected(placedRows(drawn), windows))),
      { numRuns: cases(300) },
    );
  });

  it('fire in the order of the last rows, whatever the key', () => {
    fc.assert(
      fc.property(scenario, sliding, (drawn, windows) => {
        const times = runScenario(specOf(windows), drawn, 'perfect').map(({ timestamp }) => timestamp);
        expect(times).toEqual(times.toSorted((a, b) => a - b));
      }),
      { numRuns: cases(100) },
    );
  });

  it('with aggregates that see the order of rows', () => {
    fc.assert(
      fc.property(scenario, sliding, (drawn, windows) => {
        const spec = countWindowAggregate<Sold>({ key: { field: 'key' }, windows, aggregators: { rows: count(), amounts: list('amount', { limit: 20 }) } });
        const totals = (emitted: readonly Emitted[]): readonly unknown[] => emitted.map(({ row }) => (row as { value: { rows: number; amounts: { values: readonly number[] } } }).value);
        for (const value of totals(runScenario(spec, drawn, 'live')) as readonly { rows: number; amounts: { values: readonly number[] } }[]) expect(value.amounts.values).toHaveLength(value.rows);
      }),
      { numRuns: cases(50) },
    );
  });
});

describe('late rows and restarts of count windows', () => {
  const row = fc.record({ key: fc.constantFrom('a', 'b'), amount: fc.integer({ min: -3, max: 9 }), at: fc.integer({ min: -20, max: 20 }) });
  const acts = fc.array(fc.oneof({ weight: 3, arbitrary: fc.array(row, { maxLength: 8 }).map((rows) => ({ rows })) }, { weight: 1, arbitrary: fc.integer({ min: -25, max: 25 }).map((watermark) => ({ watermark })) }), { maxLength: 25 });

  it('a row is late when its time is below the watermark, and not when it equals it', () => {
    fc.assert(
      fc.property(acts, sliding, (drawn, windows) => {
        const run = new WindowRun(specOf(windows));
        let now = -Infinity;
        let id = 0;
        const late: TestRow[] = [];
        const taken: TestRow[] = [];
        for (const act of drawn) {
          if ('watermark' in act) {
            run.watermark(act.watermark);
            now = Math.max(now, act.watermark);
            continue;
          }
          const rows = act.rows.map((each) => ({ ...each, gap: 0, id: id++ }));
          run.push(rows);
          for (const each of rows) (each.at < now ? late : taken).push(each);
        }
        run.watermark(Infinity);
        expect(run.late).toEqual(late);
        expect(run.books).toEqual({ counted: taken.length, late: late.length, filtered: 0, refused: 0 });
        const perKey = [...Map.groupBy(taken, ({ key }) => key).values()].map(({ length }) => (length < windows.size ? 0 : Math.floor((length - windows.size) / windows.slide) + 1));
        expect(run.said()).toHaveLength(perKey.reduce((a, b) => a + b, 0));
      }),
      { numRuns: cases(300) },
    );
  });

  it('a restart, also as two tasks, changes nothing', () => {
    fc.assert(
      fc.property(acts, sliding, fc.nat(25), (drawn, windows, at) => {
        const spec = specOf(windows);
        const whole = new WindowRun(spec);
        const halves = [0, 1].map((half) => (keyGroup: number) => keyGroup % 2 === half);
        let tasks = [new WindowRun(spec)];
        let id = 0;
        for (const [index, act] of [...drawn, { watermark: Infinity }].entries()) {
          if (index === at) {
            const snapshot = tasks[0]!.snapshot();
            expect(new WindowRun(spec, { restored: [snapshot] }).snapshot()).toEqual(snapshot);
            tasks = halves.map((owns) => new WindowRun(spec, { restored: [snapshot], owns }));
          }
          if ('watermark' in act) for (const run of [whole, ...tasks]) run.watermark(act.watermark);
          else {
            const rows = act.rows.map((each) => ({ ...each, gap: 0, id: id++ }));
            whole.push(rows);
            for (const [task, run] of tasks.entries()) run.push(tasks.length === 1 ? rows : rows.filter(({ key }) => halves[task]!(keyGroupOf(key))));
          }
          const order = (said: ReturnType<WindowRun['said']>): typeof said => said.toSorted((a, b) => (a.key === b.key ? a.start - b.start : a.key < b.key ? -1 : 1));
          expect(order(tasks.flatMap((task) => task.said()))).toEqual(order(whole.said()));
        }
      }),
      { numRuns: cases(200) },
    );
  });
});

describe('a count window', () => {
  it('cannot be of no rows, nor of parts of rows', () => {
    for (const make of [() => countTumbling(0), () => countTumbling(1.5), () => countSliding(3, 0), () => countSliding(-1, 1), () => countSliding(2, Number.NaN)]) expect(make).toThrow(/WINDOW_SIZE/);
  });

  it('never fires when it is not full', () => {
    const run = new WindowRun(specOf(countTumbling(3)));
    run.push([1, 2].map((at) => ({ at, key: 'a', amount: 1, gap: 0, id: at })));
    run.watermark(Infinity);
    expect(run.said()).toEqual([]);
  });

  it('holds no more rows than its limit', () => {
    const run = new WindowRun(countWindowAggregate<TestRow>({ key: { field: 'key' }, windows: countTumbling(2), aggregators: { rows: count() }, limit: 3 }));
    const rows = [1, 2, 3, 4].map((at) => ({ at, key: 'a', amount: 1, gap: milliseconds(0), id: at }));
    run.push(rows.slice(0, 3));
    expect(() => run.push(rows.slice(3))).toThrow(/BUFFER_FULL/);
  });
});
