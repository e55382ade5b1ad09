import type { Batch, Change, Collector, Operator, OperatorSpec } from '@weir/model';
import { CHANGES, FORWARD_INPUT, INSERT, RowBatch, WeirError } from '@weir/model';
import { rowCopy } from '../rows/row-copy.ts';

/** A row of a changelog with its change beside it. */
export interface Changed<Row = unknown> {
  readonly change: Change;
  readonly row: Row;
}

/** The rows of a changelog with their changes as data: a stream that only grows. Of a stream that is no changelog, every row is an insert. */
export function changes(): OperatorSpec {
  return perRow('changes', ({ timestamps, origin, rows, length, changes: codes }, copied) => {
    const made = copied.map((row, position): Changed => ({ change: CHANGES[codes?.[position] ?? INSERT]!, row }));
    return new RowBatch(made, { timestamps, origin, rows, length });
  });
}

/**
 * Reads rows as changes, as a pure function of each says: what a log of changes needs before a regular join. Throws CHANGE_UNKNOWN when the
 * function answers something else than a change.
 */
export function asChangelog<Row>(changeOf: (row: Row) => Change): OperatorSpec {
  return perRow('as-changelog', ({ timestamps, origin, rows, length }, copied, step) => {
    const codes = new Uint8Array(copied.length);
    for (let i = 0; i < length; i++) {
      const change = changeOf(copied[rows[i]!] as Row);
      const code = CHANGES.indexOf(change);
      if (code < 0) throw new WeirError('CHANGE_UNKNOWN', `A row was said to be the change '${String(change)}'.`, { step, remedy: `Answer ${CHANGES.join(', ')}.` });
      codes[rows[i]!] = code;
    }
    return new RowBatch(copied, { timestamps, origin, rows, length, changes: codes });
  });
}

function perRow(kind: string, made: (batch: Batch, copied: readonly unknown[], step: string) => Batch): OperatorSpec {
  return Object.freeze({
    kind,
    inputs: FORWARD_INPUT,
    outputs: ['out'],
    stateful: false,
    conserves: true,
    describe: () => ({ kind, detail: '' }),
    create: ({ step }: { readonly step: string }): Operator => ({
      onBatch: (batch: Batch, out: Collector) => {
        if (batch.length === 0) return;
        // Made rows keep the positions of those they were made from, so that times and origins need not be copied.
        const copied: unknown[] = Array.from({ length: batch.rows[batch.length - 1]! + 1 });
        for (let i = 0; i < batch.length; i++) copied[batch.rows[i]!] = rowCopy(batch, batch.rows[i]!);
        out.emit(made(batch, copied, step));
      },
    }),
  });
}
