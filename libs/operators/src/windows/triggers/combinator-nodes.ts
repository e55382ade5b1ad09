import type { Timestamp } from '@weir/model';
import type { CombinedTrigger, TriggerResult } from '../trigger.ts';
import { CONTINUE, FIRE, FIRE_AND_PURGE, PURGE } from '../trigger.ts';
import type { Compile } from './compile.ts';
import { ACTIVE, DONE, IDLE, OWN_CELLS, STATE, isActive, isDone } from './trigger-node.ts';
import type { CellLayout, TriggerNode, TriggerScope } from './trigger-node.ts';

/** What reaches a trigger: a row, or a timer of either kind. */
type Signal = 'onRow' | 'onEventTime' | 'onProcessingTime';

/** What all combinators have: children in their region, and signals that go the same way whatever they are. */
abstract class CombinatorNode implements TriggerNode {
  readonly base: number;
  readonly until: number;
  protected readonly layout: CellLayout;
  protected readonly children: readonly TriggerNode[];

  constructor({ of }: CombinedTrigger, layout: CellLayout, compile: Compile, own = 0) {
    this.layout = layout;
    this.base = layout.reserve(own);
    this.children = of.map((trigger) => compile(trigger, layout));
    this.until = layout.length;
  }

  onRow(scope: TriggerScope, row: unknown): TriggerResult {
    return this.signal(scope, 'onRow', row);
  }

  onEventTime(scope: TriggerScope, time: Timestamp): TriggerResult {
    return this.signal(scope, 'onEventTime', time);
  }

  onProcessingTime(scope: TriggerScope, time: Timestamp): TriggerResult {
    return this.signal(scope, 'onProcessingTime', time);
  }

  start(scope: TriggerScope): void {
    scope.cells[this.base + STATE] = ACTIVE;
    for (const child of this.children) child.start(scope);
    this.settle(scope);
  }

  merge(scope: TriggerScope, from: Float64Array): void {
    const { cells } = scope;
    const mine = cells[this.base + STATE];
    const theirs = from[this.base + STATE];
    if (mine === IDLE && theirs === IDLE) return;
    if (mine === DONE || theirs === DONE) return this.layout.end(this, cells);
    cells[this.base + STATE] = ACTIVE;
    this.mergeChildren(scope, from);
    this.settle(scope);
  }

  protected mergeChildren(scope: TriggerScope, from: Float64Array): void {
    for (const child of this.children) child.merge(scope, from);
  }

  /** Passes a signal to a child that is active. */
  protected send(child: TriggerNode, scope: TriggerScope, signal: Signal, value: unknown): TriggerResult {
    return isActive(child, scope.cells) ? child[signal](scope, value as never) : CONTINUE;
  }

  protected abstract signal(scope: TriggerScope, signal: Signal, value: unknown): TriggerResult;
  /** Ends this trigger, or begins a child, where the children are far enough. */
  protected abstract settle(scope: TriggerScope): void;
}

export class OrNode extends CombinatorNode {
  protected signal(scope: TriggerScope, signal: Signal, value: unknown): TriggerResult {
    let result: number = CONTINUE;
    for (const child of this.children) result |= this.send(child, scope, signal, value);
    this.settle(scope);
    return result as TriggerResult;
  }

  protected settle({ cells }: TriggerScope): void {
    if (this.children.some((child) => isDone(child, cells))) this.layout.end(this, cells);
  }
}

/** Keeps for each child what it said when it fired, until all have: 0 before. */
export class AndNode extends CombinatorNode {
  constructor(trigger: CombinedTrigger, layout: CellLayout, compile: Compile) {
    super(trigger, layout, compile, trigger.of.length);
  }

  protected signal(scope: TriggerScope, signal: Signal, value: unknown): TriggerResult {
    const { cells } = scope;
    const latches = this.base + OWN_CELLS;
    let purge: number = CONTINUE;
    let all = FIRE | PURGE;
    let said: number = CONTINUE;
    for (const [index, child] of this.children.entries()) {
      const waits = cells[latches + index] !== 0;
      // One that has fired sees no rows; a timer of it rings and is not heard.
      const result = waits && signal === 'onRow' ? CONTINUE : this.send(child, scope, signal, value);
      if (!waits && (result & FIRE) !== 0) cells[latches + index] = result;
      else if (!waits) purge |= result;
      const has = cells[latches + index]! | (isDone(child, cells) ? FIRE : CONTINUE);
      all &= has;
      said |= has;
    }
    if ((all & FIRE) === 0) return purge as TriggerResult;
    for (let index = 0; index < this.children.length; index++) cells[latches + index] = 0;
    this.settle(scope);
    return (said | purge) as TriggerResult;
  }

  protected settle({ cells }: TriggerScope): void {
    const latches = this.base + OWN_CELLS;
    if (this.children.every((child, index) => isDone(child, cells) && cells[latches + index] === 0)) this.layout.end(this, cells);
  }

  protected override mergeChildren(scope: TriggerScope, from: Float64Array): void {
    super.mergeChildren(scope, from);
    const latches = this.base + OWN_CELLS;
    for (let index = 0; index < this.children.length; index++) scope.cells[latches + index] = scope.cells[latches + index]! | from[latches + index]!;
  }
}

export class SequenceNode extends CombinatorNode {
  override start(scope: TriggerScope): void {
    scope.cells[this.base + STATE] = ACTIVE;
    this.settle(scope);
  }

  protected signal(scope: TriggerScope, signal: Signal, value: unknown): TriggerResult {
    const current = this.children.find((child) => isActive(child, scope.cells));
    if (current === undefined) return CONTINUE;
    const result = this.send(current, scope, signal, value);
    this.settle(scope);
    return result;
  }

  /** Begins the next child when the one before is done. */
  protected settle(scope: TriggerScope): void {
    for (const child of this.children) {
      if (!isActive(child, scope.cells) && !isDone(child, scope.cells)) child.start(scope);
      if (!isDone(child, scope.cells)) return;
    }
    this.layout.end(this, scope.cells);
  }

  /** A child that merging leaves unfinished is the current one, and what is behind it has not begun (as in Beam). */
  protected override mergeChildren(scope: TriggerScope, from: Float64Array): void {
    let behind = false;
    for (const child of this.children) {
      if (behind) this.layout.clear(child, scope.cells);
      else child.merge(scope, from);
      behind ||= !isDone(child, scope.cells);
    }
  }
}

export class RepeatNode extends CombinatorNode {
  protected signal(scope: TriggerScope, signal: Signal, value: unknown): TriggerResult {
    const result = this.send(this.children[0]!, scope, signal, value);
    this.settle(scope);
    return result;
  }

  protected settle(scope: TriggerScope): void {
    const child = this.children[0]!;
    if (!isDone(child, scope.cells)) return;
    this.layout.clear(child, scope.cells);
    child.start(scope);
  }
}

export class OnceNode extends CombinatorNode {
  protected signal(scope: TriggerScope, signal: Signal, value: unknown): TriggerResult {
    const result = this.send(this.children[0]!, scope, signal, value);
    if ((result & FIRE) !== 0) this.layout.end(this, scope.cells);
    else this.settle(scope);
    return result;
  }

  protected settle({ cells }: TriggerScope): void {
    if (isDone(this.children[0]!, cells)) this.layout.end(this, cells);
  }
}

export class PurgingNode extends CombinatorNode {
  protected signal(scope: TriggerScope, signal: Signal, value: unknown): TriggerResult {
    const result = this.send(this.children[0]!, scope, signal, value);
    this.settle(scope);
    return (result & FIRE) === 0 ? result : FIRE_AND_PURGE;
  }

  protected settle({ cells }: TriggerScope): void {
    if (isDone(this.children[0]!, cells)) this.layout.end(this, cells);
  }
}
