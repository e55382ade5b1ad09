import { keyGroupOf, milliseconds } from '@weir/model';
import { cases } from '@weir/testkit';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { afterWatermark, count, every, hopping, or, session, sum, windowAggregate } from '../index.ts';
import type { Accumulation, WindowAssigner } from '../index.ts';
import { NaiveGeneralWindows } from './fixtures/naive-windows.ts';
import type { Said } from './fixtures/naive-windows.ts';
import type { TestRow } from './fixtures/trigger-plans.ts';
import { END, acts, shapes, specOf, tell } from './fixtures/window-acts.ts';
import type { Act } from './fixtures/window-acts.ts';
import { WindowRun } from './fixtures/window-run.ts';

describe('windows of any assigner, trigger and accumulation equal windows that keep their rows', () => {
  it('in every firing, what is taken back, late rows, refusals and counts', () => {
    fc.assert(
      fc.property(shapes, acts, (shape, all) => {
        const run = new WindowRun(specOf({ ...shape, plan: { t: 'or', of: [shape.plan] } }));
        const naive = new NaiveGeneralWindows(shape);
        for (const act of [...all, END]) {
          tell(run, act);
          tell(naive, act);
          expect(run.said()).toEqual(naive.said());
        }
        expect(run.late).toEqual(naive.late);
        expect(run.rejected).toEqual(naive.rejected);
        expect(run.books).toEqual(naive.books);
      }),
      { numRuns: cases(1500) },
    );
  });
});

describe('a restart at any moment', () => {
  it('changes no result and no order, and gives the same bytes again', () => {
    fc.assert(
      fc.property(shapes, acts, fc.array(fc.boolean(), { minLength: 40, maxLength: 40 }), (shape, all, restarts) => {
        const spec = specOf(shape);
        const whole = new WindowRun(spec);
        let parts = new WindowRun(spec);
        for (const [index, act] of [...all, END].entries()) {
          if (restarts[index] === true) {
            const snapshot = parts.snapshot();
            parts = new WindowRun(spec, { restored: [snapshot] });
            expect(parts.snapshot()).toEqual(snapshot);
          }
          tell(whole, act);
          tell(parts, act);
          expect(parts.said()).toEqual(whole.said());
          if (index % 8 === 0) expect(parts.snapshot()).toEqual(whole.snapshot());
        }
      }),
      { numRuns: cases(400) },
    );
  });

  it('may be at another parallelism: the key groups are cut and put together anew', () => {
    fc.assert(
      fc.property(shapes, acts, fc.nat(40), fc.nat(40), (shape, all, first, second) => {
        const spec = specOf(shape);
        const halves = [0, 1].map((half) => (keyGroup: number) => keyGroup % 2 === half);
        const whole = new WindowRun(spec);
        let tasks = [new WindowRun(spec)];
        for (const [index, act] of [...all, END].entries()) {
          if (index === first) {
            const snapshot = tasks[0]!.snapshot();
            if (tasks.length === 1) tasks = halves.map((owns) => new WindowRun(spec, { restored: [snapshot], owns }));
          }
          if (index === second && tasks.length === 2) tasks = [new WindowRun(spec, { restored: tasks.map((task) => task.snapshot()) })];
          tell(whole, act);
          for (const [task, run] of tasks.entries()) {
            tell(run, 'rows' in act && tasks.length > 1 ? { rows: act.rows.filter((row) => halves[task]!(keyGroupOf(row.key))) } : act);
          }
          expect(byKey(tasks.flatMap((task) => task.said()))).toEqual(byKey(whole.said()));
        }
      }),
      { numRuns: cases(400) },
    );
  });
});

/** Stable, so that the order within a key is compared. */
const byKey = (said: readonly Said[]): readonly Said[] => [...said].sort((a, b) => (a.key === b.key ? 0 : a.key < b.key ? -1 : 1));

describe('the general engine and the fast ones', () => {
  const lateness = fc.integer({ min: 0, max: 15 });
  const accumulation = fc.constantFrom<Accumulation>('accumulating', 'discarding');
  const assigner: fc.Arbitrary<WindowAssigner<TestRow>> = fc.oneof(
    fc.tuple(fc.integer({ min: 1, max: 12 }), fc.integer({ min: 1, max: 12 })).map(([size, slide]) => hopping(milliseconds(size), milliseconds(slide))),
    fc.integer({ min: 1, max: 10 }).map((gap) => session(milliseconds(gap))),
  );

  it('say the same of what both can do', () => {
    fc.assert(
      fc.property(assigner, lateness, accumulation, fc.constantFrom(undefined, 1, 3), acts, (by, late, mode, early, all) => {
        const trigger = early === undefined ? afterWatermark() : afterWatermark({ early: every(milliseconds(early)) });
        const base = { key: { field: 'key' }, assigner: by, allowedLateness: milliseconds(late), accumulation: mode, aggregators: { rows: count(), amount: sum<TestRow>('amount') } };
        const fast = new WindowRun(windowAggregate<TestRow>({ ...base, trigger }));
        const general = new WindowRun(windowAggregate<TestRow>({ ...base, trigger: or(trigger) }));
        let ticks = 0;
        for (const each of [...all, END]) {
          // A tick each millisecond, so that the fast engines' periods, which begin with the tick that ended the last one, do not drift.
          const act: Act = 'tick' in each ? { tick: ticks++ } : each;
          tell(fast, act);
          tell(general, act);
          expect(byKeyAndWindow(general.said())).toEqual(byKeyAndWindow(fast.said()));
        }
        expect(general.late).toEqual(fast.late);
        expect(general.rejected).toEqual(fast.rejected);
        expect(general.books).toEqual(fast.books);
      }),
      { numRuns: cases(600) },
    );
  });
});

/** A withdrawn result is named by its window; what stands for its value differs. */
const byKeyAndWindow = (said: readonly Said[]): readonly Said[] => said.map((each) => (each.change === 'delete' ? { ...each, value: undefined } : each)).sort((a, b) => a.end - b.end || a.start - b.start || (a.key === b.key ? 0 : a.key < b.key ? -1 : 1));
