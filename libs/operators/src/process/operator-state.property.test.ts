import { KEY_GROUPS, keyGroupOf } from '@weir/model';
import { ParallelRun, cases, scenarioBatch } from '@weir/testkit';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { operatorList, unionList } from './operator-state.ts';
import { process } from './process.ts';
import { output } from './process-function.ts';

interface Row {
  readonly at: number;
  readonly key: string;
  readonly tell?: 'dealt' | 'united';
}

/** Keeps each row's time in both kinds of list, and tells them when asked to. */
const remembers = process({
  key: { field: 'key' },
  function: {
    operatorState: { dealt: operatorList<number>(), united: unionList<number>() },
    emits: output<{ values: readonly number[] }>(),
    onRow(row: Row, ctx) {
      const { dealt, united } = ctx.operatorState;
      if (row.tell !== undefined) {
        ctx.emit({ values: ctx.operatorState[row.tell].get() });
        return;
      }
      dealt.add(row.at);
      united.add(row.at);
    },
  },
});

/** A key of each twelfth of the key groups, so that they reach all of 1, 2, 3 or 4 instances. */
const EVERYWHERE = Array.from({ length: 12 }, (_, twelfth) => {
  const wanted = Math.ceil((twelfth * KEY_GROUPS) / 12);
  for (let index = 0; ; index++) if (keyGroupOf(`k${index}`) === wanted) return `k${index}`;
});

function filled(parallelism: number, count: number, restored?: ConstructorParameters<typeof ParallelRun>[2]): ParallelRun {
  const run = new ParallelRun(remembers, parallelism, restored);
  const rows = Array.from({ length: count }, (_, at): Row => ({ at, key: EVERYWHERE[at % EVERYWHERE.length]! }));
  if (count > 0) run.rows(0, scenarioBatch('in', 0, rows, 0));
  return run;
}

/** What each instance holds, one list for each. */
function told(run: ParallelRun, kind: 'dealt' | 'united'): readonly (readonly number[])[] {
  const before = run.emitted.length;
  run.rows(0, scenarioBatch('in', 0, EVERYWHERE.map((key): Row => ({ at: 0, key, tell: kind })), 0));
  const lists = run.emitted.slice(before).map(({ row }) => (row as { values: readonly number[] }).values);
  return [...new Map(lists.map((list) => [JSON.stringify(list), list])).values()];
}

const parallelism = fc.integer({ min: 1, max: 4 });

describe('operator state', () => {
  it('of kind list is dealt out: after any rescaling each value is in exactly one instance', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 150 }), parallelism, parallelism, parallelism, (count, first, second, third) => {
        const before = filled(first, count);
        const between = new ParallelRun(remembers, second, { snapshots: before.snapshots(), watermark: Number.NEGATIVE_INFINITY });
        const after = new ParallelRun(remembers, third, { snapshots: between.snapshots(), watermark: Number.NEGATIVE_INFINITY });
        for (const run of [before, between, after]) {
          expect([...told(run, 'dealt').flat()].sort((a, b) => a - b)).toEqual(Array.from({ length: count }, (_, at) => at));
        }
      }),
      { numRuns: cases(50) },
    );
  });

  it('of kind list is dealt out evenly', () => {
    fc.assert(
      fc.property(fc.integer({ min: 8, max: 150 }), fc.integer({ min: 2, max: 4 }), (count, after) => {
        const run = new ParallelRun(remembers, after, { snapshots: filled(1, count).snapshots(), watermark: Number.NEGATIVE_INFINITY });
        const sizes = told(run, 'dealt').map(({ length }) => length);
        expect(Math.max(...sizes)).toBeLessThanOrEqual(Math.ceil(count / after) + Math.ceil(count / 16) + 1);
      }),
      { numRuns: cases(50) },
    );
  });

  it('of kind union list goes to everyone, whole', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 100 }), parallelism, parallelism, (count, first, second) => {
        const run = new ParallelRun(remembers, second, { snapshots: filled(first, count).snapshots(), watermark: Number.NEGATIVE_INFINITY });
        const lists = told(run, 'united');
        expect(lists).toHaveLength(1);
        expect([...lists[0]!].sort((a, b) => a - b)).toEqual(Array.from({ length: count }, (_, at) => at));
      }),
      { numRuns: cases(50) },
    );
  });

  it('keeps its order and its bytes through a restart of one instance', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 150 }), (count) => {
        const snapshots = filled(1, count).snapshots();
        const run = new ParallelRun(remembers, 1, { snapshots, watermark: Number.NEGATIVE_INFINITY });
        expect(run.snapshots()).toEqual(snapshots);
        const list = Array.from({ length: count }, (_, at) => at);
        expect(told(run, 'dealt')[0]).toEqual(list);
      }),
      { numRuns: cases(50) },
    );
  });

  it('has a bound', () => {
    const bounded = process({
      key: { field: 'key' },
      function: {
        operatorState: { few: operatorList<number>({ limit: 2 }) },
        emits: output<never>(),
        onRow(row: Row, ctx) {
          ctx.operatorState.few.add(row.at);
        },
      },
    });
    const rows = (count: number): readonly Row[] => Array.from({ length: count }, (_, at) => ({ at, key: 'a' }));
    expect(() => new ParallelRun(bounded, 1).rows(0, scenarioBatch('in', 0, rows(2), 0))).not.toThrow();
    expect(() => new ParallelRun(bounded, 1).rows(0, scenarioBatch('in', 0, rows(3), 0))).toThrow(/STATE_LIMIT/);
  });
});
