import type { Batch, Collector, Duration, KeyTable, Operator, OperatorContext, OperatorObserver, SlotTable, StateReader, StateWriter, Timestamp, Watermark } from '@weir/model';
import { EARLY, LATE, MIN_WATERMARK, ON_TIME } from '@weir/model';
import { AggregateSet } from '../aggregates/aggregate-set.ts';
import type { WindowAggregateOptions } from '../window-aggregate.ts';
import type { AlignedAssigner } from './assigner.ts';
import { firstStart, lastStart } from './assigner.ts';
import { EarlyPeriod } from './early-period.ts';
import { grownInts } from './grown-ints.ts';
import { readPairs, writePairs } from './keyed-pairs.ts';
import { Panes } from './panes.ts';
import { LATE_ROWS, ResultBuilder } from './result-builder.ts';

/**
 * Tumbling and hopping windows. Rows are added to panes of gcd(size, slide), which overlapping windows share (Li et al., "No pane,
 * no gain", 2005); a firing merges the panes of its window. With discarding accumulation a window has to forget what it fired, so
 * then every window is a pane of its own.
 */
export class PaneWindow implements Operator {
  readonly #options: WindowAggregateOptions;
  readonly #assigner: AlignedAssigner;
  readonly #observer: OperatorObserver;
  readonly #keys: KeyTable;
  /** How often (key, window start) has fired; kept until the window expires. */
  readonly #fired: SlotTable;
  #firings = new Int32Array(64);
  readonly #panes: Panes;
  readonly #results: ResultBuilder;
  readonly #early: EarlyPeriod | undefined;
  #watermark: Watermark = MIN_WATERMARK;
  /** The earliest end of a window with rows that has not fired on time. */
  #nextDue = Number.POSITIVE_INFINITY;
  #keySlots = new Int32Array(1024);
  #taken = new Int32Array(1024);
  #refused = new Int32Array(1024);

  constructor(options: WindowAggregateOptions, assigner: AlignedAssigner, early: Duration | undefined, context: OperatorContext, restored?: StateReader) {
    this.#options = options;
    this.#assigner = assigner;
    this.#observer = context.observer;
    this.#keys = context.state.keys(context.step);
    this.#fired = context.state.slots(`${context.step}.fired`);
    this.#panes = new Panes(assigner, options.accumulation, this.#keys, context.state.slots(`${context.step}.panes`), new AggregateSet(options.aggregators));
    this.#results = new ResultBuilder(context.step);
    this.#early = early === undefined ? undefined : new EarlyPeriod(early);
    if (restored !== undefined) this.#restore(restored);
  }

  onBatch(batch: Batch, out: Collector): void {
    if (batch.length === 0) return;
    const least = leastTimestamp(batch);
    const taken = this.#refuse(batch, least, out);
    if (taken.length === 0) return;
    this.#observer.counted(taken.length);
    if (this.#keySlots.length < taken.length) this.#keySlots = new Int32Array(taken.length * 2);
    this.#keys.resolve(taken, this.#options.key, this.#keySlots);
    this.#panes.add(taken, this.#keySlots, least, this.#watermark, this.#watermark - this.#options.allowedLateness);
    this.#nextDue = Math.min(this.#nextDue, this.#panes.earliestNewEnd);
    if (least < this.#watermark) this.#fireLate(taken, out);
  }

  onWatermark(watermark: Watermark, out: Collector): void {
    if (watermark <= this.#watermark) return;
    const before = this.#watermark;
    this.#watermark = watermark;
    if (watermark >= this.#nextDue) {
      for (const start of this.#panes.windowsEnding(before, watermark)) this.#fireWindow(start, ON_TIME);
      this.#results.emit(out);
      this.#nextDue = this.#panes.earliestEndAfter(watermark);
    }
    this.#expire(watermark);
  }

  onTick(now: Timestamp, out: Collector): void {
    if (this.#early === undefined || !this.#early.isDue(now)) return;
    for (const [start, keySlots] of this.#panes.takeTouched(this.#watermark)) {
      for (const keySlot of keySlots) this.#fireKey(start, keySlot, EARLY);
    }
    this.#results.emit(out);
  }

  snapshot(writer: StateWriter): void {
    const operator = writer.operator('clock');
    operator.float64(this.#watermark);
    operator.float64(this.#early?.last ?? Number.NaN);
    this.#panes.write(writer);
    writePairs(writer, 'fired', this.#keys, this.#fired, this.#fired.namespaces(), (slot, section) => section.int32(this.#firings[slot]!));
  }

  #restore(reader: StateReader): void {
    const operator = reader.operator('clock');
    if (operator !== undefined) {
      this.#watermark = operator.float64();
      this.#early?.restore(operator.float64());
    }
    this.#panes.read(reader);
    this.#nextDue = this.#panes.earliestEndAfter(this.#watermark);
    const take = (_: number, slot: number): void => this.#makeRoom(slot);
    readPairs(reader, 'fired', this.#keys, this.#fired, take, (slot, section) => (this.#firings[slot] = section.int32()));
  }

  /**
   * Takes out the rows that no window takes any more; the rest is answered. The late output gets each row that any of its windows
   * refused, once: it may still be in others.
   */
  #refuse(batch: Batch, least: Timestamp, out: Collector): Batch {
    const { size, slide } = this.#assigner;
    const hasGaps = slide > size;
    // A window that ends at or before the bound is closed for good.
    const bound = this.#watermark - this.#options.allowedLateness;
    // Every window of a row ends after the row; so when the oldest row is no further back than this, nothing is late.
    if (least >= bound && !hasGaps) return batch;
    if (this.#taken.length < batch.length) {
      this.#taken = new Int32Array(batch.length * 2);
      this.#refused = new Int32Array(batch.length * 2);
    }
    let taken = 0;
    let refused = 0;
    let homeless = 0;
    let refusals = 0;
    for (let i = 0; i < batch.length; i++) {
      const position = batch.rows[i]!;
      const timestamp = batch.timestamps[position]!;
      const last = lastStart(timestamp, this.#assigner);
      if (hasGaps && timestamp >= last + size) {
        homeless++;
        continue;
      }
      if (last + size > bound) this.#taken[taken++] = position;
      const first = firstStart(timestamp, this.#assigner);
      if (first + size > bound) continue;
      this.#refused[refused++] = position;
      // At the end of input the bound is infinite: then it is all windows of the row.
      refusals += Math.floor((Math.min(last, bound - size) - first) / slide) + 1;
    }
    if (this.#observer.wantsRejections) this.#reportRejections(batch);
    if (homeless > 0) this.#observer.filtered(homeless);
    const late = batch.length - homeless - taken;
    if (late > 0) this.#observer.late(late);
    if (refusals > 0) this.#observer.refused?.(refusals);
    if (refused > 0) out.emit(batch.select(this.#refused, refused), LATE_ROWS);
    return taken === batch.length ? batch : batch.select(this.#taken, taken);
  }

  /** Not on the hot path: only for the proof and for explanations. */
  #reportRejections(batch: Batch): void {
    const { size, slide } = this.#assigner;
    const selector = this.#options.key;
    const values = 'field' in selector ? batch.values(selector.field) : undefined;
    for (let i = 0; i < batch.length; i++) {
      const position = batch.rows[i]!;
      const timestamp = batch.timestamps[position]!;
      for (let start = firstStart(timestamp, this.#assigner); start <= timestamp; start += slide) {
        if (start + size + this.#options.allowedLateness > this.#watermark) break;
        const key = values === undefined ? (selector as { of: (row: unknown) => never }).of(batch.at(position)) : (values[position] as never);
        this.#observer.rejected(batch, position, key, start, start + size);
      }
    }
  }

  /** Fires again the windows that are closed but not expired and that rows of this batch were added to. */
  #fireLate(batch: Batch, out: Collector): void {
    const { size, slide } = this.#assigner;
    const touched = new Map<Timestamp, Set<number>>();
    for (let i = 0; i < batch.length; i++) {
      const timestamp = batch.timestamps[batch.rows[i]!]!;
      if (timestamp >= this.#watermark) continue;
      for (let start = firstStart(timestamp, this.#assigner); start <= timestamp && start + size <= this.#watermark; start += slide) {
        if (start + size + this.#options.allowedLateness <= this.#watermark) continue;
        const keySlots = touched.get(start);
        if (keySlots === undefined) touched.set(start, new Set([this.#keySlots[i]!]));
        else keySlots.add(this.#keySlots[i]!);
      }
    }
    for (const [start, keySlots] of [...touched].sort(([a], [b]) => a - b)) {
      for (const keySlot of keySlots) this.#fireKey(start, keySlot, LATE);
    }
    this.#results.emit(out);
  }

  #fireWindow(start: Timestamp, timing: number): void {
    this.#panes.forEachMerged(start, (keySlot, slot) => this.#result(start, keySlot, slot, timing));
  }

  #fireKey(start: Timestamp, keySlot: number, timing: number): void {
    this.#panes.withMerged(start, keySlot, (slot) => this.#result(start, keySlot, slot, timing));
  }

  #result(start: Timestamp, keySlot: number, slot: number, timing: number): void {
    const end = start + this.#assigner.size;
    const isLast = this.#watermark >= end + this.#options.allowedLateness;
    const firing = this.#firingsOf(keySlot, start);
    this.#results.add(this.#keys.keyAt(keySlot), start, end, timing, this.#firings[firing]!++, isLast, this.#panes.finish(slot));
  }

  /** Index into `#firings`. */
  #firingsOf(keySlot: number, start: Timestamp): number {
    const slot = this.#fired.obtain(keySlot, start);
    if (this.#fired.created) {
      this.#makeRoom(slot);
      this.#firings[slot] = 0;
    }
    return slot;
  }

  #makeRoom(slot: number): void {
    if (this.#firings.length <= slot) this.#firings = grownInts(this.#firings, slot + 1);
  }

  #expire(watermark: Watermark): void {
    const bound = watermark - this.#options.allowedLateness;
    for (const start of this.#fired.namespaces()) {
      if (start + this.#assigner.size > bound) break;
      this.#fired.releaseNamespace(start);
    }
    this.#panes.expire(bound);
  }
}

function leastTimestamp(batch: Batch): Timestamp {
  const { rows, timestamps, length } = batch;
  let least = Number.POSITIVE_INFINITY;
  for (let i = 0; i < length; i++) {
    const timestamp = timestamps[rows[i]!]!;
    if (timestamp < least) least = timestamp;
  }
  return least;
}
