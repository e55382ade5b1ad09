import type { Batch } from '@weir/model';
import { MAX_TIMESTAMP } from '@weir/model';
import type { EventTime } from '@weir/topology';

/** Rows with their event time, and the positions of those whose time cannot be. */
export interface Timed {
  readonly batch: Batch;
  readonly insane: readonly number[];
}

const NONE: readonly number[] = [];

/** Gives the rows of a source their event time, and takes out those whose time is no time or lies too far ahead of the log's. */
export class EventTimeAssigner {
  readonly #eventTime: EventTime;
  #values = new Float64Array(0);
  #sane = new Int32Array(0);

  constructor(eventTime: EventTime) {
    this.#eventTime = eventTime;
  }

  assign(batch: Batch): Timed {
    const timestamps = this.#timestampsOf(batch);
    const timed = batch.withTimestamps(timestamps);
    const insane = this.#insane(batch, timestamps);
    if (insane.length === 0) return { batch: timed, insane };
    if (this.#sane.length < batch.length) this.#sane = new Int32Array(batch.length * 2);
    const refused = new Set(insane);
    let kept = 0;
    for (let i = 0; i < batch.length; i++) if (!refused.has(batch.rows[i]!)) this.#sane[kept++] = batch.rows[i]!;
    return { batch: timed.select(this.#sane, kept), insane };
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

  #insane(batch: Batch, timestamps: Float64Array): readonly number[] {
    const { rows, length, origin } = batch;
    const logTimestamps = origin?.logTimestamps;
    const ahead = this.#eventTime.maxFuture;
    let insane: number[] | undefined;
    for (let i = 0; i < length; i++) {
      const position = rows[i]!;
      const timestamp = timestamps[position]!;
      // A NaN fails every comparison, so the condition is that it holds. Comparisons only: a bound that is chosen would be boxed.
      const isTime = timestamp >= -MAX_TIMESTAMP && timestamp <= MAX_TIMESTAMP;
      if (!isTime || (logTimestamps !== undefined && !(timestamp <= logTimestamps[position]! + ahead))) (insane ??= []).push(position);
    }
    return insane ?? NONE;
  }
}
