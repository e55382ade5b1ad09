import type { AccumulatorColumns, Aggregator, Batch, BinaryReader, BinaryWriter } from '@weir/model';
import { WeirError } from '@weir/model';
import { productError } from './exact-product.ts';
import { ExactSum } from './exact-sum.ts';
import { ExactTotals } from './exact-totals.ts';
import { grownFloats } from './grow.ts';
import { optionError } from './option.ts';
import { NumberColumn, numberOf, readsOf, selectorText } from './value-reader.ts';
import type { NumericField, Selector } from './value-reader.ts';

/** `population` divides by the number of values, `sample` by one less. */
export type Deviation = 'population' | 'sample';

/** The largest magnitude of a value: beyond it the squares of many could overflow. */
const MOST = 2 ** 480;

/** How many values there are, their exact sum and the exact sum of their squares. */
export interface Moments {
  values: number;
  readonly sum: ExactSum;
  readonly squares: ExactSum;
}

/**
 * The variance; null when there are too few values (none, or one for `sample`). Sum, sum of squares
 * and their difference are exact, so neither order nor a large mean costs a digit (squares of values under 2^-485 are rounded at
 * 2^-1074). Nulls are passed over. Throws AGGREGATE_NOT_FINITE on a value beyond ±2^480.
 */
export function variance<T>(selector: NumericField<T> | ((row: T) => number | null), deviation: Deviation): Aggregator<T, Moments, number | null> {
  return moments('variance', selector as Selector<never, number | null>, deviation, (value) => value);
}

/** The square root of the variance, rounded once more; in the unit of the values. Otherwise like `variance`. */
export function standardDeviation<T>(selector: NumericField<T> | ((row: T) => number | null), deviation: Deviation): Aggregator<T, Moments, number | null> {
  return moments('standardDeviation', selector as Selector<never, number | null>, deviation, Math.sqrt);
}

function moments<T>(kind: string, chosen: Selector<never, number | null>, deviation: Deviation, shape: (variance: number) => number): Aggregator<T, Moments, number | null> {
  if (deviation !== 'population' && deviation !== 'sample') throw optionError(kind, 'deviation', deviation, "'population' or 'sample'");
  const read = numberOf(chosen);
  const fewer = deviation === 'sample' ? 1 : 0;
  const finish = (values: number, sum: ExactSum, squares: ExactSum): number | null => (values <= fewer ? null : shape(varianceOf(values, sum, squares, values * (values - fewer))));
  return Object.freeze({
    kind,
    describe: `${kind}(${selectorText(chosen)}, ${deviation})`,
    ...readsOf(chosen),
    create: (): Moments => ({ values: 0, sum: new ExactSum(), squares: new ExactSum() }),
    add: (held: Moments, row: T) => {
      const value = read(row);
      if (Number.isNaN(value)) return held;
      const square = squareOf(value);
      held.values++;
      held.sum.add(value);
      held.squares.add(square);
      const rest = productError(value, value, square);
      if (rest !== 0) held.squares.add(rest);
      return held;
    },
    merge: (into: Moments, from: Moments) => {
      into.values += from.values;
      into.sum.merge(from.sum);
      into.squares.merge(from.squares);
      return into;
    },
    retract: (into: Moments, from: Moments) => {
      into.values -= from.values;
      into.sum.retract(from.sum);
      into.squares.retract(from.squares);
      return into;
    },
    finish: ({ values, sum, squares }: Moments) => finish(values, sum, squares),
    write: ({ values, sum, squares }: Moments, writer: BinaryWriter) => {
      writer.float64(values);
      sum.write(writer);
      squares.write(writer);
    },
    read: (reader: BinaryReader): Moments => ({ values: reader.float64(), sum: ExactSum.read(reader), squares: ExactSum.read(reader) }),
    columns: () => new MomentColumns(new NumberColumn(chosen), finish),
  });
}

function squareOf(value: number): number {
  if (!(Math.abs(value) <= MOST)) {
    throw new WeirError('AGGREGATE_NOT_FINITE', `The square of ${value} is too large for a variance.`, { remedy: 'Filter such rows out, or map them to a smaller number.' });
  }
  return value * value;
}

/** (values x (sum of squares) - (sum)^2) / divisor, rounded as if once; never below 0. */
function varianceOf(values: number, sum: ExactSum, squares: ExactSum, divisor: number): number {
  const difference = new ExactSum();
  for (const part of squares.parts()) addProduct(difference, values, part);
  const parts = sum.parts();
  for (const a of parts) for (const b of parts) addProduct(difference, -a, b);
  const quotient = difference.value() / divisor;
  // What the two roundings took is still known exactly.
  addProduct(difference, -quotient, divisor);
  return Math.max(0, quotient + difference.value() / divisor);
}

function addProduct(into: ExactSum, a: number, b: number): void {
  const product = a * b;
  into.add(product);
  const rest = productError(a, b, product);
  if (rest !== 0) into.add(rest);
}

class MomentColumns implements AccumulatorColumns<number | null> {
  readonly #column: NumberColumn;
  readonly #finish: (values: number, sum: ExactSum, squares: ExactSum) => number | null;
  #values = new Float64Array(0);
  readonly #sums = new ExactTotals();
  readonly #squares = new ExactTotals();

  constructor(column: NumberColumn, finish: (values: number, sum: ExactSum, squares: ExactSum) => number | null) {
    this.#column = column;
    this.#finish = finish;
  }

  grow(capacity: number): void {
    this.#values = grownFloats(this.#values, capacity);
    this.#sums.grow(capacity);
    this.#squares.grow(capacity);
  }

  reset(slot: number): void {
    this.#values[slot] = 0;
    this.#sums.reset(slot);
    this.#squares.reset(slot);
  }

  addBatch(slots: Int32Array, batch: Batch): void {
    const values = this.#column.of(batch);
    const { rows, length } = batch;
    for (let i = 0; i < length; i++) {
      const slot = slots[i]!;
      const value = values[rows[i]!]!;
      if (slot < 0 || value !== value) continue;
      const square = squareOf(value);
      this.#values[slot] = this.#values[slot]! + 1;
      this.#sums.add(slot, value);
      this.#squares.add(slot, square);
      const rest = productError(value, value, square);
      if (rest !== 0) this.#squares.add(slot, rest);
    }
  }

  merge(into: number, from: number): void {
    this.#values[into] = this.#values[into]! + this.#values[from]!;
    this.#sums.merge(into, from);
    this.#squares.merge(into, from);
  }

  retract(into: number, from: number): void {
    this.#values[into] = this.#values[into]! - this.#values[from]!;
    this.#sums.retract(into, from);
    this.#squares.retract(into, from);
  }

  finish(slot: number): number | null {
    return this.#finish(this.#values[slot]!, this.#sums.view(slot), this.#squares.view(slot));
  }

  write(slot: number, writer: BinaryWriter): void {
    writer.float64(this.#values[slot]!);
    this.#sums.write(slot, writer);
    this.#squares.write(slot, writer);
  }

  read(slot: number, reader: BinaryReader): void {
    this.#values[slot] = reader.float64();
    this.#sums.read(slot, reader);
    this.#squares.read(slot, reader);
  }
}
