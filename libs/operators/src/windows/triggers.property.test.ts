import { cases } from '@weir/testkit';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Said } from './fixtures/naive-windows.ts';
import { plans } from './fixtures/trigger-plans.ts';
import type { Plan } from './fixtures/trigger-plans.ts';
import { ACCUMULATIONS, END, acts, shapes, specOf, tell } from './fixtures/window-acts.ts';
import type { Act, WindowShape } from './fixtures/window-acts.ts';
import { WindowRun } from './fixtures/window-run.ts';

/** All that a step says, by act; by the general engine always, as the fast ones fire windows that end together in another order. */
function saidBy(shape: WindowShape, all: readonly Act[]): readonly (readonly Said[])[] {
  const run = new WindowRun(specOf({ ...shape, plan: { t: 'or', of: [shape.plan] } }));
  return [...all, END].map((act) => {
    tell(run, act);
    return run.said();
  });
}

/** Two triggers under every assigner, accumulation and course of things. */
function same(what: string, twins: fc.Arbitrary<readonly [Plan, Plan]>, only: (shape: WindowShape) => boolean = () => true): void {
  it(what, () => {
    fc.assert(
      fc.property(shapes.filter(only), twins, acts, (shape, [one, other], all) => {
        expect(saidBy({ ...shape, plan: one }, all)).toEqual(saidBy({ ...shape, plan: other }, all));
      }),
      { numRuns: cases(150) },
    );
  });
}

const two = fc.tuple(plans, plans);
const three = fc.tuple(plans, plans, plans);
const NEVER: Plan = { t: 'never' };

describe('the algebra of triggers', () => {
  for (const t of ['or', 'and', 'sequence'] as const) same(`'${t}' of one trigger is that trigger`, plans.map((plan) => [plan, { t, of: [plan] }] as const));
  for (const t of ['or', 'and'] as const) same(`'${t}' does not look at the order of its triggers`, two.map(([a, b]) => [{ t, of: [a, b] }, { t, of: [b, a] }] as const));
  for (const t of ['or', 'sequence'] as const) {
    same(`'${t}' within '${t}' is one '${t}'`, three.map(([a, b, c]) => [{ t, of: [a, { t, of: [b, c] }] }, { t, of: [a, b, c] }] as const));
  }
  same('repeating twice is repeating', plans.map((plan) => [{ t: 'repeat', of: [{ t: 'repeat', of: [plan] }] }, { t: 'repeat', of: [plan] }] as const));
  same('once of once is once', plans.map((plan) => [{ t: 'once', of: [{ t: 'once', of: [plan] }] }, { t: 'once', of: [plan] }] as const));
  same('purging twice is purging', plans.map((plan) => [{ t: 'purging', of: [{ t: 'purging', of: [plan] }] }, { t: 'purging', of: [plan] }] as const));
  same('or never changes nothing', plans.map((plan) => [{ t: 'or', of: [plan, NEVER] }, plan] as const));
  same('and never is never', plans.map((plan) => [{ t: 'and', of: [notPurging(plan), NEVER] }, NEVER] as const));
  same('what follows never does not matter', plans.map((plan) => [{ t: 'sequence', of: [NEVER, plan] }, NEVER] as const));
  same('discarding forgets what was fired, so purging it changes nothing', plans.map((plan) => [{ t: 'purging', of: [plan] }, plan] as const), ({ accumulation }) => accumulation === 'discarding');
});

/** The same trigger without purges. */
function notPurging(plan: Plan): Plan {
  if (plan.t === 'purging') return notPurging(plan.of[0]);
  if (plan.t === 'watermark') return { ...plan, early: plan.early && notPurging(plan.early), late: plan.late && notPurging(plan.late) };
  if (plan.t === 'repeat' || plan.t === 'once') return { ...plan, of: [notPurging(plan.of[0])] };
  return plan.t === 'or' || plan.t === 'and' || plan.t === 'sequence' ? { ...plan, of: plan.of.map(notPurging) } : plan;
}

describe('accumulation', () => {
  it('that discards is accumulation with a purge behind each firing, where windows do not merge', () => {
    fc.assert(
      fc.property(shapes.filter(({ merging }) => !merging), acts, (shape, all) => {
        const purged = saidBy({ ...shape, plan: { t: 'purging', of: [shape.plan] }, accumulation: 'accumulating' }, all);
        expect(saidBy({ ...shape, accumulation: 'discarding' }, all)).toEqual(purged);
      }),
      { numRuns: cases(200) },
    );
  });

  it('that retracts says what the plain one says, and what it takes back was said last of that window', () => {
    fc.assert(
      fc.property(shapes, acts, (shape, all) => {
        const plain = saidBy({ ...shape, accumulation: 'accumulating' }, all).flat();
        const retracting = saidBy({ ...shape, accumulation: 'accumulating-and-retracting' }, all).flat();
        const said = retracting.filter(({ change }) => change === 'insert' || change === 'update-after');
        expect(said.map((each) => ({ ...each, change: 'insert' }))).toEqual(plain.filter(({ change }) => change === 'insert'));
        const standing = new Map<string, Said>();
        for (const [index, each] of retracting.entries()) {
          const window = `${each.key} ${each.start} ${each.end}`;
          const before = standing.get(window);
          if (each.change === 'insert') expect(before).toBeUndefined();
          else if (each.change === 'update-after') expect(retracting[index - 1]).toEqual({ ...before, change: 'update-before' });
          else expect({ ...each, change: before!.change }).toEqual(before);
          if (each.change === 'update-before') expect(retracting[index + 1]).toMatchObject({ change: 'update-after', key: each.key, start: each.start, end: each.end, index: each.index + 1 });
          else if (each.change === 'delete') standing.delete(window);
          else standing.set(window, each);
        }
      }),
      { numRuns: cases(300) },
    );
  });
});

describe('panes', () => {
  it('of a window count from 0, come early, then on time at most once, then late, and none follows the last', () => {
    fc.assert(
      fc.property(shapes, acts, (shape, all) => {
        const panes = new Map<string, Said>();
        for (const each of saidBy(shape, all).flat()) {
          const window = `${each.key} ${each.start} ${each.end}`;
          if (each.change === 'update-before') continue;
          if (each.change === 'delete') {
            panes.delete(window);
            continue;
          }
          const before = panes.get(window);
          // With discarding results, a window that gets other bounds and then the same again begins anew without a word.
          const isNew = before === undefined || (shape.merging && shape.accumulation === 'discarding' && each.index === 0);
          if (!isNew) {
            expect(each.index).toBe(before.index + 1);
            expect(before.isLast).toBe(false);
            const order = ['early', 'on-time', 'late'];
            expect(order.indexOf(each.timing) - order.indexOf(before.timing)).toBeGreaterThanOrEqual(before.timing === 'on-time' ? 1 : 0);
          } else expect(each.index).toBe(0);
          panes.set(window, each);
        }
      }),
      { numRuns: cases(300) },
    );
  });

  it('of the last instant are last, and those before it are not', () => {
    fc.assert(
      fc.property(shapes, acts, (shape, all) => {
        const run = new WindowRun(specOf(shape));
        let watermark = -Infinity;
        for (const act of [...all, END]) {
          if ('watermark' in act) watermark = Math.max(watermark, act.watermark);
          tell(run, act);
          for (const { change, end, isLast } of run.said()) {
            if (change === 'insert' || change === 'update-after') expect(isLast).toBe(shape.merging ? watermark > end + shape.lateness : watermark >= end + shape.lateness);
          }
        }
      }),
      { numRuns: cases(150) },
    );
  });

  it('have the last instant of the window as their time, or where there is no end one that is not behind the watermark', () => {
    fc.assert(
      fc.property(shapes, acts, (shape, all) => {
        const run = new WindowRun(specOf(shape));
        let watermark = -Infinity;
        for (const act of [...all, END]) {
          tell(run, act);
          const times = run.times();
          for (const [index, { end, change }] of run.said().entries()) {
            if (end !== Infinity) expect(times[index]).toBe(end - 1);
            else if (change === 'insert' && 'rows' in act && act.rows.every(({ at }) => at >= watermark)) expect(times[index]).toBeGreaterThanOrEqual(watermark);
            else if (!('rows' in act)) expect(times[index]).toBeGreaterThanOrEqual(Math.min(watermark, 8.64e15));
          }
          if ('watermark' in act) watermark = Math.max(watermark, act.watermark);
        }
      }),
      { numRuns: cases(150) },
    );
  });
});

describe('what does not matter', () => {
  it('is how the rows are cut into batches, when none of them is late', () => {
    fc.assert(
      fc.property(shapes, acts, (shape, all) => {
        const cut = (act: Act): readonly Act[] => ('rows' in act ? act.rows.map((row) => ({ rows: [row] })) : [act]);
        const inTime = withoutLateRows(all);
        expect(saidBy(shape, inTime.flatMap(cut)).flat()).toEqual(saidBy(shape, inTime).flat());
      }),
      { numRuns: cases(200) },
    );
  });

  it('is which other keys there are', () => {
    fc.assert(
      fc.property(shapes, acts, fc.constantFrom('a', 'b', 'c'), (shape, all, key) => {
        const alone = all.map((act): Act => ('rows' in act ? { rows: act.rows.filter((row) => row.key === key) } : act));
        expect(saidBy(shape, all).map((said) => said.filter((each) => each.key === key))).toEqual(saidBy(shape, alone));
      }),
      { numRuns: cases(200) },
    );
  });

  it('is the accumulation, to how many rows are taken, refused and late', () => {
    fc.assert(
      fc.property(shapes, plans, acts, (shape, plan, all) => {
        const outcomes = ACCUMULATIONS.flatMap((accumulation) => [shape.plan, plan].map((each) => ({ ...shape, accumulation, plan: each }))).map((each) => {
          const run = new WindowRun(specOf(each));
          for (const act of all) tell(run, act);
          return { books: run.books, late: run.late, rejected: run.rejected };
        });
        for (const outcome of outcomes) expect(outcome).toEqual(outcomes[0]);
      }),
      { numRuns: cases(100) },
    );
  });
});

function withoutLateRows(all: readonly Act[]): readonly Act[] {
  let watermark = -Infinity;
  return all.map((act) => {
    if ('watermark' in act) watermark = Math.max(watermark, act.watermark);
    return 'rows' in act ? { rows: act.rows.filter(({ at }) => at >= watermark) } : act;
  });
}
