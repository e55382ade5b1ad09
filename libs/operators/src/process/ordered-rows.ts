import type { Batch, Collector, KeySelector, OperatorContext, StateReader, StateWriter, Timestamp, Watermark } from '@weir/model';
import { EventTimeBuffer } from '../rows/event-time-buffer.ts';
import { BatchSlots } from './batch-slots.ts';
import type { ProcessRunner } from './process-runner.ts';

const SECTION = 'waiting';

/** Rows that wait for the watermark before the function is given them; rows that are late leave by a port of their own. */
export class OrderedRows {
  readonly #key: KeySelector;
  readonly #observer: OperatorContext['observer'];
  readonly #runner: ProcessRunner;
  readonly #latePort: number;
  readonly #waiting: EventTimeBuffer;
  readonly #slots = new BatchSlots();
  #late = new Int32Array(1024);

  constructor(context: OperatorContext, key: KeySelector, runner: ProcessRunner, latePort: number, limit: number, restored: StateReader | undefined) {
    this.#key = key;
    this.#observer = context.observer;
    this.#runner = runner;
    this.#latePort = latePort;
    const { entries } = runner;
    this.#waiting = new EventTimeBuffer(entries.keys, { limit, step: context.step });
    if (restored !== undefined) this.#waiting.read(restored, SECTION, (slot) => entries.at(slot).waiting++);
  }

  /** Throws BUFFER_FULL. */
  onBatch(batch: Batch, out: Collector): void {
    const { length, rows, timestamps } = batch;
    const { entries, clock } = this.#runner;
    const slots = this.#slots.resolve(entries.keys, batch, this.#key);
    if (this.#late.length < length) this.#late = new Int32Array(length * 2);
    let late = 0;
    for (let i = 0; i < length; i++) {
      const position = rows[i]!;
      const entry = entries.at(slots[i]!);
      if (timestamps[position]! < clock.watermark) {
        this.#late[late++] = position;
        entries.handled(entry);
        continue;
      }
      entry.waiting++;
      this.#waiting.add(entry.slot, 0, batch, position);
    }
    this.#observer.counted(length - late);
    if (late > 0) {
      this.#observer.late(late);
      out.emit(batch.select(this.#late, late), this.#latePort);
    }
    this.#runner.finish(out, length);
  }

  /** Handles the rows with timestamp < watermark, and the timers up to the watermark, in order; `before` is called in front of each row, and at last with the watermark. */
  onWatermark(watermark: Watermark, out: Collector, before: (timestamp: Timestamp) => void): void {
    const runner = this.#runner;
    let handled = 0;
    this.#waiting.drain(watermark, ({ keySlot, timestamp, row, change }) => {
      before(timestamp);
      runner.fire(timestamp);
      runner.stand(timestamp);
      const entry = runner.entries.at(keySlot);
      entry.waiting--;
      runner.row(entry, row, timestamp, change);
      handled++;
    });
    before(watermark);
    runner.advance(watermark);
    runner.finish(out, handled);
  }

  write(writer: StateWriter): void {
    this.#waiting.write(writer, SECTION);
  }
}
