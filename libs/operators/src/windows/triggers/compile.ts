import type { CombinedTrigger, Trigger } from '../trigger.ts';
import { AndNode, OnceNode, OrNode, PurgingNode, RepeatNode, SequenceNode } from './combinator-nodes.ts';
import { LeafNode } from './leaf-node.ts';
import { CellLayout } from './trigger-node.ts';
import type { TriggerNode } from './trigger-node.ts';
import { WatermarkNode } from './watermark-node.ts';

/** Gives a trigger its place in the cells. */
export type Compile = (trigger: Trigger, layout: CellLayout) => TriggerNode;

const COMBINATORS = { or: OrNode, and: AndNode, repeat: RepeatNode, once: OnceNode, 'in-sequence': SequenceNode, purging: PurgingNode } as const satisfies Record<CombinedTrigger['kind'], unknown>;

const compile: Compile = (trigger, layout) => {
  if (trigger.kind === 'custom') return new LeafNode(trigger, layout);
  if (trigger.kind === 'after-watermark') return new WatermarkNode(trigger, layout, compile);
  return new COMBINATORS[trigger.kind](trigger, layout, compile);
};

/** A trigger that can run, and the cells that it needs for each window. */
export interface RunningTrigger {
  readonly root: TriggerNode;
  readonly layout: CellLayout;
}

export function runningTrigger(trigger: Trigger): RunningTrigger {
  const layout = new CellLayout();
  return { root: compile(trigger, layout), layout };
}
