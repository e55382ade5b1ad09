import type { Batch } from '@weir/model';
import { MAX_TIMESTAMP } from '@weir/model';
import type { EventTime } from '@weir/topology';

/** Rows with their event time, and what is wrong with the times. */
export interface Timed {
  /** The rows that go on. */
  readonly batch: Batch;
  /** Those of them that the watermark follows: all but the ones that are too far ahead. */
  readonly timely: Batch;
  /** Positions of the rows that do not go on, ascending: their time is no time, or too far ahead where such rows are rejected. */
  readonly insane: readonly number[];
  /** How many rows were too far ahead of the log, whether they go on or not. */
  readonly tooFarAhead: number;
}

const NONE: readonly number[] = [];

/** Gives the rows of a source their event time, and takes out those whose time is no time or lies too far ahead of the log's. */
export class EventTimeAssigner {
  readonly #eventTime: EventTime;
  #values = new Float64Array(0);
  #kept = new Int32Array(0);
  #timely = new Int32Array(0);

  constructor(eventTime: EventTime) {
    this.#eventTime = eventTime;
  }

  assign(batch: Batch): Timed {
    const timestamps = this.#timestampsOf(batch);
    const timed = batch.withTimestamps(timestamps);
    const firstInsane = this.#firstInsane(batch, timestamps);
    return firstInsane < 0 ? { batch: timed, timely: timed, insane: NONE, tooFarAhead: 0 } : this.#parted(timed, firstInsane);
  }

  #timestampsOf(batch: Batch): Float64Array {
    const selector = this.#eventTime.timestamp;
    if ('field' in selector) return batch.numbers(selector.field);
    const of = selector.of as (row: unknown) => number;
    const positions = batch.length === 0 ? 0 : batch.rows[batch.length - 1]! + 1;
    if (this.#values.length < positions) this.#values = new Float64Array(positions * 2);
    for (let i = 0; i < batch.length; i++) this.#values[batch.rows[i]!] = of(batch.at(batch.rows[i]!));
    return this.#values;
  }

  /** Place in `rows` of the first row that is no time or too far ahead, or -1. */
  #firstInsane({ rows, length, origin }: Batch, timestamps: Float64Array): number {
    const logTimestamps = origin?.logTimestamps;
    const ahead = this.#eventTime.maxFuture;
    for (let i = 0; i < length; i++) {
      const position = rows[i]!;
      const timestamp = timestamps[position]!;
      // A NaN fails every comparison, so the condition is that it holds. Comparisons only: a bound that is chosen would be boxed.
      const isTime = timestamp >= -MAX_TIMESTAMP && timestamp <= MAX_TIMESTAMP;
      if (!isTime || (logTimestamps !== undefined && !(timestamp <= logTimestamps[position]! + ahead))) return i;
    }
    return -1;
  }

  /** Parts the rows from place `first` on; those before are in order. */
  #parted(batch: Batch, first: number): Timed {
    const { rows, length, timestamps, origin } = batch;
    const clamps = this.#eventTime.whenTooFarAhead === 'clamp';
    if (this.#kept.length < length) {
      this.#kept = new Int32Array(length * 2);
      this.#timely = new Int32Array(length * 2);
    }
    const insane: number[] = [];
    let kept = 0;
    let timely = 0;
    let tooFarAhead = 0;
    for (let i = 0; i < length; i++) {
      const position = rows[i]!;
      const timestamp = timestamps[position]!;
      const isTime = i < first || (timestamp >= -MAX_TIMESTAMP && timestamp <= MAX_TIMESTAMP);
      const isTimely = isTime && (i < first || origin === undefined || timestamp <= origin.logTimestamps[position]! + this.#eventTime.maxFuture);
      if (isTime && !isTimely) tooFarAhead++;
      if (isTimely || (isTime && clamps)) this.#kept[kept++] = position;
      else insane.push(position);
      if (isTimely) this.#timely[timely++] = position;
    }
    return { batch: batch.select(this.#kept, kept), timely: batch.select(this.#timely, timely), insane, tooFarAhead };
  }
}
