import type { AccumulatorColumns, Aggregator, Batch, BinaryReader, BinaryWriter } from '@weir/model';
import { ObjectColumns } from './object-columns.ts';

/** The aggregates of one step, side by side over the same slots. */
export class AggregateSet {
  readonly #names: readonly string[];
  readonly #columns: readonly AccumulatorColumns[];
  /** True when rows can be taken out of every aggregate again. */
  readonly retractable: boolean;

  constructor(aggregators: Readonly<Record<string, Aggregator>>) {
    this.#names = Object.keys(aggregators);
    this.#columns = Object.values(aggregators).map((aggregator) => aggregator.columns?.() ?? new ObjectColumns(aggregator));
    this.retractable = this.#columns.every((columns) => columns.retract !== undefined);
  }

  grow(capacity: number): void {
    for (const columns of this.#columns) columns.grow(capacity);
  }

  reset(slot: number): void {
    for (const columns of this.#columns) columns.reset(slot);
  }

  addBatch(slots: Int32Array, batch: Batch): void {
    for (const columns of this.#columns) columns.addBatch(slots, batch);
  }

  merge(into: number, from: number): void {
    for (const columns of this.#columns) columns.merge(into, from);
  }

  retract(into: number, from: number): void {
    for (const columns of this.#columns) columns.retract!(into, from);
  }

  /** The value of a result: one property for each aggregate, always in the same order. */
  finish(slot: number): Readonly<Record<string, unknown>> {
    const value: Record<string, unknown> = {};
    for (let i = 0; i < this.#names.length; i++) value[this.#names[i]!] = this.#columns[i]!.finish(slot);
    return value;
  }

  write(slot: number, writer: BinaryWriter): void {
    for (const columns of this.#columns) columns.write(slot, writer);
  }

  read(slot: number, reader: BinaryReader): void {
    for (const columns of this.#columns) columns.read(slot, reader);
  }
}
