import type { Batch, Collector, KeyTable, Operator, OperatorContext, OperatorObserver, StateReader, StateWriter, Timestamp, Watermark } from '@weir/model';
import { INSERT, MIN_WATERMARK, ON_TIME, RowBatch, keyGroupOf } from '@weir/model';
import { AggregateSet } from '../aggregates/aggregate-set.ts';
import type { CountWindowAggregateOptions } from '../count-window-aggregate.ts';
import { EventTimeBuffer } from '../rows/event-time-buffer.ts';
import { LATE_ROWS, ResultBuilder } from './result-builder.ts';
import { RowPanes, SlotPool } from './row-panes.ts';

/** Rows that are aggregated at once. */
const CHUNK = 4_096;

/** The rows of one key. */
interface KeyRows {
  /** How many rows have left the buffer: the number of the next one. */
  next: number;
  /** Accumulator of the pane that is not full; -1 when there is none. */
  slot: number;
  /** The full panes that a window to come needs. */
  readonly panes: RowPanes;
}

/** A pane that is full, or a window that is: what is done when its rows are in the accumulators. */
interface Full {
  readonly keySlot: number;
  readonly rows: KeyRows;
  readonly slot: number;
  /** Number of the row behind it. */
  readonly end: number;
  readonly timestamp: Timestamp;
}

/** Windows of so many rows; they share panes of gcd(size, slide) rows. */
export class CountWindow implements Operator {
  readonly #options: CountWindowAggregateOptions;
  readonly #observer: OperatorObserver;
  readonly #keys: KeyTable;
  readonly #aggregates: AggregateSet;
  readonly #pool: SlotPool;
  readonly #waiting: EventTimeBuffer;
  readonly #results: ResultBuilder;
  /** Rows of a pane. */
  readonly #pane: number;
  readonly #ofKey = new Map<number, KeyRows>();
  #watermark: Watermark = MIN_WATERMARK;
  #keySlots = new Int32Array(1024);
  /** Rows that have left the buffer and are not in the accumulators yet, with the slots of their panes. */
  #rows: unknown[] = [];
  readonly #rowSlots = new Int32Array(CHUNK);
  readonly #rowTimes = new Float64Array(CHUNK);
  #full: Full[] = [];

  constructor(options: CountWindowAggregateOptions, context: OperatorContext, restored?: StateReader) {
    this.#options = options;
    this.#observer = context.observer;
    this.#keys = context.state.keys(context.step);
    this.#aggregates = new AggregateSet(options.aggregators);
    this.#pool = new SlotPool(this.#aggregates);
    this.#waiting = new EventTimeBuffer(this.#keys, { step: context.step, ...(options.limit === undefined ? {} : { limit: options.limit }) });
    this.#results = new ResultBuilder(context.step);
    this.#pane = greatestCommonDivisor(options.windows.size, options.windows.slide);
    if (restored !== undefined) this.#restore(restored);
  }

  onBatch(batch: Batch, out: Collector): void {
    const { length, rows, timestamps } = batch;
    if (this.#keySlots.length < length) this.#keySlots = new Int32Array(length * 2);
    this.#keys.resolve(batch, this.#options.key, this.#keySlots);
    const late = new Int32Array(length);
    let refused = 0;
    for (let i = 0; i < length; i++) {
      const position = rows[i]!;
      if (timestamps[position]! < this.#watermark) {
        late[refused++] = position;
        continue;
      }
      const keySlot = this.#keySlots[i]!;
      if (!this.#ofKey.has(keySlot)) this.#ofKey.set(keySlot, { next: 0, slot: -1, panes: new RowPanes() });
      this.#waiting.add(keySlot, 0, batch, position);
    }
    if (refused < length) this.#observer.counted(length - refused);
    if (refused === 0) return;
    this.#observer.late(refused);
    for (let i = 0; i < length; i++) if (!this.#ofKey.has(this.#keySlots[i]!)) this.#keys.release(this.#keySlots[i]!);
    out.emit(batch.select(late, refused), LATE_ROWS);
  }

  onWatermark(watermark: Watermark, out: Collector): void {
    if (watermark <= this.#watermark) return;
    this.#watermark = watermark;
    this.#waiting.drain(watermark, ({ keySlot, row, timestamp }) => {
      this.#place(keySlot, row, timestamp);
      if (this.#rows.length === CHUNK) this.#settle();
    });
    this.#settle();
    this.#results.emit(out);
  }

  snapshot(writer: StateWriter): void {
    writer.operator('clock').float64(this.#watermark);
    this.#waiting.write(writer, 'waiting');
    for (const [keySlot, { next, slot, panes }] of [...this.#ofKey].sort(([a], [b]) => compareKeys(this.#keys.keyAt(a), this.#keys.keyAt(b)))) {
      const key = this.#keys.keyAt(keySlot);
      const section = writer.keyed('rows', keyGroupOf(key));
      section.key(key);
      section.float64(next);
      section.uint8(slot < 0 ? 0 : 1);
      if (slot >= 0) this.#aggregates.write(slot, section);
      panes.write(section, this.#aggregates);
    }
  }

  #restore(reader: StateReader): void {
    this.#watermark = reader.operator('clock')?.float64() ?? MIN_WATERMARK;
    for (const section of reader.keyed('rows')) {
      while (section.remaining > 0) {
        const keySlot = this.#keys.obtain(section.key());
        const rows: KeyRows = { next: section.float64(), slot: -1, panes: new RowPanes() };
        if (section.uint8() === 1) {
          rows.slot = this.#pool.take();
          this.#aggregates.read(rows.slot, section);
        }
        rows.panes.read(section, this.#aggregates, this.#pool);
        this.#ofKey.set(keySlot, rows);
      }
    }
    this.#waiting.read(reader, 'waiting');
  }

  /** Gives a row its number and its pane. */
  #place(keySlot: number, row: unknown, timestamp: Timestamp): void {
    const { size, slide } = this.#options.windows;
    const rows = this.#ofKey.get(keySlot)!;
    const number = rows.next++;
    // With a slide above the size, some rows are in no window.
    if (slide > size && number % slide >= size) return;
    if (rows.slot < 0) rows.slot = this.#pool.take();
    const at = this.#rows.length;
    this.#rowSlots[at] = rows.slot;
    this.#rowTimes[at] = timestamp;
    this.#rows.push(row);
    if (rows.next % this.#pane !== 0) return;
    this.#full.push({ keySlot, rows, slot: rows.slot, end: rows.next, timestamp });
    rows.slot = -1;
  }

  /** Adds the rows that were placed, and then fires the windows that they have filled, in the order in which they did. */
  #settle(): void {
    if (this.#rows.length === 0) return;
    this.#aggregates.addBatch(this.#rowSlots, new RowBatch(this.#rows, { timestamps: this.#rowTimes }));
    this.#rows = [];
    for (const full of this.#full) this.#close(full);
    this.#full = [];
  }

  /** Appends a pane to those of its key; fires the window that ends with it, if one does, and drops what no window to come needs. */
  #close({ keySlot, rows, slot, end, timestamp }: Full): void {
    const { size, slide } = this.#options.windows;
    const aggregates = this.#aggregates;
    const pool = this.#pool;
    rows.panes.push(slot, aggregates, pool);
    const start = end - size;
    if (start < 0 || start % slide !== 0) return;
    const total = pool.take();
    rows.panes.mergeInto(total, aggregates);
    this.#results.change(INSERT, this.#keys.keyAt(keySlot), start, end, ON_TIME, 0, true, aggregates.finish(total), timestamp);
    pool.release(total);
    for (let dropped = Math.min(slide, size); dropped > 0; dropped -= this.#pane) rows.panes.shift(aggregates, pool);
  }
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}

/** Numbers before texts, so that equal states are written alike. */
function compareKeys(a: string | number, b: string | number): number {
  if (typeof a !== typeof b) return typeof a === 'number' ? -1 : 1;
  return a < b ? -1 : a > b ? 1 : 0;
}
