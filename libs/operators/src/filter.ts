import type { Batch, Collector, Operator, OperatorContext, OperatorObserver, OperatorSpec } from '@weir/model';
import { FORWARD_INPUT } from '@weir/model';

/** Keeps the rows for which the predicate returns true; the others are counted as filtered. */
export function filter<T>(predicate: (row: T) => boolean): OperatorSpec {
  return Object.freeze({
    kind: 'filter',
    inputs: FORWARD_INPUT,
    outputs: ['out'],
    stateful: false,
    conserves: true,
    passes: [{ input: 0, port: 0 }],
    describe: () => ({ kind: 'filter', detail: '' }),
    create: (context: OperatorContext) => new FilterOperator(predicate as (row: unknown) => boolean, context.observer),
  });
}

class FilterOperator implements Operator {
  readonly #predicate: (row: unknown) => boolean;
  readonly #observer: OperatorObserver;
  #kept = new Int32Array(1024);

  constructor(predicate: (row: unknown) => boolean, observer: OperatorObserver) {
    this.#predicate = predicate;
    this.#observer = observer;
  }

  onBatch(batch: Batch, out: Collector): void {
    const { length, rows } = batch;
    if (this.#kept.length < length) this.#kept = new Int32Array(length * 2);
    const kept = this.#kept;
    const predicate = this.#predicate;
    let count = 0;
    for (let i = 0; i < length; i++) {
      const position = rows[i]!;
      if (predicate(batch.at(position))) kept[count++] = position;
    }
    if (count < length) this.#observer.filtered(length - count);
    if (count > 0) out.emit(batch.select(kept, count));
  }
}
