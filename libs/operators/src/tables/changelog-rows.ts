import type { Batch, Change, Collector, Key, Operator, OperatorContext, OperatorObserver, OperatorSpec } from '@weir/model';
import { CHANGES, FORWARD_INPUT, INSERT, UPDATE_BEFORE, isRetraction } from '@weir/model';
import { RowOutput } from '../rows/row-output.ts';
import type { TableEntry } from './table-entry.ts';

/** One change of a table as a plain row. */
export interface ChangeRow<Row = unknown, K = Key> {
  readonly change: Change;
  readonly key: K;
  readonly value: Row;
}

/** What stands under a key of a table from now on; null when nothing does. */
export interface UpsertRow<Row = unknown, K = Key> {
  readonly key: K;
  readonly value: Row | null;
}

/** The changelog of a table as plain rows that name their change: a stream that only grows. */
export function changelogRows(): OperatorSpec {
  return rowsSpec('changelog-rows', () => {
    const output = new RowOutput();
    return (entry, timestamp, change) => {
      output.add({ change: CHANGES[change]!, ...entry }, timestamp, INSERT);
      return output;
    };
  });
}

/** The changelog of a table as plain rows of which the last one of each key counts; old rows are left out, a delete has a null. */
export function upsertRows(): OperatorSpec {
  return rowsSpec('upsert-rows', () => {
    const output = new RowOutput();
    return ({ key, value }, timestamp, change) => {
      if (change === UPDATE_BEFORE) return undefined;
      output.add({ key, value: isRetraction(change) ? null : value }, timestamp, INSERT);
      return output;
    };
  });
}

/** Adds a row and answers where to, or undefined when it leaves it out. */
type Add = (entry: TableEntry, timestamp: number, change: number) => RowOutput | undefined;

function rowsSpec(kind: string, make: () => Add): OperatorSpec {
  return Object.freeze({
    kind,
    inputs: FORWARD_INPUT,
    outputs: ['out'],
    stateful: false,
    conserves: true,
    describe: () => ({ kind, detail: '' }),
    create: (context: OperatorContext) => new ChangelogRows(make(), context.observer),
  });
}

class ChangelogRows implements Operator {
  readonly #add: Add;
  readonly #observer: OperatorObserver;

  constructor(add: Add, observer: OperatorObserver) {
    this.#add = add;
    this.#observer = observer;
  }

  onBatch(batch: Batch, out: Collector): void {
    let output: RowOutput | undefined;
    let left = 0;
    for (let i = 0; i < batch.length; i++) {
      const position = batch.rows[i]!;
      const to = this.#add(batch.at(position) as TableEntry, batch.timestamps[position]!, batch.changes?.[position] ?? INSERT);
      if (to === undefined) left++;
      else output = to;
    }
    if (left > 0) this.#observer.filtered(left);
    output?.emit(out);
  }
}
