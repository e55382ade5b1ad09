import type { Batch, Collector, Duration, KeySelector, Operator, OperatorContext, OperatorSpec, StateReader, StateWriter, Timestamp, Watermark } from '@weir/model';
import { durationText, isRetraction } from '@weir/model';
import type { Waiting } from '../rows/event-time-buffer.ts';
import { sameRow } from './same-row.ts';
import { ChangeOutput } from './change-output.ts';
import { Expiries } from './expiries.ts';
import { DEFAULT_TABLE_LIMIT, TableRows } from './table-rows.ts';
import { Timeline } from './timeline.ts';

/** How a stream of rows becomes a table. */
export interface ToTableOptions<Row = never> {
  readonly key: KeySelector<Row>;
  /** True for a row that takes the row under its key away (a tombstone) instead of replacing it. Pure; default never. */
  readonly deleted?: ((row: Row) => boolean) | undefined;
  /** A row leaves the table this long after its event time, unless it was replaced before; at exactly this age it is gone. Default never. */
  readonly timeToLive?: Duration | undefined;
  /** Rows that the table may have; more throw TABLE_FULL. Default 10,000,000. */
  readonly limit?: number | undefined;
}

/** Port of the rows that were behind the watermark. */
const TABLE_LATE = 1;

/**
 * Keeps the last row of each key in event-time order and emits the changelog. An instant is one step: of several rows of a key with one
 * timestamp the last one by partition and offset counts. Rows of a changelog replace (INSERT, UPDATE_AFTER) or take away.
 */
export function toTable<Row>(options: ToTableOptions<Row>): OperatorSpec {
  const { key, deleted, timeToLive, limit = DEFAULT_TABLE_LIMIT } = options as ToTableOptions;
  const detail = [
    'field' in key ? `by ${key.field}` : 'by function',
    ...(deleted === undefined ? [] : ['with deletes']),
    ...(timeToLive === undefined ? [] : [`time to live ${durationText(timeToLive)}`]),
  ].join(', ');
  return Object.freeze({
    kind: 'to-table',
    inputs: [{ name: 'in', distribution: { kind: 'keyed' as const, key } }],
    outputs: ['table', 'late'],
    stateful: true,
    passes: [{ input: 0, port: TABLE_LATE }],
    describe: () => ({ kind: 'to-table', detail }),
    create: (context: OperatorContext, restored?: StateReader) => new ToTable({ key, deleted, timeToLive, limit }, context, restored),
  });
}

/** What an instant did to the row of one key. */
interface Touched {
  readonly before: unknown;
  readonly added: unknown[];
  readonly retracted: unknown[];
}

class ToTable implements Operator {
  readonly #deleted: (row: unknown) => boolean;
  readonly #timeToLive: number | undefined;
  readonly #timeline: Timeline;
  readonly #rows: TableRows;
  readonly #expiries = new Expiries();
  readonly #touched = new Map<number, Touched>();
  readonly #changes = new ChangeOutput();

  constructor(options: ToTableOptions & { readonly limit: number }, context: OperatorContext, restored?: StateReader) {
    this.#deleted = (options.deleted as ((row: unknown) => boolean) | undefined) ?? (() => false);
    this.#timeToLive = options.timeToLive;
    this.#rows = new TableRows(context.step, options.limit);
    this.#timeline = new Timeline(context, [{ key: options.key, latePort: TABLE_LATE }], {
      apply: (waiting) => this.#apply(waiting),
      settle: (instant) => this.#settle(instant),
      holds: (slot) => this.#rows.at(slot) !== undefined,
      nextTimer: () => this.#expiries.next,
      onTimer: (instant) => this.#expire(instant),
    });
    if (restored !== undefined) this.#restore(restored);
  }

  onBatch(batch: Batch, out: Collector): void {
    this.#timeline.onBatch(batch, 0, out);
  }

  onWatermark(watermark: Watermark, out: Collector): void {
    this.#timeline.onWatermark(watermark);
    this.#changes.emit(out);
  }

  snapshot(writer: StateWriter): void {
    const { keys } = this.#timeline;
    this.#timeline.write(writer);
    this.#rows.write(writer, 'table', keys);
    if (this.#timeToLive !== undefined) this.#expiries.write(writer, 'expiries', keys);
  }

  #restore(reader: StateReader): void {
    const { keys } = this.#timeline;
    this.#timeline.read(reader);
    this.#rows.read(reader, 'table', keys);
    this.#expiries.read(reader, 'expiries', keys);
  }

  #apply({ keySlot, row, change, offset }: Waiting): void {
    const touched = this.#touch(keySlot);
    const removes = isRetraction(change) || this.#deleted(row);
    if (offset >= 0) {
      // The order of a log says which of several rows came last.
      this.#rows.set(keySlot, removes ? undefined : row);
    } else if (isRetraction(change)) touched.retracted.push(row);
    else touched.added.push(row);
  }

  #touch(slot: number): Touched {
    let touched = this.#touched.get(slot);
    if (touched === undefined) {
      touched = { before: this.#rows.at(slot), added: [], retracted: [] };
      this.#touched.set(slot, touched);
    }
    return touched;
  }

  #settle(instant: Timestamp): void {
    for (const [slot, touched] of this.#touched) {
      if (touched.added.length + touched.retracted.length > 0) this.#balance(slot, touched);
      const after = this.#rows.at(slot);
      if (this.#timeToLive !== undefined) this.#expiries.set(slot, after === undefined ? Number.NaN : instant + this.#timeToLive);
      this.#changes.add(this.#timeline.keys.keyAt(slot), touched.before, after);
    }
    this.#touched.clear();
    this.#changes.settle(instant);
  }

  /**
   * Rows that are no records of a log have no order within an instant: what was taken back is struck from what was there and what was
   * added, and the last of the rest stays.
   */
  #balance(slot: number, { added, retracted }: Touched): void {
    const present = this.#rows.at(slot);
    const rows = present === undefined ? [...added] : [present, ...added];
    for (const row of retracted) {
      const at = rows.findIndex((candidate) => sameRow(candidate, row));
      if (at >= 0) rows.splice(at, 1);
    }
    const last = rows.at(-1);
    this.#rows.set(slot, last === undefined || this.#deleted(last) ? undefined : last);
  }

  #expire(instant: Timestamp): void {
    for (const slot of this.#expiries.take(instant, this.#timeline.keys)) {
      this.#touch(slot);
      this.#rows.set(slot, undefined);
    }
  }
}
