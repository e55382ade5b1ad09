import type { Batch } from './batch.ts';
import type { StateReader, StateWriter } from './binary.ts';
import type { StateBackend } from './state.ts';
import type { Timestamp } from './timestamp.ts';
import type { Watermark } from './watermark.ts';
import type { Key } from './key.ts';

/** Where an operator sends what it makes. Port 0 is the main output; the spec's `outputs` names the others. */
export interface Collector {
  emit(batch: Batch, port?: number): void;
}

/** Told of every decision that the conservation books and `explain` need. All counts are of rows. */
export interface OperatorObserver {
  /** Rows that entered the operator and left the stream by its own word (a filter's). */
  filtered(count: number): void;
  /** Rows that entered at least one window. */
  counted(count: number): void;
  /** Rows that no window took. */
  late(count: number): void;
  /** One row refused by one window that was closed for good; `position` in `batch`. Called only when `wantsRejections`. */
  rejected(batch: Batch, position: number, key: Key, start: Timestamp, end: Timestamp): void;
  readonly wantsRejections: boolean;
}

export interface OperatorContext {
  readonly pipeline: string;
  /** The user's name of the step, or a generated place name for a stateless one. */
  readonly step: string;
  readonly state: StateBackend;
  readonly observer: OperatorObserver;
}

/**
 * The running half of an operator: synchronous, push-based, knows nothing of who is downstream. The runtime forwards a
 * watermark after `onWatermark` returned, so all that it makes due is emitted before it passes.
 */
export interface Operator {
  onBatch(batch: Batch, out: Collector): void;
  /** W advanced; never goes back. */
  onWatermark?(watermark: Watermark, out: Collector): void;
  /** Wall-clock time advanced; the only way in which it enters. */
  onTick?(now: Timestamp, out: Collector): void;
  /** Writes all state; called at a barrier. Absent when the operator has none. */
  snapshot?(writer: StateWriter): void;
}

/** One line of `describe()`. */
export interface OperatorDescription {
  readonly kind: string;
  /** Arguments as the user would spell them, e.g. `tumbling 1h, lateness 0, accumulating`. */
  readonly detail: string;
}

/** An operator as an immutable value; the logic is born from it. Built-in and user operators come through this one door. */
export interface OperatorSpec {
  readonly kind: string;
  /** Names of the outputs; the first is the main one. */
  readonly outputs: readonly string[];
  /** True when the step needs a name from the user, because the name identifies its state. */
  readonly stateful: boolean;
  /** The fields of its input rows that it reads, when it names them all; absent when it holds a function, which may read any. */
  readonly reads?: readonly string[];
  describe(): OperatorDescription;
  create(context: OperatorContext, restored?: StateReader): Operator;
}
