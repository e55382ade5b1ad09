import type { Timestamp } from '@weir/model';
import type { AfterWatermark, CustomTrigger, TriggerResult } from '../trigger.ts';
import { CONTINUE, FIRE } from '../trigger.ts';
import { repeat } from './combinators.ts';
import type { Compile } from './compile.ts';
import { ACTIVE, END_OF_TIME, EVENT_TIMER, IDLE, OWN_CELLS, STATE, isActive } from './trigger-node.ts';
import type { CellLayout, TriggerNode, TriggerScope } from './trigger-node.ts';

const PHASE = OWN_CELLS;
/** Before the watermark has reached the end. */
const EARLY_PHASE = 0;
const LATE_PHASE = 1;

/** Fires after each batch with rows: its timer is due already. */
const EACH_BATCH: CustomTrigger = {
  kind: 'custom',
  describe: 'each batch',
  cells: 0,
  reads: [],
  onRow: (window) => {
    // The end of the window, so that windows with late rows fire in the order of their ends.
    window.setEventTimer(window.closes);
    return CONTINUE;
  },
  onEventTime: () => FIRE,
  onMerge: () => {},
};

/** The firing at the end of the window, between its early and its late part. */
export class WatermarkNode implements TriggerNode {
  readonly base: number;
  readonly until: number;
  readonly #layout: CellLayout;
  readonly #early: TriggerNode | undefined;
  readonly #late: TriggerNode;

  constructor({ early, late }: AfterWatermark, layout: CellLayout, compile: Compile) {
    this.#layout = layout;
    this.base = layout.reserve(1);
    this.#early = early === undefined ? undefined : compile(repeat(early), layout);
    this.#late = compile(late === undefined ? EACH_BATCH : repeat(late), layout);
    this.until = layout.length;
  }

  start(scope: TriggerScope): void {
    const { cells } = scope;
    cells[this.base + STATE] = ACTIVE;
    if (scope.watermark >= scope.closes) this.#toLate(scope);
    else {
      cells[this.base + EVENT_TIMER] = Math.min(scope.closes, END_OF_TIME);
      this.#early?.start(scope);
    }
  }

  onRow(scope: TriggerScope, row: unknown): TriggerResult {
    return this.#current(scope)?.onRow(scope, row) ?? CONTINUE;
  }

  onEventTime(scope: TriggerScope, time: Timestamp): TriggerResult {
    const { cells } = scope;
    if (cells[this.base + PHASE] === EARLY_PHASE && scope.watermark >= scope.closes) {
      // The watermark has jumped over the early timers that are left: the end comes first.
      if (this.#early !== undefined) this.#layout.clear(this.#early, cells);
      if (cells[this.base + EVENT_TIMER]! > time) return CONTINUE;
      this.#toLate(scope);
      return FIRE;
    }
    return this.#current(scope)?.onEventTime(scope, time) ?? CONTINUE;
  }

  onProcessingTime(scope: TriggerScope, time: Timestamp): TriggerResult {
    return this.#current(scope)?.onProcessingTime(scope, time) ?? CONTINUE;
  }

  merge(scope: TriggerScope, from: Float64Array): void {
    const { cells } = scope;
    if (cells[this.base + STATE] === IDLE && from[this.base + STATE] === IDLE) return;
    cells[this.base + STATE] = ACTIVE;
    if (scope.watermark >= scope.closes) {
      if (cells[this.base + PHASE] === EARLY_PHASE) this.#toLate(scope);
      if (from[this.base + PHASE] === LATE_PHASE) this.#late.merge(scope, from);
      return;
    }
    this.#layout.clear(this.#late, cells);
    cells[this.base + EVENT_TIMER] = Math.min(scope.closes, END_OF_TIME);
    if (this.#early !== undefined) {
      if (!isActive(this.#early, cells)) this.#early.start(scope);
      if (from[this.base + PHASE] === EARLY_PHASE) this.#early.merge(scope, from);
    }
    cells[this.base + PHASE] = EARLY_PHASE;
  }

  #current({ cells }: TriggerScope): TriggerNode | undefined {
    return cells[this.base + PHASE] === EARLY_PHASE ? this.#early : this.#late;
  }

  #toLate(scope: TriggerScope): void {
    const { cells } = scope;
    if (this.#early !== undefined) this.#layout.clear(this.#early, cells);
    cells[this.base + EVENT_TIMER] = Number.POSITIVE_INFINITY;
    cells[this.base + PHASE] = LATE_PHASE;
    this.#late.start(scope);
  }
}
