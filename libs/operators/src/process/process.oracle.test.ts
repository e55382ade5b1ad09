import type { Duration, OperatorSpec } from '@weir/model';
import { MAX_WATERMARK, milliseconds } from '@weir/model';
import { ParallelRun, cases, checkScenario, placedRows, scenarioBatch, scenarios } from '@weir/testkit';
import type { Emitted, Scenario } from '@weir/testkit';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sum } from '../aggregates/sum.ts';
import { Naive, STATES } from './fixtures/naive-process.ts';
import type { Command, Row, Said, StateName, Ttls } from './fixtures/naive-process.ts';
import { listState } from './list-state.ts';
import { mapState } from './map-state.ts';
import { process } from './process.ts';
import { output } from './process-function.ts';
import { aggregatingState, reducingState } from './reducing-state.ts';
import type { Ttl } from './ttl.ts';
import { valueState } from './value-state.ts';

const ttl: fc.Arbitrary<Ttl | undefined> = fc.option(
  fc.record({
    after: fc.integer({ min: 1, max: 25 }).map((after) => milliseconds(after)),
    clock: fc.constant('event-time' as const),
    refresh: fc.constantFrom('write', 'read-and-write'),
  }),
  { nil: undefined },
);
const anyTtl = fc.option(fc.record({ after: fc.integer({ min: 1, max: 25 }).map((after): Duration => milliseconds(after)), clock: fc.constantFrom('event-time', 'processing-time'), refresh: fc.constantFrom('write', 'read-and-write') }), { nil: undefined });
const ttls = fc.record({ value: ttl, list: ttl, map: ttl, reducing: ttl, aggregating: ttl });
const anyTtls = fc.record({ value: anyTtl, list: anyTtl, map: anyTtl, reducing: anyTtl, aggregating: anyTtl });

const n = fc.integer({ min: 0, max: 9 });
const field = fc.constantFrom('x', 'y', 'z');
const state = fc.constantFrom(...STATES);
const command: fc.Arbitrary<Command> = fc.oneof(
  { weight: 3, arbitrary: fc.record({ do: fc.constantFrom('set', 'add', 'reduce', 'aggregate'), n }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('put' as const), field, n }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constantFrom('look', 'drop'), field }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('read' as const), state }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('clear' as const), state }) },
  { weight: 5, arbitrary: fc.record({ do: fc.constantFrom('time', 'time', 'untime', 'tick-time', 'untick-time'), delta: fc.constantFrom(-5, -1, 0, 1, 7, 9, 10, 10, 11, 20), name: fc.constantFrom('', 'p', 'q') }) },
);

/** A function that does what its rows say, and says what it sees. */
function commanded(chosen: Ttls, order: 'arrival' | 'event-time', cleanUp = 1_000): OperatorSpec {
  const of = (name: StateName): { ttl?: Ttl } => (chosen[name] === undefined ? {} : { ttl: chosen[name] });
  return process({
    key: { field: 'key' },
    order,
    cleanUp,
    function: {
      state: {
        value: valueState<number>(of('value')),
        list: listState<number>(of('list')),
        map: mapState<string, number>(of('map')),
        reducing: reducingState<number>({ reduce: (held: number, added: number) => held * 10 + added, ...of('reducing') }),
        aggregating: aggregatingState<{ n: number }, number>(sum('n'), of('aggregating')),
      },
      emits: output<Said>(),
      outputs: { side: output<Said>() },
      onRow(row: Row, ctx) {
        const key = String(ctx.key);
        const say = (what: string): void => ctx.emit({ key, what, at: ctx.timestamp });
        const { command: given } = row;
        switch (given.do) {
          case 'set':
            return ctx.state.value.set(given.n);
          case 'add':
            return ctx.state.list.add(given.n);
          case 'reduce':
            return ctx.state.reducing.add(given.n);
          case 'aggregate':
            return ctx.state.aggregating.add({ n: given.n });
          case 'put':
            return ctx.state.map.set(given.field, given.n);
          case 'look':
            return say(`look ${given.field} ${ctx.state.map.get(given.field)}`);
          case 'drop':
            return ctx.state.map.delete(given.field);
          case 'clear':
            return ctx.state[given.state].clear();
          case 'read':
            return say(`read ${given.state} ${JSON.stringify(given.state === 'map' ? ctx.state.map.entries() : ctx.state[given.state].get())}`);
          case 'time':
            return ctx.timers.at(ctx.timestamp + given.delta, given.name);
          case 'untime':
            return ctx.timers.delete(ctx.timestamp + given.delta, given.name);
          case 'tick-time':
            return ctx.timers.atProcessingTime(10 + given.delta, given.name);
          case 'untick-time':
            return ctx.timers.deleteProcessingTime(10 + given.delta, given.name);
        }
      },
      onTimer(timer, ctx) {
        const key = String(ctx.key);
        const kind = timer.kind === 'event-time' ? 'timer' : 'tick-timer';
        ctx.emit({ key, what: `${kind} ${timer.time} ${timer.name} ${ctx.state.value.get()}`, at: ctx.timestamp });
        if (timer.name !== 'p') return;
        ctx.emitTo('side', { key, what: 'again', at: ctx.timestamp });
        ctx.timers.at(ctx.timestamp + 7, 'q');
      },
    },
  });
}

/** What each key was told on each port, in order. */
function byKey(said: readonly (Said & { readonly port: string })[]): unknown {
  const places: Record<string, string[]> = {};
  for (const { port, key, what, at } of said) (places[`${port} ${key}`] ??= []).push(`${at} ${what}`);
  return Object.fromEntries(Object.entries(places).sort(([a], [b]) => (a < b ? -1 : 1)));
}

function saidBy(emitted: readonly Emitted[]): readonly (Said & { readonly port: string })[] {
  return emitted.map(({ port, row }) => ({ ...(row as Said), port }));
}

const rowFields = fc.record({ key: fc.constantFrom('a', 'b', 'c'), command });

function expectedInOrder(chosen: Ttls, scenario: Scenario<Row>): unknown {
  const naive = new Naive(chosen);
  const rows = [...placedRows(scenario)].sort((a, b) => a.row.at - b.row.at || a.partition - b.partition || a.offset - b.offset);
  for (const { row } of rows) {
    naive.advance(row.at);
    naive.row(row);
  }
  naive.advance(MAX_WATERMARK);
  return byKey(naive.said);
}

describe('process() in event-time order', () => {
  it('does what plain arrays do over the sorted rows: perfect, live and rescaled, with every kind of state and timers', () => {
    fc.assert(
      fc.property(ttls, scenarios({ inputs: { in: rowFields } }), (chosen, scenario) => {
        checkScenario(commanded(chosen, 'event-time'), scenario, (emitted) => byKey(saidBy(emitted)), expectedInOrder(chosen, scenario));
      }),
      { numRuns: cases(200) },
    );
  });
});

type Step = { readonly rows: readonly Row[] } | { readonly watermark: number } | { readonly tick: number };

const steps: fc.Arbitrary<readonly Step[]> = fc
  .array(
    fc.oneof(
      { weight: 5, arbitrary: fc.record({ rows: fc.array(fc.tuple(fc.integer({ min: -20, max: 20 }), rowFields), { maxLength: 5 }) }) },
      { weight: 3, arbitrary: fc.record({ watermark: fc.integer({ min: 0, max: 12 }) }) },
      { weight: 2, arbitrary: fc.record({ tick: fc.integer({ min: 0, max: 9 }) }) },
    ),
    { maxLength: 40, size: 'max' },
  )
  .map((drawn) => {
    let watermark = -30;
    let now = 0;
    const made = drawn.map((step): Step => {
      if ('tick' in step) return { tick: (now += step.tick) };
      if ('watermark' in step) return { watermark: (watermark += step.watermark) };
      return { rows: step.rows.map(([offset, fields]) => ({ at: watermark + offset, ...fields })) };
    });
    return [...made, { watermark: MAX_WATERMARK }];
  });

function apply(run: ParallelRun, step: Step): void {
  if ('tick' in step) run.tick(step.tick);
  else if ('watermark' in step) run.watermark(step.watermark);
  else if (step.rows.length > 0) run.rows(0, scenarioBatch('in', 0, step.rows, 0));
}

describe('process() in order of arrival', () => {
  it('does what plain arrays do, row by row, watermark by watermark and tick by tick', () => {
    fc.assert(
      fc.property(anyTtls, steps, (chosen, all) => {
        const run = new ParallelRun(commanded(chosen, 'arrival'), 1);
        const naive = new Naive(chosen);
        for (const step of all) {
          apply(run, step);
          if ('tick' in step) naive.tick(step.tick);
          else if ('watermark' in step) naive.advance(step.watermark);
          else for (const row of step.rows) naive.row(row);
        }
        const ports = (said: readonly (Said & { readonly port: string })[]): unknown => ['out', 'side'].map((port) => said.filter((each) => each.port === port));
        expect(ports(saidBy(run.emitted))).toEqual(ports(naive.said));
      }),
      { numRuns: cases(300) },
    );
  });

  it('goes on after a restart at any step, at any parallelism, as if there had been none', () => {
    fc.assert(
      fc.property(anyTtls, steps, fc.nat(40), fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 4 }), (chosen, all, restartAt, before, after) => {
        const spec = commanded(chosen, 'arrival');
        const whole = new ParallelRun(spec, 1);
        for (const step of all) apply(whole, step);
        const first = new ParallelRun(spec, before);
        for (const step of all.slice(0, restartAt)) apply(first, step);
        const second = new ParallelRun(spec, after, { snapshots: first.snapshots(), watermark: first.received });
        for (const step of all.slice(restartAt)) apply(second, step);
        expect(byKey(saidBy([...first.emitted, ...second.emitted]))).toEqual(byKey(saidBy(whole.emitted)));
      }),
      { numRuns: cases(200) },
    );
  });

  it('gives equal bytes for equal states, however far the cleaning has come', () => {
    fc.assert(
      fc.property(anyTtls, steps, fc.nat(40), (chosen, all, restartAt) => {
        const eager = new ParallelRun(commanded(chosen, 'arrival', 1_000), 1);
        const lazy = new ParallelRun(commanded(chosen, 'arrival', 0), 1);
        for (const step of all.slice(0, -1)) {
          apply(eager, step);
          apply(lazy, step);
        }
        expect(lazy.snapshots()).toEqual(eager.snapshots());
        expect(lazy.emitted).toEqual(eager.emitted);
        const parts = new ParallelRun(commanded(chosen, 'arrival'), 1);
        for (const step of all.slice(0, restartAt)) apply(parts, step);
        const rest = new ParallelRun(commanded(chosen, 'arrival'), 1, { snapshots: parts.snapshots(), watermark: parts.received });
        for (const step of all.slice(0, -1).slice(restartAt)) apply(rest, step);
        if (restartAt < all.length - 1) expect(rest.snapshots()).toEqual(eager.snapshots());
      }),
      { numRuns: cases(200) },
    );
  });
});
