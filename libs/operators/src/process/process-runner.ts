import type { Collector, OperatorContext, StateReader, StateWriter, Timestamp, Watermark } from '@weir/model';
import { CHANGES, INSERT, MAX_WATERMARK, WeirError } from '@weir/model';
import { RowOutput } from '../rows/row-output.ts';
import { KeyEntries } from './key-entries.ts';
import type { KeyEntry } from './keyed-state.ts';
import type { BoundOperatorState } from './operator-state.ts';
import { ProcessClock } from './process-clock.ts';
import { FunctionContext } from './function-context.ts';
import type { OperatorStates, StateDeclarations, Timer } from './process-function.ts';
import type { SetTimer } from './timer-queue.ts';
import { TimerQueue } from './timer-queue.ts';

/** A process function whose types have done their work. */
export interface UntypedFunction {
  readonly state: StateDeclarations;
  readonly operatorState: OperatorStates;
  /** Names of the outputs; the first is the main one. */
  readonly outputs: readonly string[];
  readonly onRow: (row: unknown, ctx: FunctionContext) => void;
  readonly onTimer: ((timer: Timer, ctx: FunctionContext) => void) | undefined;
}

export interface RunnerOptions {
  readonly cleanUp: number;
  readonly maxTimers: number;
}

/** Timers of one key that timers set after the end of input, and that still fire: an end to those that set themselves again and again. */
const MOST_TIMERS_AFTER_END = 100;

/** Timers that timers set for times that have passed, while time stands still; more are taken for a loop. */
const MOST_PAST_TIMERS = 100_000;

/** What all process operators share: keys, state, timers, outputs. Which row comes when is theirs to say. */
export class ProcessRunner {
  readonly clock = new ProcessClock();
  readonly entries: KeyEntries;
  readonly #function: UntypedFunction;
  readonly #options: RunnerOptions;
  readonly #step: string;
  readonly #eventTimers: TimerQueue;
  readonly #processingTimers: TimerQueue;
  readonly #outputs: readonly RowOutput[];
  readonly #operatorStates: readonly BoundOperatorState[];
  readonly #context: FunctionContext;
  /** Nothing is emitted before this time, as it has been passed on or is about to be. */
  #floor: Timestamp = Number.NEGATIVE_INFINITY;
  /** The same for what is handled now: what a late row gives is as late as the row. */
  #emitFloor: Timestamp = Number.NEGATIVE_INFINITY;
  #pastTimers = 0;
  #ending = false;

  constructor(context: OperatorContext, definition: UntypedFunction, options: RunnerOptions, restored: StateReader | undefined) {
    this.#function = definition;
    this.#options = options;
    this.#step = context.step;
    this.#eventTimers = new TimerQueue(context.step, options.maxTimers);
    this.#processingTimers = new TimerQueue(context.step, options.maxTimers);
    this.#outputs = definition.outputs.map(() => new RowOutput());
    this.entries = new KeyEntries(context, definition.state, this.clock, [this.#eventTimers, this.#processingTimers]);
    const bound = Object.entries(definition.operatorState).map(([name, declaration]) => [name, declaration.bind(context.step, name, restored)] as const);
    this.#operatorStates = bound.map(([, state]) => state);
    this.#context = new FunctionContext(this, this.entries.handles, Object.fromEntries(bound.map(([name, { handle }]) => [name, handle])));
    if (restored === undefined) return;
    this.clock.read(restored.operators('clock'));
    this.#floor = this.clock.watermark === MAX_WATERMARK ? Number.NEGATIVE_INFINITY : this.clock.watermark;
    this.entries.read(restored);
  }

  /** Gives the function more to use. */
  extend(more: object): void {
    Object.assign(this.#context, more);
  }

  /** Handles a row, then the timers that it set for a time that has passed. */
  row(entry: KeyEntry, row: unknown, timestamp: Timestamp, change: number): void {
    this.clock.timestamp = timestamp;
    this.#pastTimers = 0;
    this.#context.change = CHANGES[change]!;
    this.#emitFloor = Math.min(this.#floor, timestamp);
    this.entries.enter(entry);
    try {
      this.#function.onRow(row, this.#context);
    } finally {
      this.entries.leave();
    }
    this.#context.change = CHANGES[INSERT]!;
    this.fire(this.clock.watermark);
  }

  /** Fires the event-time timers with time <= `until`, in order, and then stands at it. */
  fire(until: Watermark): void {
    for (let timer = this.#eventTimers.take(until); timer !== undefined; timer = this.#eventTimers.take(until)) {
      if (timer.time > this.clock.watermark) {
        this.clock.watermark = timer.time;
        this.#pastTimers = 0;
      }
      // One millisecond before a timer is still to come out, as the last instant of what the timer ends.
      this.#floor = Math.max(this.#floor, timer.time - 1);
      this.clock.timestamp = timer.time;
      this.#timer('event-time', timer);
    }
  }

  /** Stands at a watermark: nothing older follows. */
  stand(watermark: Watermark): void {
    if (watermark > this.clock.watermark) this.clock.watermark = watermark;
    if (watermark !== MAX_WATERMARK) this.#floor = Math.max(this.#floor, watermark);
    this.#pastTimers = 0;
  }

  /** Fires what a watermark makes due, and stands at it. After the end of input timers that timers set fire too, up to a bound for each key. */
  advance(watermark: Watermark): void {
    this.#ending = watermark === MAX_WATERMARK;
    this.fire(watermark);
    this.stand(watermark);
    this.#ending = false;
  }

  /** Fires the processing-time timers that were due when the tick came, in order. */
  tick(now: Timestamp): void {
    this.clock.tick(now);
    const due: SetTimer[] = [];
    // One that is set while they fire waits for the next tick; one that is deleted while they fire does not fire.
    for (let timer = this.#processingTimers.take(this.clock.now); timer !== undefined; timer = this.#processingTimers.take(this.clock.now)) due.push(timer);
    for (const { entry, time, name, setAt } of due) this.#processingTimers.set(entry, time, name, setAt);
    for (const timer of due) {
      if (!this.#processingTimers.remove(timer.entry, timer.time, timer.name)) continue;
      const { watermark } = this.clock;
      this.clock.timestamp = watermark === MAX_WATERMARK ? timer.setAt : Math.max(timer.setAt, watermark);
      this.#timer('processing-time', timer);
      this.fire(this.clock.watermark);
    }
  }

  setTimer(kind: Timer['kind'], time: Timestamp, name: string): void {
    const entry = this.#current();
    if (kind === 'processing-time') {
      this.#processingTimers.set(entry, time, name, this.clock.timestamp);
      return;
    }
    if (this.#ending && ++entry.afterEnd > MOST_TIMERS_AFTER_END) return;
    if (time <= this.clock.watermark && ++this.#pastTimers > MOST_PAST_TIMERS) {
      throw new WeirError('TIMER_LOOP', 'Timers set each other for times that have passed, without end.', { step: this.#step, remedy: 'In onTimer, set timers for times behind ctx.watermark only.' });
    }
    this.#eventTimers.set(entry, time, name, this.clock.timestamp);
  }

  deleteTimer(kind: Timer['kind'], time: Timestamp, name: string): void {
    (kind === 'event-time' ? this.#eventTimers : this.#processingTimers).remove(this.#current(), time, name);
  }

  get key(): unknown {
    return this.#current().key;
  }

  emit(output: number, row: unknown, timestamp: Timestamp, change: number): void {
    this.#outputs[output]!.add(row, timestamp < this.#emitFloor ? this.#emitFloor : timestamp, change);
  }

  portOf(output: string): number {
    const port = this.#function.outputs.indexOf(output);
    if (port >= 0) return port;
    throw new WeirError('PROCESS_OUTPUT', `There is no output '${output}'.`, { step: this.#step, remedy: `It has ${this.#function.outputs.join(', ')}; declare others under 'outputs'.` });
  }

  /** Emits what was collected, and cleans up after a call that brought this many rows. */
  finish(out: Collector, rows: number): void {
    this.#outputs.forEach((output, port) => output.emit(out, port));
    this.entries.settle();
    this.entries.clean(Math.max(this.#options.cleanUp, 2 * rows));
  }

  snapshot(writer: StateWriter): void {
    this.clock.write(writer.operator('clock'));
    this.entries.write(writer);
    for (const state of this.#operatorStates) state.write(writer);
  }

  #timer(kind: Timer['kind'], { entry, time, name }: SetTimer): void {
    this.#emitFloor = this.#floor;
    this.entries.enter(entry);
    try {
      this.#function.onTimer?.({ kind, time, name }, this.#context);
    } finally {
      this.entries.leave();
    }
  }

  #current(): KeyEntry {
    const { entry } = this.entries.current;
    if (entry !== undefined) return entry;
    throw new WeirError('PROCESS_CONTEXT_KEPT', 'ctx was used when no row and no timer was being handled.', { step: this.#step, remedy: 'Use ctx only inside onRow and onTimer, and not after they have returned.' });
  }
}
