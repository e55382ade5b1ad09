import type { Batch, Collector, KeySelector, KeyTable, OperatorContext, OperatorObserver, StateReader, StateWriter, Timestamp, Watermark } from '@weir/model';
import { MIN_WATERMARK, invariant } from '@weir/model';
import { EventTimeBuffer } from '../rows/event-time-buffer.ts';
import type { Waiting } from '../rows/event-time-buffer.ts';

/** One input of an operator that takes its rows by event time. */
export interface TimelineInput {
  readonly key: KeySelector;
  /** The port of rows behind the watermark; undefined for a changelog of Weir's own, which has none. */
  readonly latePort: number | undefined;
  /** Rows that are this far behind the watermark are still taken, at once; default 0. Only where they change no state. */
  readonly lateness?: number;
}

/** What an operator does with its rows once they are in order. */
export interface TimelineLogic {
  /** One row; those of an instant come in a row, in the order of `EventTimeBuffer`. */
  apply(waiting: Waiting): void;
  /** All rows and timers of an instant have been applied. */
  settle?(instant: Timestamp): void;
  /** True for a row that is in time and changes nothing any more, whatever still comes: it is filtered at once. */
  drops?(keySlot: number, timestamp: Timestamp): boolean;
  /** True while there is state under the slot. */
  holds(keySlot: number): boolean;
  /** The next instant at which something happens without a row; infinity when there is none. */
  nextTimer?(): Timestamp;
  /** Comes before the rows of its instant. */
  onTimer?(instant: Timestamp): void;
}

/**
 * Rows of one or several inputs, kept until the watermark has passed them, then given on by event time, one instant after the other.
 * So what an operator does is a function of what happened when, and not of the order of arrival. Owns the key slots.
 */
export class Timeline {
  readonly keys: KeyTable;
  readonly #inputs: readonly TimelineInput[];
  readonly #logic: TimelineLogic;
  readonly #observer: OperatorObserver;
  readonly #buffer: EventTimeBuffer;
  #watermark: Watermark = MIN_WATERMARK;
  #slots = new Int32Array(1024);
  #late = new Int32Array(1024);
  /** By key slot: how many rows wait. */
  #waiting = new Int32Array(1024);
  readonly #visited: number[] = [];
  #instant = Number.NaN;

  constructor(context: OperatorContext, inputs: readonly TimelineInput[], logic: TimelineLogic) {
    this.keys = context.state.keys(context.step);
    this.#inputs = inputs;
    this.#logic = logic;
    this.#observer = context.observer;
    // Of the changelog of a table no order within an instant is made anything of.
    this.#buffer = new EventTimeBuffer(this.keys, { step: context.step, ties: inputs.every(({ latePort }) => latePort === undefined) ? 'arrival' : 'text' });
  }

  get watermark(): Watermark {
    return this.#watermark;
  }

  /** True while rows wait under the slot. */
  isWaiting(keySlot: number): boolean {
    return (this.#waiting[keySlot] ?? 0) > 0;
  }

  /** Keeps the rows that are in time; a row is late when its timestamp < watermark - lateness. */
  onBatch(batch: Batch, input: number, out: Collector): void {
    const { length, rows, timestamps } = batch;
    if (this.#slots.length < length) {
      this.#slots = new Int32Array(length * 2);
      this.#late = new Int32Array(length * 2);
    }
    const { key, latePort, lateness = 0 } = this.#inputs[input]!;
    const bound = this.#watermark - lateness;
    this.keys.resolve(batch, key, this.#slots);
    let late = 0;
    let dropped = 0;
    for (let i = 0; i < length; i++) {
      const position = rows[i]!;
      const slot = this.#slots[i]!;
      if (timestamps[position]! < bound) this.#late[late++] = position;
      else if (this.#logic.drops?.(slot, timestamps[position]!) === true) dropped++;
      else {
        this.#count(slot);
        this.#buffer.add(slot, input, batch, position);
      }
    }
    if (late + dropped < length) this.#observer.counted(length - late - dropped);
    if (dropped > 0) this.#observer.filtered(dropped);
    if (late > 0) this.#refuse(batch, late, bound, latePort, out);
    if (lateness > 0) this.#drain();
  }

  /** Applies all that happened before the watermark. */
  onWatermark(watermark: Watermark): void {
    if (watermark <= this.#watermark) return;
    this.#watermark = watermark;
    this.#drain();
  }

  #drain(): void {
    this.#buffer.drain(this.#watermark, (waiting) => {
      this.#moveTo(waiting.timestamp);
      this.#waiting[waiting.keySlot]!--;
      this.#visited.push(waiting.keySlot);
      this.#logic.apply(waiting);
    });
    this.#moveTo(this.#watermark, false);
    this.#instant = Number.NaN;
  }

  /** Gives the slot of a key back when nothing is held or waits under it. */
  releaseIfEmpty(keySlot: number): void {
    if (!this.isWaiting(keySlot) && !this.#logic.holds(keySlot)) this.keys.release(keySlot);
  }

  write(writer: StateWriter): void {
    writer.operator('clock').float64(this.#watermark);
    this.#buffer.write(writer, 'waiting');
  }

  read(reader: StateReader): void {
    // Of several instances the one that is furthest behind: what it has passed, all have.
    const clocks = reader.operators('clock').map((section) => section.float64());
    if (clocks.length > 0) this.#watermark = Math.min(...clocks);
    this.#buffer.read(reader, 'waiting', (keySlot) => this.#count(keySlot));
  }

  #count(slot: number): void {
    if (this.#waiting.length <= slot) {
      const grown = new Int32Array((slot + 1) * 2);
      grown.set(this.#waiting);
      this.#waiting = grown;
    }
    this.#waiting[slot]!++;
  }

  /** Ends the instant before `next`, if another one is open, and lets the timers up to `next` happen; those at `next` only when it begins. */
  #moveTo(next: Timestamp, begins = true): void {
    if (this.#instant === next) return;
    if (!Number.isNaN(this.#instant)) this.#settle(this.#instant);
    const logic = this.#logic;
    if (logic.nextTimer !== undefined) {
      for (let due = logic.nextTimer(); due < next; due = logic.nextTimer()) {
        logic.onTimer!(due);
        this.#settle(due);
      }
      if (begins && logic.nextTimer() === next) logic.onTimer!(next);
    }
    this.#instant = next;
  }

  #settle(instant: Timestamp): void {
    this.#logic.settle?.(instant);
    for (const slot of this.#visited) this.releaseIfEmpty(slot);
    this.#visited.length = 0;
  }

  #refuse(batch: Batch, late: number, bound: Timestamp, latePort: number | undefined, out: Collector): void {
    invariant(latePort !== undefined, 'the changelog of a table is never behind its own watermark');
    const observer = this.#observer;
    observer.late(late);
    for (let i = 0; i < batch.length; i++) {
      const position = batch.rows[i]!;
      const timestamp = batch.timestamps[position]!;
      if (timestamp >= bound) continue;
      if (observer.wantsRejections) observer.rejected(batch, position, this.keys.keyAt(this.#slots[i]!), timestamp, timestamp + 1);
    }
    for (let i = 0; i < batch.length; i++) {
      if (batch.timestamps[batch.rows[i]!]! < bound) this.releaseIfEmpty(this.#slots[i]!);
    }
    out.emit(batch.select(this.#late, late), latePort);
  }
}
