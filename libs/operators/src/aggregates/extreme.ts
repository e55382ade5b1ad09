import type { AccumulatorColumns, Aggregator, Batch, BinaryReader, BinaryWriter } from '@weir/model';
import { grownFloats } from './grow.ts';
import { NumberColumn, numberOf, readsOf, selectorText } from './value-reader.ts';
import type { NumericField, Selector } from './value-reader.ts';

/** The smallest value; nulls are passed over; null when there is none. */
export function min<T>(selector: NumericField<T> | ((row: T) => number | null)): Aggregator<T, number, number | null> {
  return extreme('min', selector as Selector<never, number | null>, 1);
}

/** The largest value; nulls are passed over; null when there is none. */
export function max<T>(selector: NumericField<T> | ((row: T) => number | null)): Aggregator<T, number, number | null> {
  return extreme('max', selector as Selector<never, number | null>, -1);
}

/** NaN stands for "no value yet". `sign` 1 keeps the least, -1 the greatest. */
function extreme<T>(kind: string, selector: Selector<never, number | null>, sign: 1 | -1): Aggregator<T, number, number | null> {
  const read = numberOf(selector);
  // + 0, because -0 and 0 are equal, and which of them came first must not show.
  const better = (held: number, value: number): number => (Number.isNaN(held) || sign * value < sign * held ? value + 0 : held);
  return Object.freeze({
    kind,
    describe: `${kind}(${selectorText(selector)})`,
    ...readsOf(selector),
    create: () => Number.NaN,
    add: (held: number, row: T) => {
      const value = read(row);
      return Number.isNaN(value) ? held : better(held, value);
    },
    merge: (into: number, from: number) => (Number.isNaN(from) ? into : better(into, from)),
    finish: (held: number) => (Number.isNaN(held) ? null : held),
    write: (held: number, writer: BinaryWriter) => writer.float64(held),
    read: (reader: BinaryReader) => reader.float64(),
    columns: () => new ExtremeColumns(new NumberColumn(selector), sign),
  });
}

class ExtremeColumns implements AccumulatorColumns<number | null> {
  readonly #column: NumberColumn;
  readonly #sign: 1 | -1;
  #held = new Float64Array(0);

  constructor(column: NumberColumn, sign: 1 | -1) {
    this.#column = column;
    this.#sign = sign;
  }

  grow(capacity: number): void {
    this.#held = grownFloats(this.#held, capacity);
  }

  reset(slot: number): void {
    this.#held[slot] = Number.NaN;
  }

  addBatch(slots: Int32Array, batch: Batch): void {
    const values = this.#column.of(batch);
    const rows = batch.rows;
    for (let i = 0, length = batch.length; i < length; i++) {
      const slot = slots[i]!;
      if (slot >= 0) this.#offer(slot, values[rows[i]!]!);
    }
  }

  merge(into: number, from: number): void {
    this.#offer(into, this.#held[from]!);
  }

  finish(slot: number): number | null {
    const held = this.#held[slot]!;
    return Number.isNaN(held) ? null : held;
  }

  write(slot: number, writer: BinaryWriter): void {
    writer.float64(this.#held[slot]!);
  }

  read(slot: number, reader: BinaryReader): void {
    this.#held[slot] = reader.float64();
  }

  #offer(slot: number, value: number): void {
    const held = this.#held[slot]!;
    // A value that is NaN is null and never better; anything is better than a NaN that is held.
    if (this.#sign * value < this.#sign * held || (held !== held && value === value)) this.#held[slot] = value + 0;
  }
}
