import type { BinaryReader, BinaryWriter } from '@weir/model';
import { WeirError } from '@weir/model';
import { BinStore } from './bin-store.ts';
import { LEAST_NORMAL } from './log-scale.ts';
import type { LogScale } from './log-scale.ts';

/**
 * DDSketch (Masson, Rim and Lee, VLDB 2019): counts of positive and of negative values by bins of relative width, and of zeros. It is
 * a function of the multiset of values alone.
 */
export class DDSketch {
  readonly #scale: LogScale;
  readonly #limit: number;
  #positive: BinStore;
  /** By the bin of the magnitude. */
  #negative: BinStore;
  #zeros = 0;

  /** `limit` bounds the bins of either sign; Infinity leaves them unbounded. */
  constructor(scale: LogScale, limit: number) {
    this.#scale = scale;
    this.#limit = limit;
    this.#positive = new BinStore(limit);
    this.#negative = new BinStore(limit);
  }

  /** Throws AGGREGATE_NOT_FINITE. */
  add(value: number): void {
    if (!Number.isFinite(value)) {
      throw new WeirError('AGGREGATE_NOT_FINITE', `A quantile was given ${value}.`, { remedy: 'Filter such rows out, or map them to a number.' });
    }
    if (value >= LEAST_NORMAL) this.#positive.add(this.#scale.binOf(value), 1);
    else if (value <= -LEAST_NORMAL) this.#negative.add(this.#scale.binOf(-value), 1);
    else this.#zeros++;
  }

  /** Adds `sign` times another sketch of the same scale. */
  combine(other: DDSketch, sign: 1 | -1): void {
    this.#positive.combine(other.#positive, sign);
    this.#negative.combine(other.#negative, sign);
    this.#zeros += sign * other.#zeros;
  }

  /** About the value of rank floor(q x (n - 1)) of the n values, 0 being the lowest; null when there are none. */
  quantile(q: number): number | null {
    const negatives = this.#negative.total;
    const values = negatives + this.#zeros + this.#positive.total;
    if (values === 0) return null;
    const rank = Math.floor(q * (values - 1));
    if (rank < negatives) return -this.#scale.valueOf(this.#negative.binOfRank(negatives - 1 - rank));
    if (rank < negatives + this.#zeros) return 0;
    return this.#scale.valueOf(this.#positive.binOfRank(rank - negatives - this.#zeros));
  }

  write(writer: BinaryWriter): void {
    writer.float64(this.#zeros);
    this.#positive.write(writer);
    this.#negative.write(writer);
  }

  static read(reader: BinaryReader, scale: LogScale, limit: number): DDSketch {
    const sketch = new DDSketch(scale, limit);
    sketch.#zeros = reader.float64();
    sketch.#positive = BinStore.read(reader, limit);
    sketch.#negative = BinStore.read(reader, sketch.#limit);
    return sketch;
  }
}
