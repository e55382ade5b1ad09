import type { AccumulatorColumns, Aggregator, Batch, BinaryReader, BinaryWriter } from '@weir/model';
import { ExactSum } from './exact-sum.ts';
import { ExactTotals } from './exact-totals.ts';
import { NumberColumn, numberOf, readsOf, selectorText } from './value-reader.ts';
import type { NumericField, Selector } from './value-reader.ts';

/**
 * The sum of a field, or of what a pure function returns: exact, so the order of rows does not change it. Nulls are passed over;
 * the sum of none is 0. Throws AGGREGATE_NOT_FINITE on infinities.
 */
export function sum<T>(selector: NumericField<T> | ((row: T) => number | null)): Aggregator<T, ExactSum, number> {
  const chosen = selector as Selector<never, number | null>;
  const read = numberOf(chosen);
  return Object.freeze({
    kind: 'sum',
    describe: `sum(${selectorText(chosen)})`,
    ...readsOf(chosen),
    create: () => new ExactSum(),
    add: (total: ExactSum, row: T) => {
      const value = read(row);
      if (!Number.isNaN(value)) total.add(value);
      return total;
    },
    merge: (into: ExactSum, from: ExactSum) => (into.merge(from), into),
    retract: (into: ExactSum, from: ExactSum) => (into.retract(from), into),
    finish: (total: ExactSum) => total.value(),
    write: (total: ExactSum, writer: BinaryWriter) => total.write(writer),
    read: (reader: BinaryReader) => ExactSum.read(reader),
    columns: () => new SumColumns(new NumberColumn(chosen)),
  });
}

class SumColumns implements AccumulatorColumns<number> {
  readonly #column: NumberColumn;
  readonly #totals = new ExactTotals();

  constructor(column: NumberColumn) {
    this.#column = column;
  }

  grow(capacity: number): void {
    this.#totals.grow(capacity);
  }

  reset(slot: number): void {
    this.#totals.reset(slot);
  }

  addBatch(slots: Int32Array, batch: Batch): void {
    this.#totals.addAll(slots, this.#column.of(batch), batch.rows, batch.length);
  }

  merge(into: number, from: number): void {
    this.#totals.merge(into, from);
  }

  retract(into: number, from: number): void {
    this.#totals.retract(into, from);
  }

  finish(slot: number): number {
    return this.#totals.value(slot);
  }

  write(slot: number, writer: BinaryWriter): void {
    this.#totals.write(slot, writer);
  }

  read(slot: number, reader: BinaryReader): void {
    this.#totals.read(slot, reader);
  }
}
