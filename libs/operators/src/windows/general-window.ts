import type { Batch, Collector, KeyTable, Operator, OperatorContext, OperatorObserver, StateReader, StateWriter, Timestamp, Watermark } from '@weir/model';
import { MAX_WATERMARK, MIN_WATERMARK } from '@weir/model';
import { AggregateSet } from '../aggregates/aggregate-set.ts';
import type { WindowAggregateOptions } from '../window-aggregate.ts';
import { AssignedWindows, asCustom } from './assigned-windows.ts';
import type { CustomAssigner } from './assigner.ts';
import { closingTime, justAfter } from './closing-time.ts';
import { OpenWindows } from './open-windows.ts';
import type { OpenWindow } from './open-windows.ts';
import { PendingRows } from './pending-rows.ts';
import { LATE_ROWS } from './result-builder.ts';
import { runningTrigger } from './triggers/compile.ts';
import type { RunningTrigger } from './triggers/compile.ts';
import { END_OF_TIME, TriggerScope, isActive, nextTimer } from './triggers/trigger-node.ts';
import { WindowFirings } from './window-firings.ts';
import type { Cause } from './window-firings.ts';
import { readWindows, writeWindows } from './window-snapshot.ts';

/**
 * Windows of any assigner, with any trigger and any accumulation: one accumulator for each key and window, and the trigger's numbers
 * beside it. A row costs O(log n) in the windows of its key; a watermark O(log n) in all windows for each that it makes due.
 */
export class GeneralWindow implements Operator {
  readonly #options: WindowAggregateOptions;
  readonly #assigner: CustomAssigner;
  readonly #observer: OperatorObserver;
  readonly #keys: KeyTable;
  readonly #aggregates: AggregateSet;
  readonly #trigger: RunningTrigger;
  readonly #windows: OpenWindows;
  readonly #assigned: AssignedWindows;
  readonly #pending: PendingRows;
  readonly #firings: WindowFirings;
  readonly #scope = new TriggerScope();
  /** The windows that took the row at hand. */
  readonly #targets: OpenWindow[] = [];
  /** Windows that rows of this batch came into: when they are due may have changed. */
  #changed: OpenWindow[] = [];
  #batches = 0;
  #watermark: Watermark = MIN_WATERMARK;
  /** What was passed on. */
  #passed: Watermark = MIN_WATERMARK;
  #keySlots = new Int32Array(1024);
  /** Positions of the rows that some window refused. */
  #refused = new Int32Array(1024);

  constructor(options: WindowAggregateOptions, context: OperatorContext, restored?: StateReader) {
    this.#options = options;
    this.#assigner = asCustom(options.assigner);
    this.#observer = context.observer;
    this.#keys = context.state.keys(context.step);
    this.#aggregates = new AggregateSet(options.aggregators);
    this.#trigger = runningTrigger(options.trigger);
    this.#windows = new OpenWindows(this.#keys, this.#aggregates, this.#trigger.layout.blank);
    this.#assigned = new AssignedWindows(this.#assigner);
    this.#pending = new PendingRows(this.#aggregates, this.#windows);
    const { accumulation } = options;
    this.#firings = new WindowFirings({ step: context.step, accumulation, keys: this.#keys, aggregates: this.#aggregates, windows: this.#windows, pending: this.#pending });
    if (restored !== undefined) this.#restore(restored);
  }

  onBatch(batch: Batch, out: Collector): void {
    if (batch.length === 0) return;
    if (this.#keySlots.length < batch.length) {
      this.#keySlots = new Int32Array(batch.length * 2);
      this.#refused = new Int32Array(batch.length * 2);
    }
    this.#keys.resolve(batch, this.#options.key, this.#keySlots);
    this.#pending.begin(batch);
    this.#batches++;
    const refused = this.#takeRows(batch);
    this.#pending.finish();
    for (const window of this.#changed) if (!window.gone) this.#schedule(window);
    this.#changed = [];
    this.#ring('row');
    this.#firings.emit(out);
    if (refused > 0) out.emit(batch.select(this.#refused, refused), LATE_ROWS);
  }

  onWatermark(watermark: Watermark, out: Collector): void {
    if (watermark <= this.#watermark) return;
    this.#watermark = this.#scope.watermark = watermark;
    this.#ring('watermark');
    this.#firings.emit(out);
    // Where touching windows merge, one that ends at W is still to fire, and the time of its result is end - 1.
    const isHeld = this.#assigner.merging && this.#windows.isDueAt(justAfter(watermark));
    this.#passed = Math.max(this.#passed, isHeld ? watermark - 1 : watermark);
  }

  outputWatermark(): Watermark {
    return this.#passed;
  }

  onTick(now: Timestamp, out: Collector): void {
    this.#scope.now = now;
    if (Number.isNaN(this.#scope.firstTick)) this.#scope.firstTick = now;
    for (let window = this.#windows.takeDueByClock(now); window !== undefined; window = this.#windows.takeDueByClock(now)) {
      this.#show(window);
      this.#firings.act(window, this.#trigger.root.onProcessingTime(this.#scope, window.wakeNow), 'tick', now, this.#watermark);
      this.#schedule(window);
    }
    // A timer of event time may have been set to a time that has passed.
    this.#ring('tick');
    this.#firings.emit(out);
  }

  snapshot(writer: StateWriter): void {
    const operator = writer.operator('clock');
    operator.float64(this.#watermark);
    operator.float64(this.#passed);
    operator.float64(this.#scope.now);
    operator.float64(this.#scope.firstTick);
    writeWindows(writer, this.#windows, this.#keys, this.#aggregates);
  }

  #restore(reader: StateReader): void {
    const clocks = reader.operators('clock');
    if (clocks.length > 0) this.#watermark = this.#passed = MAX_WATERMARK;
    // What is passed on is the least of all instances: a window of any of them may be here now.
    for (const operator of clocks) {
      this.#watermark = Math.min(this.#watermark, operator.float64());
      this.#passed = Math.min(this.#passed, operator.float64());
      this.#scope.now = operator.float64();
      this.#scope.firstTick = operator.float64();
    }
    this.#scope.watermark = this.#watermark;
    for (const window of readWindows(reader, this.#windows, this.#keys, this.#aggregates)) {
      this.#bound(window, window.start, window.end);
      this.#schedule(window);
    }
  }

  /** Puts the rows into their windows; answers how many some window refused, whose positions are in `#refused`. */
  #takeRows(batch: Batch): number {
    const { length, rows, timestamps } = batch;
    const { starts } = this.#assigned;
    let taken = 0;
    let homeless = 0;
    let late = 0;
    let refusals = 0;
    for (let i = 0; i < length; i++) {
      const position = rows[i]!;
      const row = batch.at(position);
      this.#scope.timestamp = timestamps[position]!;
      this.#assigned.begin(this.#scope.timestamp);
      this.#assigner.assign(this.#scope.timestamp, this.#keys.keyAt(this.#keySlots[i]!), row as never, this.#assigned);
      const refusing = this.#place(batch, i);
      if (refusing > 0) {
        this.#refused[late++] = position;
        refusals += refusing;
      }
      if (this.#targets.length > 0) taken++;
      else if (starts.length === 0) homeless++;
      for (const window of this.#targets) this.#put(window, row);
    }
    if (taken > 0) this.#observer.counted(taken);
    if (homeless > 0) this.#observer.filtered(homeless);
    if (taken + homeless < length) this.#observer.late(length - taken - homeless);
    if (refusals > 0) this.#observer.refused?.(refusals);
    if (taken < length) for (let i = 0; i < length; i++) this.#windows.releaseKeyIfEmpty(this.#keySlots[i]!);
    return late;
  }

  /** Finds the windows of row i that take it, into `#targets`; answers how many refused it. */
  #place(batch: Batch, i: number): number {
    const { starts, ends } = this.#assigned;
    const targets = this.#targets;
    targets.length = 0;
    const keySlot = this.#keySlots[i]!;
    let refusing = 0;
    for (let w = 0; w < starts.length; w++) {
      const window = this.#assigner.merging ? this.#joined(keySlot, starts[w]!, ends[w]!) : this.#opened(keySlot, starts[w]!, ends[w]!);
      if (window === undefined) {
        refusing++;
        if (this.#observer.wantsRejections) this.#observer.rejected(batch, batch.rows[i]!, this.#keys.keyAt(keySlot), starts[w]!, ends[w]!);
      } else targets.push(window);
    }
    for (let t = 0; t < targets.length; t++) this.#pending.add(i, t, targets[t]!.slot);
    return refusing;
  }

  #put(window: OpenWindow, row: unknown): void {
    window.filled = window.touched = true;
    if (this.#scope.timestamp > window.latest) window.latest = this.#scope.timestamp;
    if (window.batch !== this.#batches) {
      window.batch = this.#batches;
      this.#changed.push(window);
    }
    const { root } = this.#trigger;
    if (!isActive(root, window.cells)) return;
    this.#show(window);
    this.#firings.act(window, root.onRow(this.#scope, row), 'row', this.#scope.timestamp, this.#watermark);
  }

  /** The window with these bounds; undefined when it is closed for good. */
  #opened(keySlot: number, start: Timestamp, end: Timestamp): OpenWindow | undefined {
    if (this.#expiry(end) <= this.#watermark) return undefined;
    return this.#windows.find(keySlot, start, end) ?? this.#open(keySlot, start, end);
  }

  /** The window that comes of these bounds and all that they overlap or touch; undefined when that is closed for good. */
  #joined(keySlot: number, start: Timestamp, end: Timestamp): OpenWindow | undefined {
    const mine = this.#windows.touching(keySlot, start, end);
    const [into] = mine;
    // One that is open has not expired, so neither has one that holds it.
    if (into === undefined) return this.#expiry(end) <= this.#watermark ? undefined : this.#open(keySlot, start, end);
    const from = Math.min(start, into.start);
    const to = Math.max(end, mine.at(-1)!.end);
    if (from === into.start && to === into.end) return into;
    for (const window of mine) this.#firings.withdraw(window, this.#watermark);
    this.#bound(into, from, to);
    into.onTimeDue = this.#watermark < into.closes;
    this.#show(into);
    if (mine.length === 1) this.#trigger.root.merge(this.#scope, this.#trigger.layout.blank);
    for (const other of mine.slice(1)) this.#merge(into, other);
    return into;
  }

  #merge(into: OpenWindow, other: OpenWindow): void {
    this.#aggregates.merge(into.slot, other.slot);
    this.#pending.merged(other.slot, into.slot);
    into.filled ||= other.filled;
    into.touched ||= other.touched;
    into.latest = Math.max(into.latest, other.latest);
    this.#trigger.root.merge(this.#scope, other.cells);
    this.#windows.remove(other);
  }

  #open(keySlot: number, start: Timestamp, end: Timestamp): OpenWindow {
    const window = this.#windows.open(keySlot, start, end);
    this.#bound(window, start, end);
    window.onTimeDue = this.#watermark < window.closes;
    this.#show(window);
    this.#trigger.root.start(this.#scope);
    return window;
  }

  /** Rings the timers of event time that the watermark has reached, in order, and drops the windows that expire. */
  #ring(cause: Cause): void {
    for (let window = this.#windows.takeDue(this.#watermark); window !== undefined; window = this.#windows.takeDue(this.#watermark)) {
      const time = window.wake;
      if (isActive(this.#trigger.root, window.cells)) {
        this.#show(window);
        this.#firings.act(window, this.#trigger.root.onEventTime(this.#scope, time), cause, time, this.#watermark);
      }
      if (time < Math.min(window.expires, END_OF_TIME)) this.#schedule(window);
      else this.#expire(window, time);
    }
  }

  #expire(window: OpenWindow, time: Timestamp): void {
    this.#firings.expire(window, time, this.#watermark);
    this.#windows.remove(window);
    this.#windows.releaseSlot(window.slot);
    this.#windows.releaseKeyIfEmpty(window.keySlot);
  }

  /** The watermark by which a window that ends here expires. */
  #expiry(end: Timestamp): Timestamp {
    return closingTime(end + this.#options.allowedLateness, this.#assigner.merging);
  }

  #bound(window: OpenWindow, start: Timestamp, end: Timestamp): void {
    window.start = start;
    window.end = end;
    window.closes = closingTime(end, this.#assigner.merging);
    window.expires = this.#expiry(end);
  }

  #schedule(window: OpenWindow): void {
    const wake = Math.min(window.expires, END_OF_TIME, nextTimer(this.#trigger.layout.eventTimers, window.cells));
    this.#windows.schedule(window, wake, nextTimer(this.#trigger.layout.processingTimers, window.cells));
  }

  /** Shows a window to the trigger. */
  #show(window: OpenWindow): void {
    const scope = this.#scope;
    scope.cells = window.cells;
    scope.key = this.#keys.keyAt(window.keySlot);
    scope.start = window.start;
    scope.end = window.end;
    scope.closes = window.closes;
  }
}
