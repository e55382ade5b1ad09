import type { AccumulatorColumns, Aggregator, BinaryReader, BinaryWriter } from '@weir/model';
import { grownFloats } from './grow.ts';

/** How many rows there are. */
export function count<T>(): Aggregator<T, number, number> {
  return Object.freeze({
    kind: 'count',
    describe: 'count()',
    reads: [],
    create: () => 0,
    add: (rows: number) => rows + 1,
    merge: (into: number, from: number) => into + from,
    retract: (into: number, from: number) => into - from,
    finish: (rows: number) => rows,
    write: (rows: number, writer: BinaryWriter) => writer.float64(rows),
    read: (reader: BinaryReader) => reader.float64(),
    columns: () => new CountColumns(),
  });
}

class CountColumns implements AccumulatorColumns<number> {
  #counts = new Float64Array(0);

  grow(capacity: number): void {
    this.#counts = grownFloats(this.#counts, capacity);
  }

  reset(slot: number): void {
    this.#counts[slot] = 0;
  }

  addBatch(slots: Int32Array, batch: { readonly length: number }): void {
    const counts = this.#counts;
    for (let i = 0, length = batch.length; i < length; i++) {
      const slot = slots[i]!;
      if (slot >= 0) counts[slot] = counts[slot]! + 1;
    }
  }

  merge(into: number, from: number): void {
    this.#counts[into] = this.#counts[into]! + this.#counts[from]!;
  }

  retract(into: number, from: number): void {
    this.#counts[into] = this.#counts[into]! - this.#counts[from]!;
  }

  finish(slot: number): number {
    return this.#counts[slot]!;
  }

  write(slot: number, writer: BinaryWriter): void {
    writer.float64(this.#counts[slot]!);
  }

  read(slot: number, reader: BinaryReader): void {
    this.#counts[slot] = reader.float64();
  }
}
