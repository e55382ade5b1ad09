import type { Batch } from './batch.ts';
import type { BinaryReader, BinaryWriter } from './binary.ts';

/**
 * One aggregate as a value. Laws, tested for each: merge is associative and has `create()` as its identity;
 * add(a, x) equals merge(a, add(create(), x)); retract, if there, undoes merge. The order of rows never changes `finish`.
 * `A` may be mutated in place: add and merge return the accumulator to keep.
 */
export interface Aggregator<In = never, A = unknown, Out = unknown> {
  readonly kind: string;
  /** What describe() and explain() print, e.g. `sum(cents)`. */
  readonly describe: string;
  /** The fields of a row that it reads, when it names them all; absent when it holds a function, which may read any. */
  readonly reads?: readonly string[];
  create(): A;
  add(accumulator: A, row: In): A;
  merge(into: A, from: A): A;
  /** Takes `from` out of `into`, where `from` was merged before. */
  retract?(into: A, from: A): A;
  /** A value of its own, that later calls do not change. */
  finish(accumulator: A): Out;
  write(accumulator: A, writer: BinaryWriter): void;
  read(reader: BinaryReader): A;
  /** Typed-array accumulators for the hot path; without it the engine keeps `A` objects. Must give the same results. */
  columns?(): AccumulatorColumns<Out>;
}

/** Accumulators of one aggregate, indexed by slot. A slot holds garbage until `reset`. */
export interface AccumulatorColumns<Out = unknown> {
  /** Makes room for slots < capacity; keeps what is there. */
  grow(capacity: number): void;
  reset(slot: number): void;
  /** Adds row i of the batch to slots[i], for i in [0, batch.length); slots[i] = -1 means skip. */
  addBatch(slots: Int32Array, batch: Batch): void;
  merge(into: number, from: number): void;
  retract?(into: number, from: number): void;
  finish(slot: number): Out;
  write(slot: number, writer: BinaryWriter): void;
  read(slot: number, reader: BinaryReader): void;
}

/** What an aggregator's `finish` returns. */
export type AggregatorResult<G> = G extends Aggregator<never, infer _A, infer Out> ? Out : never;
