import type { Batch, Collector, Duration, KeySelector, Operator, OperatorContext, OperatorSpec, StateReader, StateWriter, Watermark } from '@weir/model';
import { INSERT, UPDATE_AFTER, UPDATE_BEFORE, WeirError, durationText } from '@weir/model';
import { RowOutput } from '../rows/row-output.ts';
import type { Waiting } from '../rows/event-time-buffer.ts';
import { Expiries } from './expiries.ts';
import { DEFAULT_TABLE_LIMIT, TableRows } from './table-rows.ts';
import { Timeline } from './timeline.ts';

/** One row of each key within a time. */
export interface DeduplicateOptions<Row = never> {
  readonly key: KeySelector<Row>;
  /** A row is a duplicate of the first one of its key that is less than this older than it; at exactly this distance it is a first one again. */
  readonly within: Duration;
  /** `first` drops the duplicates; `last` lets each replace the row before it, as an UPDATE_BEFORE and an UPDATE_AFTER. */
  readonly keep: 'first' | 'last';
  /** Keys that may be remembered at once; more throw TABLE_FULL. Default 10,000,000. */
  readonly limit?: number | undefined;
}

/** Port of the rows that were behind the watermark. */
const DEDUPLICATE_LATE = 1;

/**
 * Keeps one row of each key within a time that begins with the first of them. First is meant by event time, so rows wait for the
 * watermark: which of two rows is the duplicate does not depend on which arrived first. Keys are forgotten by event time. A duplicate
 * of a row that has come out is filtered as it arrives; one of a row that still waits is counted, and dropped with the watermark.
 * Throws DEDUPLICATE_WITHIN.
 */
export function deduplicate<Row>(options: DeduplicateOptions<Row>): OperatorSpec {
  const { key, within, keep, limit = DEFAULT_TABLE_LIMIT } = options as DeduplicateOptions;
  if (within <= 0) throw new WeirError('DEDUPLICATE_WITHIN', 'Within no time nothing is a duplicate.', { remedy: 'Use a duration above zero.' });
  const detail = `${'field' in key ? `by ${key.field}` : 'by function'}, within ${durationText(within)}, ${keep}`;
  return Object.freeze({
    kind: 'deduplicate',
    inputs: [{ name: 'in', distribution: { kind: 'keyed' as const, key } }],
    outputs: ['results', 'late'],
    stateful: true,
    passes: [{ input: 0, port: DEDUPLICATE_LATE }],
    describe: () => ({ kind: 'deduplicate', detail }),
    create: (context: OperatorContext, restored?: StateReader) => new Deduplicate({ key, within, keep, limit }, context, restored),
  });
}

class Deduplicate implements Operator {
  readonly #within: number;
  readonly #keepsFirst: boolean;
  readonly #timeline: Timeline;
  /** The row that came out last for each key that is remembered; only that there is one when the first is kept. */
  readonly #rows: TableRows;
  readonly #expiries = new Expiries();
  readonly #output = new RowOutput();

  constructor({ key, within, keep, limit }: DeduplicateOptions & { readonly limit: number }, context: OperatorContext, restored?: StateReader) {
    this.#within = within;
    this.#keepsFirst = keep === 'first';
    this.#rows = new TableRows(context.step, limit);
    this.#timeline = new Timeline(context, [{ key, latePort: DEDUPLICATE_LATE }], {
      apply: (waiting) => this.#apply(waiting),
      drops: (slot, timestamp) => this.#keepsFirst && timestamp < this.#expiries.at(slot),
      holds: (slot) => this.#rows.at(slot) !== undefined,
      nextTimer: () => this.#expiries.next,
      onTimer: (instant) => this.#forget(instant),
    });
    if (restored !== undefined) this.#restore(restored);
  }

  onBatch(batch: Batch, out: Collector): void {
    this.#timeline.onBatch(batch, 0, out);
  }

  onWatermark(watermark: Watermark, out: Collector): void {
    this.#timeline.onWatermark(watermark);
    this.#output.emit(out);
  }

  snapshot(writer: StateWriter): void {
    const { keys } = this.#timeline;
    this.#timeline.write(writer);
    this.#rows.write(writer, 'rows', keys);
    this.#expiries.write(writer, 'expiries', keys);
  }

  #restore(reader: StateReader): void {
    const { keys } = this.#timeline;
    this.#timeline.read(reader);
    this.#rows.read(reader, 'rows', keys);
    this.#expiries.read(reader, 'expiries', keys);
  }

  #apply({ keySlot, row, timestamp }: Waiting): void {
    const before = this.#rows.at(keySlot);
    if (before === undefined) {
      this.#output.add(row, timestamp, INSERT);
      this.#rows.set(keySlot, this.#keepsFirst ? true : row);
      this.#expiries.set(keySlot, timestamp + this.#within);
    } else if (!this.#keepsFirst) {
      this.#output.add(before, timestamp, UPDATE_BEFORE);
      this.#output.add(row, timestamp, UPDATE_AFTER);
      this.#rows.set(keySlot, row);
    }
  }

  #forget(instant: number): void {
    for (const slot of this.#expiries.take(instant, this.#timeline.keys)) {
      this.#rows.set(slot, undefined);
      this.#timeline.releaseIfEmpty(slot);
    }
  }
}
