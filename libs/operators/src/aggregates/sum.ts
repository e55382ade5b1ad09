import type { AccumulatorColumns, Aggregator, Batch, BinaryReader, BinaryWriter } from '@weir/model';
import { ExactSum } from './exact-sum.ts';
import { grownFloats } from './grow.ts';
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

/** Plain sums in a Float64Array while that is exact; NaN sends a slot to its ExactSum. */
export class SumColumns implements AccumulatorColumns<number> {
  readonly #column: NumberColumn;
  #plain = new Float64Array(0);
  readonly #exact = new Map<number, ExactSum>();

  constructor(column: NumberColumn) {
    this.#column = column;
  }

  grow(capacity: number): void {
    this.#plain = grownFloats(this.#plain, capacity);
  }

  reset(slot: number): void {
    this.#plain[slot] = 0;
    if (this.#exact.size > 0) this.#exact.delete(slot);
  }

  addBatch(slots: Int32Array, batch: Batch): void {
    const values = this.#column.of(batch);
    const rows = batch.rows;
    const plain = this.#plain;
    for (let i = 0, length = batch.length; i < length; i++) {
      const slot = slots[i]!;
      if (slot < 0) continue;
      const value = values[rows[i]!]!;
      const total = plain[slot]! + value;
      if (Math.floor(value) === value && total <= Number.MAX_SAFE_INTEGER && total >= Number.MIN_SAFE_INTEGER) plain[slot] = total;
      else if (value === value) this.#addExactly(slot, value);
    }
  }

  merge(into: number, from: number): void {
    const total = this.#plain[into]! + this.#plain[from]!;
    if (total <= Number.MAX_SAFE_INTEGER && total >= Number.MIN_SAFE_INTEGER) this.#plain[into] = total;
    else this.#exactly(into).merge(this.#view(from));
  }

  retract(into: number, from: number): void {
    const total = this.#plain[into]! - this.#plain[from]!;
    if (total <= Number.MAX_SAFE_INTEGER && total >= Number.MIN_SAFE_INTEGER) this.#plain[into] = total;
    else this.#exactly(into).retract(this.#view(from));
  }

  finish(slot: number): number {
    return this.#exact.get(slot)?.value() ?? this.#plain[slot]!;
  }

  write(slot: number, writer: BinaryWriter): void {
    this.#view(slot).write(writer);
  }

  read(slot: number, reader: BinaryReader): void {
    const sum = ExactSum.read(reader);
    if (!sum.isPlain) this.#exact.set(slot, sum);
    this.#plain[slot] = sum.isPlain ? sum.value() : Number.NaN;
  }

  #addExactly(slot: number, value: number): void {
    this.#exactly(slot).add(value);
  }

  /** The slot's ExactSum, which from now on holds its sum. */
  #exactly(slot: number): ExactSum {
    let exact = this.#exact.get(slot);
    if (exact === undefined) {
      exact = this.#view(slot);
      this.#exact.set(slot, exact);
      this.#plain[slot] = Number.NaN;
    }
    return exact;
  }

  #view(slot: number): ExactSum {
    const exact = this.#exact.get(slot);
    if (exact !== undefined) return exact;
    const plain = new ExactSum();
    plain.add(this.#plain[slot]!);
    return plain;
  }
}
