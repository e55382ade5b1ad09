import type { AccumulatorColumns, Aggregator, Batch, BinaryReader, BinaryWriter } from '@weir/model';
import { ExactSum } from './exact-sum.ts';
import { ExactTotals } from './exact-totals.ts';
import { grownFloats } from './grow.ts';
import { NumberColumn, numberOf, readsOf, selectorText } from './value-reader.ts';
import type { NumericField, Selector } from './value-reader.ts';

/** An exact sum and how many values are in it. */
export interface Mean {
  readonly total: ExactSum;
  values: number;
}

/** The arithmetic mean: the exact sum divided once. Nulls are passed over; null when there is none. */
export function average<T>(selector: NumericField<T> | ((row: T) => number | null)): Aggregator<T, Mean, number | null> {
  const chosen = selector as Selector<never, number | null>;
  const read = numberOf(chosen);
  return Object.freeze({
    kind: 'average',
    describe: `average(${selectorText(chosen)})`,
    ...readsOf(chosen),
    create: () => ({ total: new ExactSum(), values: 0 }),
    add: (mean: Mean, row: T) => {
      const value = read(row);
      if (Number.isNaN(value)) return mean;
      mean.total.add(value);
      mean.values++;
      return mean;
    },
    merge: (into: Mean, from: Mean) => {
      into.total.merge(from.total);
      into.values += from.values;
      return into;
    },
    retract: (into: Mean, from: Mean) => {
      into.total.retract(from.total);
      into.values -= from.values;
      return into;
    },
    finish: ({ total, values }: Mean) => (values === 0 ? null : total.value() / values),
    write: ({ total, values }: Mean, writer: BinaryWriter) => {
      writer.float64(values);
      total.write(writer);
    },
    read: (reader: BinaryReader) => {
      const values = reader.float64();
      return { total: ExactSum.read(reader), values };
    },
    columns: () => new AverageColumns(new NumberColumn(chosen)),
  });
}

class AverageColumns implements AccumulatorColumns<number | null> {
  readonly #column: NumberColumn;
  readonly #totals = new ExactTotals();
  #counts = new Float64Array(0);

  constructor(column: NumberColumn) {
    this.#column = column;
  }

  grow(capacity: number): void {
    this.#totals.grow(capacity);
    this.#counts = grownFloats(this.#counts, capacity);
  }

  reset(slot: number): void {
    this.#totals.reset(slot);
    this.#counts[slot] = 0;
  }

  addBatch(slots: Int32Array, batch: Batch): void {
    const values = this.#column.of(batch);
    const { rows, length } = batch;
    const counts = this.#counts;
    this.#totals.addAll(slots, values, rows, length);
    for (let i = 0; i < length; i++) {
      const slot = slots[i]!;
      const value = values[rows[i]!]!;
      if (slot >= 0 && value === value) counts[slot] = counts[slot]! + 1;
    }
  }

  merge(into: number, from: number): void {
    this.#totals.merge(into, from);
    this.#counts[into] = this.#counts[into]! + this.#counts[from]!;
  }

  retract(into: number, from: number): void {
    this.#totals.retract(into, from);
    this.#counts[into] = this.#counts[into]! - this.#counts[from]!;
  }

  finish(slot: number): number | null {
    const rows = this.#counts[slot]!;
    return rows === 0 ? null : this.#totals.value(slot) / rows;
  }

  write(slot: number, writer: BinaryWriter): void {
    writer.float64(this.#counts[slot]!);
    this.#totals.write(slot, writer);
  }

  read(slot: number, reader: BinaryReader): void {
    this.#counts[slot] = reader.float64();
    this.#totals.read(slot, reader);
  }
}
