import type { Key, Timestamp, Watermark } from '@weir/model';
import { WeirError } from '@weir/model';
import type { CustomTrigger, MergedTrigger, TriggerResult, TriggerWindow } from '../trigger.ts';
import { CONTINUE } from '../trigger.ts';
import { ACTIVE, DONE, EVENT_TIMER, IDLE, OWN_CELLS, PROCESSING_TIMER, STATE, TriggerScope } from './trigger-node.ts';
import type { CellLayout, TriggerNode } from './trigger-node.ts';

/** A trigger of the door, in its place in the cells. */
export class LeafNode implements TriggerNode {
  readonly base: number;
  readonly until: number;
  readonly #trigger: CustomTrigger;
  readonly #layout: CellLayout;
  readonly #window: LeafWindow;
  readonly #merged: Merged;

  constructor(trigger: CustomTrigger, layout: CellLayout) {
    this.#trigger = trigger;
    this.#layout = layout;
    this.base = layout.reserve(trigger.cells);
    this.until = layout.length;
    this.#window = new LeafWindow(trigger, this.base);
    this.#merged = new Merged(this.base + OWN_CELLS);
  }

  start(scope: TriggerScope): void {
    scope.cells[this.base + STATE] = ACTIVE;
    this.#trigger.onStart?.(this.#window.of(scope));
    this.#settle(scope);
  }

  onRow(scope: TriggerScope, row: unknown): TriggerResult {
    const result = this.#trigger.onRow(this.#window.of(scope), row as never);
    this.#settle(scope);
    return result;
  }

  onEventTime(scope: TriggerScope, time: Timestamp): TriggerResult {
    return this.#ring(scope, EVENT_TIMER, time);
  }

  onProcessingTime(scope: TriggerScope, time: Timestamp): TriggerResult {
    return this.#ring(scope, PROCESSING_TIMER, time);
  }

  merge(scope: TriggerScope, from: Float64Array): void {
    const { cells } = scope;
    const theirs = from[this.base + STATE];
    if (theirs === IDLE && cells[this.base + STATE] === IDLE) return;
    if (theirs === DONE) this.#layout.end(this, cells);
    if (cells[this.base + STATE] === DONE) return;
    if (cells[this.base + STATE] === IDLE) this.start(scope);
    for (const timer of [this.base + EVENT_TIMER, this.base + PROCESSING_TIMER]) {
      if (from[timer]! < cells[timer]!) cells[timer] = from[timer]!;
    }
    this.#trigger.onMerge(this.#window.of(scope), this.#merged.of(from));
    this.#settle(scope);
  }

  #ring(scope: TriggerScope, timer: typeof EVENT_TIMER | typeof PROCESSING_TIMER, time: Timestamp): TriggerResult {
    const { cells } = scope;
    const due = cells[this.base + timer]!;
    if (due > time || due === Number.POSITIVE_INFINITY) return CONTINUE;
    cells[this.base + timer] = Number.POSITIVE_INFINITY;
    const window = this.#window.of(scope);
    const result = (timer === EVENT_TIMER ? this.#trigger.onEventTime?.(window, due) : this.#trigger.onProcessingTime?.(window, due)) ?? CONTINUE;
    if (cells[this.base + timer]! <= due) {
      throw new WeirError('TRIGGER_TIMER', `The trigger '${this.#trigger.describe}' set a timer to ${cells[this.base + timer]!} while that of ${due} rang.`, {
        remedy: 'Set a timer that rings to a later time only.',
      });
    }
    this.#settle(scope);
    return result;
  }

  /** One that said that it is done keeps nothing. */
  #settle({ cells }: TriggerScope): void {
    if (cells[this.base + STATE] === DONE) this.#layout.end(this, cells);
  }
}

/** What a trigger of the door sees of its window; valid during a call. */
class LeafWindow implements TriggerWindow {
  readonly #trigger: CustomTrigger;
  readonly #base: number;
  #scope = new TriggerScope();

  constructor(trigger: CustomTrigger, base: number) {
    this.#trigger = trigger;
    this.#base = base;
  }

  of(scope: TriggerScope): this {
    this.#scope = scope;
    return this;
  }

  get key(): Key {
    return this.#scope.key;
  }

  get start(): Timestamp {
    return this.#scope.start;
  }

  get end(): Timestamp {
    return this.#scope.end;
  }

  get closes(): Timestamp {
    return this.#scope.closes;
  }

  get timestamp(): Timestamp {
    return this.#scope.timestamp;
  }

  get watermark(): Watermark {
    return this.#scope.watermark;
  }

  get now(): Timestamp {
    return this.#scope.now;
  }

  get firstTick(): Timestamp {
    return this.#scope.firstTick;
  }

  get eventTimer(): Timestamp {
    return this.#scope.cells[this.#base + EVENT_TIMER]!;
  }

  get processingTimer(): Timestamp {
    return this.#scope.cells[this.#base + PROCESSING_TIMER]!;
  }

  get(cell: number): number {
    return this.#scope.cells[this.#place(cell)]!;
  }

  set(cell: number, value: number): void {
    this.#scope.cells[this.#place(cell)] = value;
  }

  setEventTimer(time: Timestamp): void {
    this.#setTimer(EVENT_TIMER, time);
  }

  setProcessingTimer(time: Timestamp): void {
    this.#setTimer(PROCESSING_TIMER, time);
  }

  finish(): void {
    this.#scope.cells[this.#base + STATE] = DONE;
  }

  #setTimer(timer: number, time: Timestamp): void {
    if (Number.isNaN(time)) {
      throw new WeirError('TRIGGER_TIMER', `The trigger '${this.#trigger.describe}' set a timer to NaN.`, { remedy: 'Before the first tick `now` is NaN: ask for the next tick by -Infinity.' });
    }
    this.#scope.cells[this.#base + timer] = time;
  }

  /** Cells beside its own belong to other triggers. */
  #place(cell: number): number {
    if (cell >= 0 && cell < this.#trigger.cells) return this.#base + OWN_CELLS + cell;
    throw new WeirError('TRIGGER_CELL', `The trigger '${this.#trigger.describe}' has no cell ${cell}.`, { remedy: `It says that it has ${this.#trigger.cells}; their numbers begin with 0.` });
  }
}

class Merged implements MergedTrigger {
  readonly #first: number;
  #cells = new Float64Array(0);

  constructor(first: number) {
    this.#first = first;
  }

  of(cells: Float64Array<ArrayBufferLike>): this {
    this.#cells = cells as Float64Array<ArrayBuffer>;
    return this;
  }

  get(cell: number): number {
    return this.#cells[this.#first + cell]!;
  }
}
