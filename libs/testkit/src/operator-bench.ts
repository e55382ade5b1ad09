import type { Batch, Collector, Operator, OperatorSpec, Timestamp } from '@weir/model';
import { createHeapState } from '@weir/state';
import { scenarioBatch } from './parallel-run.ts';
import { SeededRandom } from './seeded-random.ts';

export interface OperatorBenchOptions {
  readonly spec: () => OperatorSpec;
  /** The fields of a row besides its time `at`; called once for each row before the clock starts. */
  readonly rows: (random: SeededRandom, input: number) => object;
  /** Rows of one second of event time; default 100,000. */
  readonly rowsPerSecond?: number;
  /** How far the watermark is behind the newest row, in milliseconds; default 100. */
  readonly delay?: number;
  /** Rows of one measured pass; default 200,000. */
  readonly count?: number;
  /** Rows in a batch; default 1,000. */
  readonly batch?: number;
}

/** A microbenchmark of one operator. */
export interface OperatorBench {
  readonly name: string;
  /** Rows of one pass. */
  readonly count: number;
  /** Prepares a pass over a new operator; the function that it answers runs it, and answers how many rows came out. */
  prepare(): () => number;
}

const EPOCH: Timestamp = 1_700_000_000_000;
const DEFAULTS = { rowsPerSecond: 100_000, delay: 100, count: 200_000, batch: 1_000 };

/** Feeds an operator with batches of plain rows, the inputs in turn, and moves the watermark after each batch. */
export function operatorBench(name: string, options: OperatorBenchOptions): OperatorBench {
  const { rowsPerSecond, delay, count, batch } = { ...DEFAULTS, ...options };
  let batches: readonly { readonly input: number; readonly rows: Batch; readonly newest: Timestamp }[] | undefined;
  return {
    name,
    count,
    prepare: () => {
      const spec = options.spec();
      batches ??= batchesOf(spec.inputs.map((input) => input.name), options.rows, { rowsPerSecond, count, batch });
      const operator = create(spec);
      const prepared = batches;
      return () => {
        let emitted = 0;
        const out: Collector = { emit: (made) => void (emitted += made.length) };
        for (const { input, rows, newest } of prepared) {
          operator.onBatch(rows, out, input);
          operator.onWatermark?.(newest - delay, out);
        }
        return emitted;
      };
    },
  };
}

function batchesOf(inputs: readonly string[], row: OperatorBenchOptions['rows'], size: { readonly rowsPerSecond: number; readonly count: number; readonly batch: number }) {
  const random = new SeededRandom(7);
  return Array.from({ length: Math.ceil(size.count / size.batch) }, (_, number) => {
    const input = number % inputs.length;
    const from = number * size.batch;
    const rows = Array.from({ length: size.batch }, (_unused, index) => ({ at: EPOCH + Math.floor(((from + index) * 1_000) / size.rowsPerSecond), ...row(random, input) }));
    return { input, rows: scenarioBatch(inputs[input]!, 0, rows, from), newest: rows.at(-1)!.at };
  });
}

function create(spec: OperatorSpec): Operator {
  const observer = { counted: () => undefined, late: () => undefined, filtered: () => undefined, rejected: () => undefined, wantsRejections: false };
  return spec.create({ pipeline: 'bench', step: 'step', state: createHeapState(), observer });
}
