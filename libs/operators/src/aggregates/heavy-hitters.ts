import type { Aggregator, BinaryReader, BinaryWriter } from '@weir/model';
import { CountMin } from './count-min.ts';
import { compareKept } from './kept-value.ts';
import { MisraGries } from './misra-gries.ts';
import { checkBetween } from './option.ts';
import { readsOf, selectorText, valueOf } from './value-reader.ts';
import type { Selector, ValueField } from './value-reader.ts';

const DEPTH = 5;
/** Counters of a row of the Count-Min sketch for each item that can be heavy. */
const WIDTH_PER_ITEM = 8;

export interface HeavyHittersOptions {
  /** An item is heavy when it is at least this share of all: above 0.0001, below 1. */
  readonly share: number;
}

/** An item that came often. */
export interface HeavyHitter {
  readonly item: string | number;
  /** How often it came: exact while the items are few, else this or, by little, less. */
  readonly count: number;
}

/**
 * Which items there may be and how often each came. Candidates alone would depend on the order of rows and a Count-Min sketch alone
 * has no names; together the result depends on neither: every item of more than share / 2 is a candidate in any order, and the linear
 * sketch, off by less than share / 2, decides which of the candidates are heavy.
 */
export class HeavyItems {
  readonly #limit: number;
  readonly #width: number;
  #candidates: MisraGries;
  /** Undefined while every item is a candidate, with its exact count. */
  #sketch: CountMin | undefined;
  #total = 0;

  constructor(share: number) {
    this.#limit = Math.ceil(2 / share);
    this.#width = 2 ** Math.ceil(Math.log2(WIDTH_PER_ITEM / share));
    this.#candidates = new MisraGries(this.#limit);
  }

  add(item: string | number): void {
    this.#total++;
    // One more than fit: the exact counts go to the sketch before any candidate is given up.
    if (this.#sketch === undefined && this.#candidates.size === this.#limit && !this.#candidates.has(item)) this.#beginSketch();
    this.#sketch?.add(item, 1);
    this.#candidates.add(item);
  }

  merge(from: HeavyItems): void {
    this.#total += from.#total;
    if (from.#sketch !== undefined) this.#beginSketch().merge(from.#sketch);
    else if (this.#sketch !== undefined || !this.#fits(from)) {
      const sketch = this.#beginSketch();
      for (const [item, count] of from.#candidates) sketch.add(item, count);
    }
    this.#candidates.merge(from.#candidates);
  }

  finish(share: number): readonly HeavyHitter[] {
    const heavy: HeavyHitter[] = [];
    for (const [item, exact] of this.#candidates) {
      const count = this.#sketch?.estimate(item) ?? exact;
      if (count >= share * this.#total) heavy.push({ item, count });
    }
    return heavy.sort((a, b) => b.count - a.count || compareKept(a.item, b.item));
  }

  write(writer: BinaryWriter): void {
    writer.float64(this.#total);
    this.#candidates.write(writer);
    writer.uint8(this.#sketch === undefined ? 0 : 1);
    this.#sketch?.write(writer);
  }

  static read(reader: BinaryReader, share: number): HeavyItems {
    const items = new HeavyItems(share);
    items.#total = reader.float64();
    items.#candidates = MisraGries.read(reader, items.#limit);
    if (reader.uint8() === 1) items.#sketch = CountMin.read(reader, DEPTH, items.#width);
    return items;
  }

  #beginSketch(): CountMin {
    if (this.#sketch !== undefined) return this.#sketch;
    this.#sketch = new CountMin(DEPTH, this.#width);
    for (const [item, count] of this.#candidates) this.#sketch.add(item, count);
    return this.#sketch;
  }

  /** True when all items of both are few enough to be counted exactly. */
  #fits(from: HeavyItems): boolean {
    const items = new Set<string | number>();
    for (const [item] of this.#candidates) items.add(item);
    for (const [item] of from.#candidates) items.add(item);
    return items.size <= this.#limit;
  }
}

/**
 * The items that are at least `share` of all, most frequent first, ties by item; in memory that is bounded by 1 / share. None is missing,
 * ever; one that came less often may be there, rarely, and never one under half the share while the sketch keeps its bound (see docs). Nulls are
 * passed over. Throws AGGREGATE_OPTION.
 */
export function heavyHitters<T>(selector: ValueField<T> | ((row: T) => string | number | null), { share }: HeavyHittersOptions): Aggregator<T, HeavyItems, readonly HeavyHitter[]> {
  checkBetween('heavyHitters', 'share', share, 0.0001, 1);
  const chosen = selector as Selector<never, string | number | null>;
  const read = valueOf(chosen);
  return Object.freeze({
    kind: 'heavy-hitters',
    describe: `heavyHitters(${selectorText(chosen)}, at least ${share * 100} %)`,
    ...readsOf(chosen),
    create: () => new HeavyItems(share),
    add: (items: HeavyItems, row: T) => {
      const value = read(row);
      if (value !== null && !Number.isNaN(value)) items.add(typeof value === 'number' ? value + 0 : value);
      return items;
    },
    merge: (into: HeavyItems, from: HeavyItems) => (into.merge(from), into),
    finish: (items: HeavyItems) => items.finish(share),
    write: (items: HeavyItems, writer: BinaryWriter) => items.write(writer),
    read: (reader: BinaryReader) => HeavyItems.read(reader, share),
  });
}
