import type { Batch, Collector, Operator, OperatorContext, OperatorSpec } from '@weir/model';
import { FORWARD_INPUT, RowBatch, WeirError } from '@weir/model';

export interface FlatMapOptions {
  /** Most rows out of one row; more throw FLAT_MAP_LIMIT. Default 10,000. */
  readonly limit?: number;
}

/**
 * Any number of rows out for each row in, in order. Times, places in the log and changes are those of the row they were made from;
 * window results lose their identity, as several rows would share it. Each row in counts as taken.
 */
export function flatMap<T, U>(transform: (row: T) => Iterable<U>, { limit = 10_000 }: FlatMapOptions = {}): OperatorSpec {
  return Object.freeze<OperatorSpec>({
    kind: 'flat-map',
    inputs: FORWARD_INPUT,
    outputs: ['out'],
    stateful: false,
    conserves: false,
    describe: () => ({ kind: 'flat-map', detail: '' }),
    create: (context) => new FlatMapOperator(transform as (row: unknown) => Iterable<unknown>, limit, context),
  });
}

class FlatMapOperator implements Operator {
  readonly #transform: (row: unknown) => Iterable<unknown>;
  readonly #limit: number;
  readonly #context: OperatorContext;

  constructor(transform: (row: unknown) => Iterable<unknown>, limit: number, context: OperatorContext) {
    this.#transform = transform;
    this.#limit = limit;
    this.#context = context;
  }

  onBatch(batch: Batch, out: Collector): void {
    const made: unknown[] = [];
    const positions: number[] = [];
    for (let i = 0; i < batch.length; i++) {
      const position = batch.rows[i]!;
      const before = made.length;
      for (const row of this.#transform(batch.at(position))) {
        if (made.length - before >= this.#limit) throw this.#tooMany();
        made.push(row);
        positions.push(position);
      }
    }
    this.#context.observer.counted(batch.length);
    if (made.length > 0) out.emit(spread(made, positions, batch));
  }

  #tooMany(): WeirError {
    const { pipeline, step } = this.#context;
    return new WeirError('FLAT_MAP_LIMIT', `One row became more than ${this.#limit} rows.`, { pipeline, step, remedy: 'Return fewer, or raise the limit.' });
  }
}

/** Rows with the times and places of those that they were made from. */
function spread(made: readonly unknown[], positions: readonly number[], { timestamps, origin, changes }: Batch): Batch {
  const at = (column: Float64Array): Float64Array => Float64Array.from(positions, (position) => column[position]!);
  return new RowBatch(made, {
    timestamps: at(timestamps),
    origin: origin === undefined ? undefined : { ...origin, offsets: at(origin.offsets), logTimestamps: at(origin.logTimestamps) },
    changes: changes === undefined ? undefined : Uint8Array.from(positions, (position) => changes[position]!),
  });
}
