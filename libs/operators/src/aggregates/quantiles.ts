import type { AccumulatorColumns, Aggregator, Batch, BinaryReader, BinaryWriter } from '@weir/model';
import { DDSketch } from './dd-sketch.ts';
import { LogScale } from './log-scale.ts';
import { checkBetween, checkWhole, optionError } from './option.ts';
import { NumberColumn, numberOf, readsOf, selectorText } from './value-reader.ts';
import type { NumericField, Selector } from './value-reader.ts';

const DEFAULT_ACCURACY = 0.01;
const DEFAULT_BINS = 2_048;
const MOST_BINS = 1_000_000;

export interface QuantilesOptions {
  /** Which quantiles, each from 0 (the least value) to 1 (the greatest), both inclusive. */
  readonly at: readonly number[];
  /** How far a result may be from the value it stands for, relative to that value: above 0.0001, below 0.5; default 0.01. */
  readonly accuracy?: number;
  /**
   * The most bins for either sign, at least 16; default 2048, which at 1 % spans 17 orders of magnitude: when the values span more,
   * those nearest to 0 lose the accuracy. `unbounded` keeps every bin, which lets rows be taken back, for up to 2 MB at 1 %.
   */
  readonly bins?: number | 'unbounded';
}

/**
 * About the values at some quantiles, in the order of `at`; null when there are no values. The value at q of n is the one of rank
 * floor(q x (n - 1)), and the result is within `accuracy` of it. Nulls are passed over; values under 2^-1022 count as 0. Throws
 * AGGREGATE_OPTION, and AGGREGATE_NOT_FINITE on an infinity.
 */
export function quantiles<T>(
  selector: NumericField<T> | ((row: T) => number | null),
  { at, accuracy = DEFAULT_ACCURACY, bins = DEFAULT_BINS }: QuantilesOptions,
): Aggregator<T, DDSketch, readonly number[] | null> {
  checkBetween('quantiles', 'accuracy', accuracy, 0.0001, 0.5);
  if (bins !== 'unbounded') checkWhole('quantiles', 'bins', bins, 16, MOST_BINS);
  const wanted = [...at];
  if (wanted.length === 0 || !wanted.every((q) => q >= 0 && q <= 1)) throw optionError('quantiles', 'at', `[${wanted.join(', ')}]`, 'numbers from 0 to 1, at least one');
  const chosen = selector as Selector<never, number | null>;
  const limit = bins === 'unbounded' ? Number.POSITIVE_INFINITY : bins;
  const scale = new LogScale(accuracy);
  const read = numberOf(chosen);
  const finish = (sketch: DDSketch): readonly number[] | null => {
    const values = wanted.map((q) => sketch.quantile(q));
    return values[0] === null ? null : (values as number[]);
  };
  const restore = (reader: BinaryReader): DDSketch => DDSketch.read(reader, scale, limit);
  const create = (): DDSketch => new DDSketch(scale, limit);
  // Once bins have been collapsed, nobody knows any more which of them a value came from.
  const retract = bins === 'unbounded' ? (into: DDSketch, from: DDSketch) => (into.combine(from, -1), into) : undefined;
  return Object.freeze({
    kind: 'quantiles',
    describe: `quantiles(${selectorText(chosen)} at ${wanted.join(', ')}, within ${accuracy * 100} %)`,
    ...readsOf(chosen),
    create,
    add: (sketch: DDSketch, row: T) => {
      const value = read(row);
      if (!Number.isNaN(value)) sketch.add(value);
      return sketch;
    },
    merge: (into: DDSketch, from: DDSketch) => (into.combine(from, 1), into),
    ...(retract === undefined ? {} : { retract }),
    finish,
    write: (sketch: DDSketch, writer: BinaryWriter) => sketch.write(writer),
    read: restore,
    columns: () => new QuantileColumns({ column: new NumberColumn(chosen), create, restore, finish, retracts: retract !== undefined }),
  });
}

interface Parts {
  readonly column: NumberColumn;
  readonly create: () => DDSketch;
  readonly restore: (reader: BinaryReader) => DDSketch;
  readonly finish: (sketch: DDSketch) => readonly number[] | null;
  readonly retracts: boolean;
}

/** One sketch for each slot; what it saves is the row object, as values are read from the column. */
class QuantileColumns implements AccumulatorColumns<readonly number[] | null> {
  readonly #parts: Parts;
  readonly #sketches: DDSketch[] = [];
  readonly retract?: (into: number, from: number) => void;

  constructor(parts: Parts) {
    this.#parts = parts;
    if (parts.retracts) this.retract = (into, from) => this.#sketches[into]!.combine(this.#sketches[from]!, -1);
  }

  grow(): void {}

  reset(slot: number): void {
    this.#sketches[slot] = this.#parts.create();
  }

  addBatch(slots: Int32Array, batch: Batch): void {
    const values = this.#parts.column.of(batch);
    const { rows, length } = batch;
    for (let i = 0; i < length; i++) {
      const slot = slots[i]!;
      const value = values[rows[i]!]!;
      if (slot >= 0 && value === value) this.#sketches[slot]!.add(value);
    }
  }

  merge(into: number, from: number): void {
    this.#sketches[into]!.combine(this.#sketches[from]!, 1);
  }

  finish(slot: number): readonly number[] | null {
    return this.#parts.finish(this.#sketches[slot]!);
  }

  write(slot: number, writer: BinaryWriter): void {
    this.#sketches[slot]!.write(writer);
  }

  read(slot: number, reader: BinaryReader): void {
    this.#sketches[slot] = this.#parts.restore(reader);
  }
}
