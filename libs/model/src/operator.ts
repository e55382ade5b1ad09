import type { Batch } from './batch.ts';
import type { StateReader, StateWriter } from './binary.ts';
import type { OperatorRequests, RequestAnswer, RequestPolicy } from './request.ts';
import type { StateBackend } from './state.ts';
import type { Timestamp } from './timestamp.ts';
import type { Watermark } from './watermark.ts';
import type { Key } from './key.ts';
import type { KeySelector } from './state.ts';

/** Where an operator sends what it makes. Port 0 is the main output; the spec's `outputs` names the others. */
export interface Collector {
  emit(batch: Batch, port?: number): void;
}

/** How the rows of an input find the instance of an operator that takes them, where there are several. */
export type Distribution =
  /** They stay where they are. */
  | { readonly kind: 'forward' }
  /** Each goes to the instance that owns the key group of its key. */
  | { readonly kind: 'keyed'; readonly key: KeySelector }
  /** Every instance gets all of them. */
  | { readonly kind: 'broadcast' };

/** One input of an operator. */
export interface OperatorInput {
  /** E.g. `in`, `left`, `rules`; unique within the operator. */
  readonly name: string;
  readonly distribution: Distribution;
  /** The fields of its rows that the operator reads, when it names them all; absent when it holds a function, which may read any. */
  readonly reads?: readonly string[];
}

/** The inputs of an operator that has one, takes rows where they are and may read all of them. */
export const FORWARD_INPUT: readonly OperatorInput[] = Object.freeze([Object.freeze({ name: 'in', distribution: Object.freeze({ kind: 'forward' as const }) })]);

/** Rows of an input that leave by a port as they came, with the same fields and the same origin. */
export interface Passage {
  readonly input: number;
  readonly port: number;
}

/**
 * Told of every decision that the conservation books and `explain` need. All counts are of rows. What becomes of a row is told during
 * the `onBatch` that brought it, once: an operator that keeps it for later counts it.
 */
export interface OperatorObserver {
  /** Rows that entered the operator and left the stream by its own word (a filter's). */
  filtered(count: number): void;
  /** Rows that were taken: that entered at least one window, or the state of a join, a pattern or a table. */
  counted(count: number): void;
  /** Rows that no window took. */
  late(count: number): void;
  /** Refusals by windows: one for each window that was closed for good to a row that belongs into it, so several for one row. */
  refused?(count: number): void;
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
  /** Rows of one input, by its number in the spec's `inputs`. */
  onBatch(batch: Batch, out: Collector, input: number): void;
  /** W, the minimum over all inputs, advanced; never goes back. */
  onWatermark?(watermark: Watermark, out: Collector): void;
  /** Wall-clock time advanced; the only way in which it enters. */
  onTick?(now: Timestamp, out: Collector): void;
  /**
   * The watermark that is passed on, where rows that are still to come out may be older than the one that was received: a lower bound
   * of their times, at most the received one. Never goes back. Absent when the received one is passed on.
   */
  outputWatermark?(): Watermark;
  /** What it asks of the outside world. Present when the spec says how it `asks`. */
  readonly requests?: OperatorRequests;
  /** What came of requests that it asked; the only way in which the outside world enters. */
  onAnswers?(answers: readonly RequestAnswer[], out: Collector): void;
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
  /** At least one. */
  readonly inputs: readonly OperatorInput[];
  /** Names of the outputs; the first is the main one. */
  readonly outputs: readonly string[];
  /** True when the step needs a name from the user, because the name identifies its state. */
  readonly stateful: boolean;
  /** True when each row that enters leaves by exactly one port, or is told as filtered; otherwise the observer is told what became of it. */
  readonly conserves?: boolean;
  /** Which rows leave as they came. */
  readonly passes?: readonly Passage[];
  /** How its requests are asked; absent when it has none. */
  readonly asks?: RequestPolicy;
  describe(): OperatorDescription;
  create(context: OperatorContext, restored?: StateReader): Operator;
}
