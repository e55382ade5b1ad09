import type { AccumulatorColumns, Aggregator, Batch, BinaryReader, BinaryWriter } from '@weir/model';
import { checkWhole, optionError } from './option.ts';
import { grownFloats } from './grow.ts';
import { NumberColumn, numberOf, readsOf, selectorText } from './value-reader.ts';
import type { NumericField, Selector } from './value-reader.ts';

const MOST_BINS = 10_000;

/** Ascending bounds of bins, at least two; or as many bins of equal width between two bounds. */
export type Bins = { readonly bounds: readonly number[] } | { readonly from: number; readonly to: number; readonly bins: number };

/** How many values lie in [from, to). */
export interface Bin {
  readonly from: number;
  readonly to: number;
  readonly count: number;
}

/** How the values are spread. */
export interface Histogram {
  /** Values before the first bin. */
  readonly below: number;
  readonly bins: readonly Bin[];
  /** Values at or after the end of the last bin. */
  readonly above: number;
}

/**
 * Counts values by bin, each from its lower bound (inclusive) to its upper one (exclusive); none is lost, as those outside are counted
 * below and above. Nulls are passed over. Throws AGGREGATE_OPTION.
 */
export function histogram<T>(selector: NumericField<T> | ((row: T) => number | null), bins: Bins): Aggregator<T, Float64Array, Histogram> {
  const chosen = selector as Selector<never, number | null>;
  const bounds = boundsOf(bins);
  const read = numberOf(chosen);
  // One count below, one for each bin, one above.
  const places = bounds.length + 1;
  return Object.freeze({
    kind: 'histogram',
    describe: `histogram(${selectorText(chosen)}, ${places - 2} bins from ${bounds[0]} to ${bounds.at(-1)})`,
    ...readsOf(chosen),
    create: () => new Float64Array(places),
    add: (counts: Float64Array, row: T) => {
      const value = read(row);
      if (Number.isNaN(value)) return counts;
      const place = placeOf(bounds, value);
      counts[place] = counts[place]! + 1;
      return counts;
    },
    merge: (into: Float64Array, from: Float64Array) => {
      for (let place = 0; place < places; place++) into[place] = into[place]! + from[place]!;
      return into;
    },
    retract: (into: Float64Array, from: Float64Array) => {
      for (let place = 0; place < places; place++) into[place] = into[place]! - from[place]!;
      return into;
    },
    finish: (counts: Float64Array) => histogramOf(bounds, counts),
    write: (counts: Float64Array, writer: BinaryWriter) => {
      for (const each of counts) writer.float64(each);
    },
    read: (reader: BinaryReader) => Float64Array.from({ length: places }, () => reader.float64()),
    columns: () => new HistogramColumns(new NumberColumn(chosen), bounds),
  });
}

function boundsOf(bins: Bins): Float64Array {
  if ('bounds' in bins) {
    const { bounds } = bins;
    const isAscending = bounds.every((bound, index) => Number.isFinite(bound) && (index === 0 || bound > bounds[index - 1]!));
    if (!isAscending || bounds.length < 2 || bounds.length > MOST_BINS) {
      throw optionError('histogram', 'bounds', `[${bounds.join(', ')}]`, `2 to ${MOST_BINS} finite numbers, each larger than the one before`);
    }
    return Float64Array.from(bounds);
  }
  const { from, to } = bins;
  checkWhole('histogram', 'bins', bins.bins, 1, MOST_BINS);
  if (!(Number.isFinite(to - from) && from < to)) throw optionError('histogram', 'from', from, `finite numbers with 'from' below 'to'`);
  const bounds = Float64Array.from({ length: bins.bins + 1 }, (_, index) => (index === bins.bins ? to : from + ((to - from) * index) / bins.bins));
  if (bounds.some((bound, index) => index > 0 && bound <= bounds[index - 1]!)) throw optionError('histogram', 'bins', bins.bins, 'fewer bins: these are too narrow for a double');
  return bounds;
}

/** How many bounds are at or below the value: 0 is below, the number of bounds is above. O(log bins). */
function placeOf(bounds: Float64Array, value: number): number {
  let low = 0;
  let high = bounds.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (bounds[middle]! <= value) low = middle + 1;
    else high = middle;
  }
  return low;
}

function histogramOf(bounds: Float64Array, counts: Float64Array): Histogram {
  const bins = Array.from({ length: bounds.length - 1 }, (_, index) => ({ from: bounds[index]!, to: bounds[index + 1]!, count: counts[index + 1]! }));
  return { below: counts[0]!, bins, above: counts[bounds.length]! };
}

class HistogramColumns implements AccumulatorColumns<Histogram> {
  readonly #column: NumberColumn;
  readonly #bounds: Float64Array;
  readonly #places: number;
  #counts = new Float64Array(0);

  constructor(column: NumberColumn, bounds: Float64Array) {
    this.#column = column;
    this.#bounds = bounds;
    this.#places = bounds.length + 1;
  }

  grow(capacity: number): void {
    this.#counts = grownFloats(this.#counts, capacity * this.#places);
  }

  reset(slot: number): void {
    this.#counts.fill(0, slot * this.#places, (slot + 1) * this.#places);
  }

  addBatch(slots: Int32Array, batch: Batch): void {
    const values = this.#column.of(batch);
    const { rows, length } = batch;
    const counts = this.#counts;
    for (let i = 0; i < length; i++) {
      const slot = slots[i]!;
      const value = values[rows[i]!]!;
      if (slot < 0 || value !== value) continue;
      const place = slot * this.#places + placeOf(this.#bounds, value);
      counts[place] = counts[place]! + 1;
    }
  }

  merge(into: number, from: number): void {
    const counts = this.#counts;
    const [a, b] = [into * this.#places, from * this.#places];
    for (let place = 0; place < this.#places; place++) counts[a + place] = counts[a + place]! + counts[b + place]!;
  }

  retract(into: number, from: number): void {
    const counts = this.#counts;
    const [a, b] = [into * this.#places, from * this.#places];
    for (let place = 0; place < this.#places; place++) counts[a + place] = counts[a + place]! - counts[b + place]!;
  }

  finish(slot: number): Histogram {
    return histogramOf(this.#bounds, this.#of(slot));
  }

  write(slot: number, writer: BinaryWriter): void {
    for (const each of this.#of(slot)) writer.float64(each);
  }

  read(slot: number, reader: BinaryReader): void {
    const counts = this.#of(slot);
    for (let place = 0; place < this.#places; place++) counts[place] = reader.float64();
  }

  #of(slot: number): Float64Array {
    return this.#counts.subarray(slot * this.#places, (slot + 1) * this.#places);
  }
}
