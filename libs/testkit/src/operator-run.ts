import type { Batch, Collector, Key, Operator, OperatorObserver, OperatorSpec, PaneTiming, Timestamp, Watermark } from '@weir/model';
import { DELETE, PANE_TIMINGS, RowBatch, invariant } from '@weir/model';
import { SnapshotReader, SnapshotWriter, createHeapState } from '@weir/state';

/** One window result, as columns and row agree on it. */
export interface Firing {
  readonly key: Key;
  readonly start: Timestamp;
  readonly end: Timestamp;
  readonly timing: PaneTiming;
  readonly index: number;
  readonly isLast: boolean;
  /** It withdraws an earlier result. */
  readonly isDelete: boolean;
  readonly value: unknown;
}

/** A row that was refused by one window. */
export interface Rejected<Row> {
  readonly row: Row;
  readonly key: Key;
  readonly start: Timestamp;
  readonly end: Timestamp;
}

export interface OperatorRunOptions {
  /** Snapshots to begin from. */
  readonly restored?: readonly Uint8Array[];
  /** The key groups to take from them; default all. */
  readonly owns?: (keyGroup: number) => boolean;
  readonly wantsRejections?: boolean;
}

/** What a result row has to be, whatever its value. */
interface ResultRow {
  readonly key: Key;
  readonly window: { readonly start: Timestamp; readonly end: Timestamp };
  readonly pane: { readonly timing: PaneTiming; readonly index: number; readonly isFirst: boolean; readonly isLast: boolean };
  readonly value: unknown;
}

/** Runs one operator by hand on heap state: batches, watermarks, ticks and snapshots in, and all that comes out is copied. */
export class OperatorRun<Row extends { readonly at: Timestamp }> {
  readonly #operator: Operator;
  readonly #out: Collector;
  #firings: Firing[] = [];
  #late: Row[] = [];
  #rows: unknown[] = [];
  readonly rejected: Rejected<Row>[] = [];
  readonly books = { counted: 0, late: 0, filtered: 0 };

  constructor(spec: OperatorSpec, { restored, owns, wantsRejections = false }: OperatorRunOptions = {}) {
    const books = this.books;
    const observer: OperatorObserver = {
      counted: (count) => void (books.counted += count),
      late: (count) => void (books.late += count),
      filtered: (count) => void (books.filtered += count),
      rejected: (batch, position, key, start, end) => this.rejected.push({ row: batch.at(position) as Row, key, start, end }),
      wantsRejections,
    };
    const reader = restored === undefined ? undefined : new SnapshotReader(restored, owns);
    this.#operator = spec.create({ pipeline: 'test', step: 'step', state: createHeapState(), observer }, reader?.step('step'));
    this.#out = { emit: (batch, port = 0) => this.#take(batch, port) };
  }

  /** One batch; a row's event time is its `at`. */
  push(...rows: readonly Row[]): void {
    this.onBatch(new RowBatch(rows, { timestamps: Float64Array.from(rows, ({ at }) => at) }));
  }

  onBatch(batch: Batch): void {
    this.#operator.onBatch(batch, this.#out, 0);
  }

  watermark(watermark: Watermark): void {
    this.#operator.onWatermark?.(watermark, this.#out);
  }

  tick(now: Timestamp): void {
    this.#operator.onTick?.(now, this.#out);
  }

  snapshot(): Uint8Array {
    const writer = new SnapshotWriter();
    this.#operator.snapshot?.(writer.step('step'));
    return writer.encode();
  }

  /** Window results since the last call. */
  firings(): readonly Firing[] {
    const firings = this.#firings;
    this.#firings = [];
    return firings;
  }

  /** Rows of the second output since the last call. */
  late(): readonly Row[] {
    const late = this.#late;
    this.#late = [];
    return late;
  }

  /** Rows of the main output that are no window results, since the last call. */
  rows(): readonly unknown[] {
    const rows = this.#rows;
    this.#rows = [];
    return rows;
  }

  #take(batch: Batch, port: number): void {
    invariant(batch.length > 0, 'no operator emits an empty batch');
    for (let i = 0; i < batch.length; i++) {
      const position = batch.rows[i]!;
      if (port === 1) this.#late.push(batch.at(position) as Row);
      else if (batch.results === undefined) this.#rows.push(batch.at(position));
      else this.#firings.push(firingAt(batch, position));
    }
  }
}

function firingAt(batch: Batch, position: number): Firing {
  const { keys, starts, ends, timings, indexes, lasts } = batch.results!;
  const row = batch.at(position) as ResultRow;
  const firing = {
    key: keys[position]!,
    start: starts[position]!,
    end: ends[position]!,
    timing: PANE_TIMINGS[timings[position]!]!,
    index: indexes[position]!,
    isLast: lasts[position] === 1,
    isDelete: batch.changes?.[position] === DELETE,
    value: row.value,
  };
  const agrees =
    row.key === firing.key &&
    row.window.start === firing.start &&
    row.window.end === firing.end &&
    row.pane.timing === firing.timing &&
    row.pane.index === firing.index &&
    row.pane.isFirst === (firing.index === 0) &&
    row.pane.isLast === firing.isLast &&
    batch.timestamps[position] === firing.end - 1;
  invariant(agrees, 'the row of a result and its columns agree');
  return firing;
}
