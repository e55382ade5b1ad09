import type { BinaryReader, BinaryWriter } from '@weir/model';

/** Buckets per doubling, as a power of two: a value is known to 1 part in 32. */
const PRECISION = 5;
const SUB_BUCKETS = 1 << PRECISION;

/** The largest lateness that is told from larger ones: 2^31 - 1 ms, 24.8 days. */
export const MAX_LATENESS = 0x7fff_ffff;

/** Number of the bucket of a whole number of milliseconds in [0, MAX_LATENESS]; whole-number arithmetic, so equal on every machine. */
export function bucketOf(value: number): number {
  if (value < SUB_BUCKETS * 2) return value;
  const shift = 31 - Math.clz32(value) - PRECISION;
  return shift * SUB_BUCKETS + (value >>> shift);
}

/** The largest whole number in a bucket. */
export function bucketTop(bucket: number): number {
  if (bucket < SUB_BUCKETS * 2) return bucket;
  const shift = Math.floor(bucket / SUB_BUCKETS) - 1;
  return ((bucket % SUB_BUCKETS) + SUB_BUCKETS + 1) * 2 ** shift - 1;
}

/**
 * How late rows were, as counts in buckets that grow with the value (the layout of HdrHistogram): quantiles to 1 part in 32, exact below
 * 64 ms. Sketches add and subtract, so a moving one is the sum of those of its parts. Adding is O(1).
 */
export class LatenessSketch {
  readonly #counts: Float64Array;
  #total = 0;

  /** Values above `most` count as `most`; at most MAX_LATENESS. */
  constructor(most: number) {
    this.#counts = new Float64Array(bucketOf(Math.min(most, MAX_LATENESS)) + 1);
  }

  get total(): number {
    return this.#total;
  }

  /** Counts one row that came `lateness` milliseconds, >= 0, behind the newest one. */
  add(lateness: number): void {
    const last = this.#counts.length - 1;
    const whole = Math.ceil(lateness);
    const bucket = whole > MAX_LATENESS ? last : bucketOf(whole);
    this.#counts[bucket < last ? bucket : last]!++;
    this.#total++;
  }

  /** Adds the counts of a sketch with the same `most`. */
  merge(other: LatenessSketch): void {
    for (let bucket = 0; bucket < this.#counts.length; bucket++) this.#counts[bucket]! += other.#counts[bucket]!;
    this.#total += other.#total;
  }

  /** Takes back what `merge` added. */
  unmerge(other: LatenessSketch): void {
    for (let bucket = 0; bucket < this.#counts.length; bucket++) this.#counts[bucket]! -= other.#counts[bucket]!;
    this.#total -= other.#total;
  }

  clear(): void {
    this.#counts.fill(0);
    this.#total = 0;
  }

  /** The top of the bucket that holds the value of this rank, 1 <= rank <= total, in ascending order: at least as many values are not above it. */
  valueAt(rank: number): number {
    let seen = 0;
    for (let bucket = 0; bucket < this.#counts.length; bucket++) {
      seen += this.#counts[bucket]!;
      if (seen >= rank) return bucketTop(bucket);
    }
    return bucketTop(this.#counts.length - 1);
  }

  /** Writes the buckets that are not empty. */
  write(writer: BinaryWriter): void {
    const filled = this.#counts.reduce((sum, count) => (count === 0 ? sum : sum + 1), 0);
    writer.int32(filled);
    this.#counts.forEach((count, bucket) => {
      if (count === 0) return;
      writer.int32(bucket);
      writer.float64(count);
    });
  }

  /** Reads what `write` wrote; buckets beyond `most` count as `most`. */
  read(reader: BinaryReader): void {
    this.clear();
    const last = this.#counts.length - 1;
    for (let filled = reader.int32(); filled > 0; filled--) {
      const bucket = Math.min(reader.int32(), last);
      const count = reader.float64();
      this.#counts[bucket]! += count;
      this.#total += count;
    }
  }
}
