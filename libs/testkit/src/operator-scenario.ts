import { isDeepStrictEqual } from 'node:util';
import type { OperatorSpec } from '@weir/model';
import { invariant } from '@weir/model';
import { ParallelRun, scenarioBatch } from './parallel-run.ts';
import type { Emitted } from './parallel-run.ts';
import type { Scenario } from './scenario.ts';
import { scheduleOf } from './scenario-schedule.ts';
import type { ScenarioStep } from './scenario-schedule.ts';
import { SeededRandom } from './seeded-random.ts';

/**
 * `perfect`: the watermark is the least time of what is still to come. `live`: it lags by a bound as large as the disorder, so that
 * nothing is late. `restored`: perfect, in several instances that are stopped at a random step and restored as another number of them.
 */
export type ScenarioMode = 'perfect' | 'live' | 'restored';

export const SCENARIO_MODES: readonly ScenarioMode[] = ['perfect', 'live', 'restored'];

export interface ScenarioRunOptions {
  /** Wall-clock time passes between steps; default it does not. */
  readonly ticks?: boolean;
  /** False for an operator that may say something behind the watermark although nothing is late: one that fires early, say. Default true. */
  readonly inTime?: boolean;
}

const MOST_INSTANCES = 4;

/** Feeds an operator with a scenario, and answers all that came out, in order. The same scenario and mode give the same again. */
export function runScenario(spec: OperatorSpec, scenario: Scenario, mode: ScenarioMode, options: ScenarioRunOptions = {}): readonly Emitted[] {
  const random = new SeededRandom(scenario.seed + SCENARIO_MODES.indexOf(mode));
  const steps = scheduleOf(scenario, random, mode === 'live' ? 'bounded' : 'perfect', options.ticks ?? false);
  const parallelism = (): number => (mode === 'restored' ? 1 + random.below(MOST_INSTANCES) : 1);
  const restartAt = mode === 'restored' ? random.below(steps.length + 1) : steps.length + 1;
  const first = new ParallelRun(spec, parallelism());
  take(first, spec, scenario, steps.slice(0, restartAt), options);
  if (mode !== 'restored') return first.emitted;
  const second = new ParallelRun(spec, parallelism(), { snapshots: first.snapshots(), watermark: first.received });
  take(second, spec, scenario, steps.slice(restartAt), options);
  return [...first.emitted, ...second.emitted];
}

/**
 * Asserts that an operator gives `expected` in every mode, as `view` sees what came out (sorted, when order does not matter); and that a
 * restart as a single instance changes nothing at all: neither a row, nor the order, nor a byte of the state at the end.
 */
export function checkScenario(spec: OperatorSpec, scenario: Scenario, view: (emitted: readonly Emitted[]) => unknown, expected: unknown, options: ScenarioRunOptions = {}): void {
  for (const mode of SCENARIO_MODES) {
    const actual = view(runScenario(spec, scenario, mode, options));
    if (!isDeepStrictEqual(actual, expected)) throw new ScenarioMismatch(mode, actual, expected);
  }
  checkRestart(spec, scenario, options);
}

/** A run whose outcome is not what an oracle says. Test runners show `actual` and `expected` side by side. */
class ScenarioMismatch extends Error {
  readonly actual: unknown;
  readonly expected: unknown;

  constructor(mode: string, actual: unknown, expected: unknown) {
    super(`In mode '${mode}' the operator gave\n${text(actual)}\nwhere this was expected:\n${text(expected)}`);
    this.name = 'ScenarioMismatch';
    this.actual = actual;
    this.expected = expected;
  }
}

function checkRestart(spec: OperatorSpec, scenario: Scenario, options: ScenarioRunOptions): void {
  const random = new SeededRandom(scenario.seed);
  const steps = scheduleOf(scenario, random, 'perfect', options.ticks ?? false);
  const restartAt = random.below(steps.length);
  // The last watermark empties most states, so the bytes are compared before it.
  const through = new ParallelRun(spec, 1);
  take(through, spec, scenario, steps.slice(0, -1), options);
  const bytes = through.snapshots();
  take(through, spec, scenario, steps.slice(-1), options);
  const first = new ParallelRun(spec, 1);
  take(first, spec, scenario, steps.slice(0, restartAt), options);
  const second = new ParallelRun(spec, 1, { snapshots: first.snapshots(), watermark: first.received });
  take(second, spec, scenario, steps.slice(restartAt, -1), options);
  const bytesAfter = second.snapshots();
  take(second, spec, scenario, steps.slice(-1), options);
  const emitted = [...first.emitted, ...second.emitted];
  if (!isDeepStrictEqual(emitted, through.emitted)) throw new ScenarioMismatch(`restart at step ${restartAt}`, emitted, through.emitted);
  if (!isDeepStrictEqual(bytesAfter, bytes)) throw new ScenarioMismatch(`state after a restart at step ${restartAt}`, bytesAfter, bytes);
}

function take(run: ParallelRun, spec: OperatorSpec, scenario: Scenario, steps: readonly ScenarioStep[], { inTime = true }: ScenarioRunOptions): void {
  for (const step of steps) {
    if (step.kind === 'tick') run.tick(step.now);
    else if (step.kind === 'watermark') run.watermark(step.watermark);
    else {
      const { name, partitions } = scenario.inputs[step.input]!;
      run.rows(step.input, scenarioBatch(name, step.partition, partitions[step.partition]!.slice(step.from, step.to), step.from));
    }
  }
  const { told, entered } = run.books;
  invariant(spec.conserves === true ? told <= entered : told === entered, `${entered} rows entered and the operator told what became of ${told}`);
  invariant(!inTime || Number.isNaN(run.behindWatermark), `a row of time ${run.behindWatermark} came out behind the watermark that had been passed on`);
}

function text(value: unknown): string {
  return JSON.stringify(value, (_, inner: unknown) => (typeof inner === 'number' && !Number.isFinite(inner) ? String(inner) : inner), 1);
}
