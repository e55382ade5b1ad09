import { OperatorRun, ParallelRun, cases, checkScenario, placedRows, runScenario, scenarioBatch, scenarios } from '@weir/testkit';
import type { Emitted, Scenario } from '@weir/testkit';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { processWithBroadcast } from './broadcast-process.ts';
import { broadcastState } from './broadcast-state.ts';
import { output } from './process-function.ts';
import { valueState } from './value-state.ts';

interface Charge {
  readonly at: number;
  readonly key: string;
  readonly n: number;
  /** Sets a timer this much later. */
  readonly wait: number | null;
}

interface Limit {
  readonly at: number;
  readonly field: string;
  /** Null takes the rule away. */
  readonly most: number | null;
}

const limits = processWithBroadcast({
  key: { field: 'key' },
  function: {
    state: { sum: valueState<number>() },
    rules: broadcastState<string, number>(),
    emits: output<{ key: string; said: string }>(),
    outputs: { rulesSeen: output<{ key: string; said: string }>() },
    onRule(rule: Limit, ctx) {
      if (rule.most === null) ctx.rules.delete(rule.field);
      else ctx.rules.set(rule.field, rule.most);
    },
    onRow(row: Charge, ctx) {
      const total = (ctx.state.sum.get() ?? 0) + row.n;
      ctx.state.sum.set(total);
      if (total > (ctx.rules.get(row.key) ?? 10)) ctx.emit({ key: row.key, said: `${row.at}: ${total} > ${ctx.rules.get(row.key)}` });
      if (row.wait !== null) ctx.timers.at(row.at + row.wait);
    },
    onTimer(timer, ctx) {
      ctx.emitTo('rulesSeen', { key: String(ctx.key), said: `${timer.time}: ${JSON.stringify([...ctx.rules.entries()])}` });
    },
  },
});

const charge = fc.record({ key: fc.constantFrom('a', 'b', 'c'), n: fc.integer({ min: 0, max: 9 }), wait: fc.option(fc.integer({ min: 0, max: 15 })) });
const limit = fc.record({ field: fc.constantFrom('a', 'b', 'c'), most: fc.option(fc.integer({ min: 0, max: 40 })) });
const both: fc.Arbitrary<Scenario> = scenarios<object>({ inputs: { in: charge, rules: limit }, maxRows: 25 });

/** Everything that happens, sorted: at one instant timers, then rules, then rows. */
function naive(scenario: Scenario): unknown {
  const rules = new Map<string, number>();
  const sums: Record<string, number> = {};
  const said: string[] = [];
  const timers = new Map<string, { at: number; key: string }>();
  const rows = placedRows(scenario).map(({ row, input, partition, offset }) => ({ row: row as unknown as Charge & Limit, at: row.at, rank: input === 1 ? 1 : 2, partition, offset }));
  const sorted = rows.sort((a, b) => a.at - b.at || a.rank - b.rank || a.partition - b.partition || a.offset - b.offset);
  const fire = (until: number): void => {
    const due = [...timers.values()].filter(({ at }) => at <= until).sort((a, b) => a.at - b.at || (a.key < b.key ? -1 : 1));
    for (const { at, key } of due) {
      timers.delete(`${at} ${key}`);
      said.push(`rulesSeen ${key} ${at}: ${JSON.stringify([...rules])}`);
    }
  };
  for (const { row, at, rank } of sorted) {
    fire(at);
    if (rank === 1) {
      if (row.most === null) rules.delete(row.field);
      else rules.set(row.field, row.most);
      continue;
    }
    const total = (sums[row.key] = (sums[row.key] ?? 0) + row.n);
    if (total > (rules.get(row.key) ?? 10)) said.push(`out ${row.key} ${at}: ${total} > ${rules.get(row.key)}`);
    if (row.wait !== null) timers.set(`${at + row.wait} ${row.key}`, { at: at + row.wait, key: row.key });
    fire(at);
  }
  fire(Number.POSITIVE_INFINITY);
  return said.sort();
}

function view(emitted: readonly Emitted[]): unknown {
  return emitted.map(({ port, row }) => `${port} ${(row as { key: string }).key} ${(row as { said: string }).said}`).sort();
}

describe('processWithBroadcast()', () => {
  it('applies to each row the rules of its time, whatever came first: perfect, live and rescaled', () => {
    fc.assert(
      fc.property(both, (scenario) => checkScenario(limits, scenario, view, naive(scenario))),
      { numRuns: cases(250) },
    );
  });

  it('says things in order of event time within one instance', () => {
    fc.assert(
      fc.property(both, (scenario) => {
        for (const port of ['out', 'rulesSeen']) {
          const times = runScenario(limits, scenario, 'live').flatMap((emitted) => (emitted.port === port ? [emitted.timestamp] : []));
          expect(times).toEqual(times.toSorted((a, b) => a - b));
        }
      }),
      { numRuns: cases(100) },
    );
  });

  it('keeps the same rules in every instance', () => {
    fc.assert(
      fc.property(both, fc.integer({ min: 2, max: 4 }), (scenario, parallelism) => {
        const run = new ParallelRun(limits, parallelism);
        for (const [partition, rules] of scenario.inputs[1]!.partitions.entries()) if (rules.length > 0) run.rows(1, scenarioBatch('rules', partition, rules, 0));
        run.watermark(10);
        const snapshots = run.snapshots();
        for (const snapshot of snapshots) expect(snapshot).toEqual(snapshots[0]);
      }),
      { numRuns: cases(100) },
    );
  });

  it('takes a late rule from the watermark on, and refuses a late row', () => {
    const run = new ParallelRun(limits, 1);
    run.watermark(100);
    run.rows(1, scenarioBatch('rules', 0, [{ at: 50, field: 'a', most: 1 } as Limit], 0));
    run.rows(0, scenarioBatch('in', 0, [{ at: 99, key: 'a', n: 5, wait: null } as Charge, { at: 100, key: 'a', n: 5, wait: null } as Charge], 0));
    run.watermark(101);
    expect(run.emitted.map(({ port, row }) => [port, row])).toEqual([
      ['late', { at: 99, key: 'a', n: 5, wait: null }],
      ['out', { key: 'a', said: '100: 5 > 1' }],
    ]);
  });

  it('lets the data side read the rules only', () => {
    const spoilt = processWithBroadcast({
      key: { field: 'key' },
      function: {
        rules: broadcastState<string, number>(),
        emits: output<never>(),
        onRule() {},
        onRow(_row: Charge, ctx) {
          (ctx.rules as unknown as Map<string, number>).set('a', 1);
        },
      },
    });
    const run = new OperatorRun<Charge>(spoilt);
    run.push({ at: 1, key: 'a', n: 1, wait: null });
    expect(() => run.watermark(5)).toThrow(/BROADCAST_READ_ONLY/);
  });
});
