import type { Batch, Collector, Operator, OperatorSpec } from '@weir/model';
import { FORWARD_INPUT, RowBatch } from '@weir/model';

/** One row out for each row in. What the function returns is a plain object and travels as rows; times and identities stay. */
export function map<T, U>(transform: (row: T) => U): OperatorSpec {
  return Object.freeze({
    kind: 'map',
    inputs: FORWARD_INPUT,
    outputs: ['out'],
    stateful: false,
    conserves: true,
    describe: () => ({ kind: 'map', detail: '' }),
    create: () => new MapOperator(transform as (row: unknown) => unknown),
  });
}

class MapOperator implements Operator {
  readonly #transform: (row: unknown) => unknown;

  constructor(transform: (row: unknown) => unknown) {
    this.#transform = transform;
  }

  onBatch(batch: Batch, out: Collector): void {
    const { length, rows, timestamps, origin, results, changes } = batch;
    if (length === 0) return;
    // Made rows keep the positions of those they were made from, so that times, origins and identities need not be copied.
    const made: unknown[] = new Array<unknown>(rows[length - 1]! + 1);
    for (let i = 0; i < length; i++) made[rows[i]!] = this.#transform(batch.at(rows[i]!));
    out.emit(new RowBatch(made, { timestamps, origin, results, changes, rows, length }));
  }
}
