import type { AccumulatorColumns, Aggregator, Batch, BinaryReader, BinaryWriter, Dictionary } from '@weir/model';
import { Hash64 } from './hash64.ts';
import { HyperLogLog } from './hyper-log-log.ts';
import { checkWhole } from './option.ts';
import { readsOf, selectorText, valueOf } from './value-reader.ts';
import type { Selector, ValueField } from './value-reader.ts';

const DEFAULT_PRECISION = 14;
const LEAST_PRECISION = 4;
const MOST_PRECISION = 18;

export interface DistinctApproximateOptions {
  /** 4 to 18, default 14: at most about 2^precision bytes, and a standard error of 1.04 / sqrt(2^precision), 0.81 % for 14. */
  readonly precision?: number;
}

/**
 * About how many distinct values there are, in bounded memory: HyperLogLog++ of 64-bit hashes, nearly exact while the values are few.
 * Nulls and NaN are passed over; the number 1 and the text '1' are two values. Throws AGGREGATE_OPTION.
 */
export function distinctApproximate<T>(
  selector: ValueField<T> | ((row: T) => string | number | null),
  { precision = DEFAULT_PRECISION }: DistinctApproximateOptions = {},
): Aggregator<T, HyperLogLog, number> {
  checkWhole('distinctApproximate', 'precision', precision, LEAST_PRECISION, MOST_PRECISION);
  const chosen = selector as Selector<never, string | number | null>;
  const read = valueOf(chosen);
  const hash = new Hash64();
  const add = (sketch: HyperLogLog, row: unknown): HyperLogLog => {
    const value = read(row);
    if (value === null || Number.isNaN(value)) return sketch;
    hash.of(value);
    sketch.add(hash.high, hash.low);
    return sketch;
  };
  return Object.freeze({
    kind: 'distinct-approximate',
    describe: `distinctApproximate(${selectorText(chosen)}, precision ${precision})`,
    ...readsOf(chosen),
    create: () => new HyperLogLog(precision),
    add,
    merge: (into: HyperLogLog, from: HyperLogLog) => (into.merge(from), into),
    finish: (sketch: HyperLogLog) => sketch.estimate(),
    write: (sketch: HyperLogLog, writer: BinaryWriter) => sketch.write(writer),
    read: (reader: BinaryReader) => HyperLogLog.read(reader, precision),
    columns: () => new SketchColumns(typeof chosen === 'string' ? chosen : undefined, add, precision),
  });
}

/** Texts are hashed once for each entry of a dictionary, not once for each row. */
class SketchColumns implements AccumulatorColumns<number> {
  readonly #field: string | undefined;
  readonly #add: (sketch: HyperLogLog, row: unknown) => HyperLogLog;
  readonly #precision: number;
  readonly #sketches: HyperLogLog[] = [];
  readonly #hash = new Hash64();
  #dictionary: Dictionary | undefined;
  /** By id of the dictionary, the two halves of the hash. */
  #hashes = new Uint32Array(0);
  #hashed = 0;

  constructor(field: string | undefined, add: (sketch: HyperLogLog, row: unknown) => HyperLogLog, precision: number) {
    this.#field = field;
    this.#add = add;
    this.#precision = precision;
  }

  grow(): void {}

  reset(slot: number): void {
    this.#sketches[slot] = new HyperLogLog(this.#precision);
  }

  addBatch(slots: Int32Array, batch: Batch): void {
    const { rows, length } = batch;
    // Rows of a log lie in typed columns; others are objects, whose columns would have to be made first.
    const kind = this.#field === undefined || batch.origin === undefined ? undefined : batch.kindOf(this.#field);
    if (kind === 'string') this.#addTexts(slots, batch, this.#field!);
    else if (kind === 'number') this.#addNumbers(slots, batch, this.#field!);
    else {
      for (let i = 0; i < length; i++) if (slots[i]! >= 0) this.#add(this.#sketches[slots[i]!]!, batch.at(rows[i]!));
    }
  }

  merge(into: number, from: number): void {
    this.#sketches[into]!.merge(this.#sketches[from]!);
  }

  finish(slot: number): number {
    return this.#sketches[slot]!.estimate();
  }

  write(slot: number, writer: BinaryWriter): void {
    this.#sketches[slot]!.write(writer);
  }

  read(slot: number, reader: BinaryReader): void {
    this.#sketches[slot] = HyperLogLog.read(reader, this.#precision);
  }

  #addTexts(slots: Int32Array, batch: Batch, field: string): void {
    const { ids, dictionary } = batch.symbols(field);
    this.#hashTexts(dictionary);
    for (let i = 0; i < batch.length; i++) {
      const slot = slots[i]!;
      const id = ids[batch.rows[i]!]!;
      if (slot >= 0 && id >= 0) this.#sketches[slot]!.add(this.#hashes[id * 2]!, this.#hashes[id * 2 + 1]!);
    }
  }

  #addNumbers(slots: Int32Array, batch: Batch, field: string): void {
    const values = batch.numbers(field);
    const hash = this.#hash;
    for (let i = 0; i < batch.length; i++) {
      const slot = slots[i]!;
      const value = values[batch.rows[i]!]!;
      if (slot < 0 || value !== value) continue;
      hash.ofNumber(value);
      this.#sketches[slot]!.add(hash.high, hash.low);
    }
  }

  #hashTexts(dictionary: Dictionary): void {
    if (this.#dictionary !== dictionary) {
      this.#dictionary = dictionary;
      this.#hashed = 0;
    }
    const { size } = dictionary;
    if (this.#hashes.length < size * 2) {
      const grown = new Uint32Array(size * 4);
      grown.set(this.#hashes);
      this.#hashes = grown;
    }
    for (; this.#hashed < size; this.#hashed++) {
      this.#hash.ofText(dictionary.text(this.#hashed));
      this.#hashes[this.#hashed * 2] = this.#hash.high;
      this.#hashes[this.#hashed * 2 + 1] = this.#hash.low;
    }
  }
}
