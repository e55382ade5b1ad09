import type { Batch, Collector, Key, Operator, OperatorContext, OperatorSpec, StateReader, StateWriter, Timestamp, Watermark } from '@weir/model';
import { isRetraction } from '@weir/model';
import type { Waiting } from '../rows/event-time-buffer.ts';
import { ChangeOutput } from './change-output.ts';
import type { TableEntry } from './table-entry.ts';
import { Timeline } from './timeline.ts';

/** Which rows a table keeps. */
export interface TableSettleOptions {
  /** Pure; default all. */
  readonly where?: ((row: never, key: never) => boolean) | undefined;
}

const ENTRY_KEY = Object.freeze({ of: (entry: TableEntry) => entry.key });

/**
 * Brings the changelog of a table together by primary key, so that of an instant and a key there is one change: a row that left one group
 * and entered another is an update, not a delete and an insert in any order. With `where`, keeps the rows that it accepts: a row that
 * is no longer accepted is deleted, one that is now is inserted. Holds rows until the watermark, and nothing behind it.
 */
export function tableSettle({ where }: TableSettleOptions = {}): OperatorSpec {
  const kind = where === undefined ? 'table-settle' : 'table-filter';
  return Object.freeze({
    kind,
    inputs: [{ name: 'table', distribution: { kind: 'keyed' as const, key: ENTRY_KEY } }],
    outputs: ['table'],
    stateful: true,
    describe: () => ({ kind, detail: '' }),
    create: (context: OperatorContext, restored?: StateReader) => new TableSettle(where as ((row: unknown, key: Key) => boolean) | undefined, context, restored),
  });
}

interface Touched {
  before: unknown;
  after: unknown;
}

class TableSettle implements Operator {
  readonly #where: (row: unknown, key: Key) => boolean;
  readonly #timeline: Timeline;
  readonly #touched = new Map<number, Touched>();
  readonly #changes = new ChangeOutput();

  constructor(where: ((row: unknown, key: Key) => boolean) | undefined, context: OperatorContext, restored?: StateReader) {
    this.#where = where ?? (() => true);
    this.#timeline = new Timeline(context, [{ key: ENTRY_KEY, latePort: undefined }], {
      apply: (waiting) => this.#apply(waiting),
      settle: (instant) => this.#settle(instant),
      holds: () => false,
    });
    if (restored !== undefined) this.#timeline.read(restored);
  }

  onBatch(batch: Batch, out: Collector): void {
    this.#timeline.onBatch(batch, 0, out);
  }

  onWatermark(watermark: Watermark, out: Collector): void {
    this.#timeline.onWatermark(watermark);
    this.#changes.emit(out);
  }

  snapshot(writer: StateWriter): void {
    this.#timeline.write(writer);
  }

  #apply({ keySlot, row, change }: Waiting): void {
    let touched = this.#touched.get(keySlot);
    if (touched === undefined) {
      touched = { before: undefined, after: undefined };
      this.#touched.set(keySlot, touched);
    }
    const { key, value } = row as TableEntry;
    const kept = this.#where(value, key) ? value : undefined;
    if (isRetraction(change)) touched.before = kept;
    else touched.after = kept;
  }

  #settle(instant: Timestamp): void {
    for (const [slot, { before, after }] of this.#touched) this.#changes.add(this.#timeline.keys.keyAt(slot), before, after);
    this.#touched.clear();
    this.#changes.settle(instant);
  }
}
