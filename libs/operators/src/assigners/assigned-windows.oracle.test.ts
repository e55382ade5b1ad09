import type { Key, Timestamp } from '@weir/model';
import { hours, milliseconds } from '@weir/model';
import type { Emitted } from '@weir/testkit';
import { cases, checkScenario, placedRows, scenarios } from '@weir/testkit';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { afterWatermark, billingCycle, calendar, campaign, count, cumulating, sum, tradingDay, windowAggregate } from '../index.ts';
import type { CustomAssigner } from '../index.ts';
import { NaiveGeneralWindows } from '../windows/fixtures/naive-windows.ts';
import type { Plan, TestRow } from '../windows/fixtures/trigger-plans.ts';
import { ACCUMULATIONS, END, acts, specOf, tell } from '../windows/fixtures/window-acts.ts';
import type { Act } from '../windows/fixtures/window-acts.ts';
import { WindowRun } from '../windows/fixtures/window-run.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
type Spans = readonly (readonly [Timestamp, Timestamp])[];

interface Case {
  readonly assigner: CustomAssigner<unknown>;
  /** The same in plain words. */
  readonly windows: (at: Timestamp, key: Key) => Spans;
}

/** The night in which New York's clocks go forward, at the end of a week, a few days into a month. */
const BASE = Date.parse('2026-03-08T05:00Z');
const days = Array.from({ length: 200 }, (_, index) => Date.parse('2025-12-01T00:00Z') + index * DAY);

function between(starts: readonly Timestamp[], at: Timestamp): Spans {
  const index = starts.findIndex((start) => at < start);
  return [[starts[index - 1]!, starts[index]!]];
}

const newYork = (midnight: Timestamp): Timestamp => midnight + (midnight < Date.parse('2026-03-09T00:00Z') ? 5 : 4) * HOUR;
const campaigns = [[-30, -10], [0, 20], [10, 12], [10, 30], [26, 60]].map(([start, end]) => ({ start: BASE + start! * HOUR, end: BASE + end! * HOUR }));
const anchors: Readonly<Record<string, number>> = { a: 8, b: 1, c: 31 };

const CASES: Readonly<Record<string, Case>> = {
  'calendar days': { assigner: calendar('day', { zone: 'America/New_York' }), windows: (at) => between(days.map(newYork), at) },
  'calendar weeks': {
    assigner: calendar('week', { zone: 'America/New_York', weekStartsOn: 'sunday' }),
    windows: (at) => between(days.filter((day) => new Date(day).getUTCDay() === 0).map(newYork), at),
  },
  'cumulating windows': {
    assigner: cumulating(hours(12), hours(4)),
    windows: (at) => {
      const start = Math.floor(at / (12 * HOUR)) * 12 * HOUR;
      return [4, 8, 12].map((length) => [start, start + length * HOUR] as const).filter(([, end]) => at < end);
    },
  },
  'trading days': {
    assigner: tradingDay({ zone: 'UTC', open: '09:00', close: '17:00', holidays: ['2026-03-10'] }),
    windows: (at) => between(days.filter((day) => ![0, 6].includes(new Date(day).getUTCDay()) && day !== Date.parse('2026-03-10T00:00Z')).map((day) => day + 17 * HOUR), at),
  },
  'billing cycles': {
    assigner: billingCycle({ zone: 'UTC', anchorDay: (key) => anchors[key as string]! }),
    windows: (at, key) => between([0, 1, 2, 3, 4, 5].map((month) => Date.UTC(2025, 11 + month, Math.min(anchors[key as string]!, new Date(Date.UTC(2025, 12 + month, 0)).getUTCDate()))), at),
  },
  campaigns: { assigner: campaign(campaigns), windows: (at) => campaigns.filter(({ start, end }) => start <= at && at < end).map(({ start, end }) => [start, end] as const) },
};

const plan: fc.Arbitrary<Plan> = fc.record({
  t: fc.constant('watermark' as const),
  early: fc.option(fc.record({ t: fc.constant('count' as const), n: fc.integer({ min: 1, max: 4 }) }), { nil: undefined }),
  late: fc.option(fc.record({ t: fc.constant('count' as const), n: fc.integer({ min: 1, max: 3 }) }), { nil: undefined }),
});
const shape = fc.record({ lateness: fc.constantFrom(0, 3 * HOUR, 30 * HOUR), accumulation: fc.constantFrom(...ACCUMULATIONS), plan });

/** The same acts with two hours for a millisecond, about the base; rows of the next 25 days at most, so that the plain words may be few. */
function stretched(act: Act): Act {
  if ('rows' in act) return { rows: act.rows.map((row) => ({ ...row, at: BASE + Math.min(row.at, 300) * 2 * HOUR })) };
  return 'watermark' in act ? { watermark: BASE + act.watermark * 2 * HOUR } : act;
}

describe.each(Object.entries(CASES))('%s', (_name, { assigner, windows }) => {
  it('equal windows that keep their rows: every firing, late row, refusal and count, with lateness and in each accumulation', () => {
    fc.assert(
      fc.property(shape, acts, (drawn, all) => {
        const made = { ...drawn, assigner, merging: false, windows: ({ at, key }: TestRow) => windows(at, key) };
        const run = new WindowRun(specOf(made));
        const naive = new NaiveGeneralWindows(made);
        for (const act of [...all.map(stretched), END]) {
          tell(run, act);
          tell(naive, act);
          expect(run.said()).toEqual(naive.said());
        }
        expect(run.late).toEqual(naive.late);
        expect(run.books).toEqual(naive.books);
      }),
      { numRuns: cases(100) },
    );
  });

  it('have the same rows under every driver, and after a restart at another parallelism', () => {
    const moved: CustomAssigner<{ readonly key: string }> = {
      ...assigner,
      assign: (at, key, row, into) => assigner.assign(at + BASE, key, row, into),
    };
    const spec = windowAggregate<{ readonly key: string; readonly cents: number }>({
      key: { field: 'key' },
      assigner: moved,
      allowedLateness: milliseconds(0),
      trigger: afterWatermark(),
      accumulation: 'discarding',
      aggregators: { rows: count(), cents: sum('cents') },
    });
    const rows = scenarios({ inputs: { in: fc.record({ key: fc.constantFrom('a', 'b', 'c'), cents: fc.integer({ min: -9, max: 9 }) }) }, boundary: 8 * HOUR });
    fc.assert(
      fc.property(rows, (scenario) => {
        const groups = new Map<string, { rows: number; cents: number }>();
        for (const { row } of placedRows(scenario)) {
          for (const [start, end] of windows(row.at + BASE, row.key)) {
            const name = `${row.key} ${start} ${end}`;
            const group = groups.get(name) ?? { rows: 0, cents: 0 };
            groups.set(name, { rows: group.rows + 1, cents: group.cents + row.cents });
          }
        }
        checkScenario(spec, scenario, bySize, [...groups].sort((a, b) => (a[0] < b[0] ? -1 : 1)), { inTime: false });
      }),
      { numRuns: cases(40) },
    );
  });
});

/** The windows that fired, in an order that does not depend on the keys' places. */
function bySize(emitted: readonly Emitted[]): unknown {
  return emitted
    .map(({ result, row }) => [`${result!.key} ${result!.start} ${result!.end}`, (row as { readonly value: unknown }).value] as const)
    .sort((a, b) => (a[0] < b[0] ? -1 : 1));
}
