import type { BinaryReader, BinaryWriter } from '@weir/model';

const LEAST_ROOM = 32;
/** As many values are kept one by one before there are counts: most keys and panes hold few, and a span of counts is thousands of bytes. */
const MOST_PENDING = 64;

/**
 * Counts by bin over at most `limit` neighbouring bins: when the span grows beyond that the lowest ones are counted in the lowest that is
 * left. Which that is follows from the highest bin alone, so neither order nor merging changes what comes of the same counts.
 */
export class BinStore {
  readonly #limit: number;
  /** The bins of the first values, in any order; undefined once there are counts. */
  #pending: number[] | undefined = [];
  #counts = new Float64Array(0);
  /** The bin of `#counts[0]`. */
  #first = 0;
  /** Bins that were ever counted lie in [low, high]. */
  #low = Number.POSITIVE_INFINITY;
  #high = Number.NEGATIVE_INFINITY;
  #total = 0;

  /** Infinity is a limit, too. */
  constructor(limit: number) {
    this.#limit = limit;
  }

  get total(): number {
    return this.#pending?.length ?? this.#total;
  }

  /** O(1) amortised. A count below 0 takes away; only without a limit is what is left then exact. */
  add(bin: number, count: number): void {
    if (this.#pending !== undefined) {
      if (count === 1 && this.#pending.length < MOST_PENDING) {
        this.#pending.push(bin);
        return;
      }
      this.#settle();
    }
    this.#count(bin, count);
  }

  /** Adds `sign` times the counts of another store of the same limit. */
  combine(other: BinStore, sign: 1 | -1): void {
    if (other.#pending !== undefined) {
      for (const bin of other.#pending) this.add(bin, sign);
      return;
    }
    if (other.#total === 0) return;
    this.#settle();
    // The highest bin first: then the bounds are known, and the rest is one loop.
    this.#count(other.#high, 0);
    const lowest = Math.max(other.#low, this.#high - this.#limit + 1);
    this.#count(lowest, 0);
    const [from, first] = [other.#counts, other.#first];
    for (let bin = other.#low; bin < lowest && bin <= other.#high; bin++) this.#count(lowest, sign * from[bin - first]!);
    const into = this.#counts;
    for (let bin = lowest, at = lowest - this.#first, of = lowest - first; bin <= other.#high; bin++, at++, of++) {
      into[at] = into[at]! + sign * from[of]!;
      this.#total += sign * from[of]!;
    }
  }

  /** Ascending, bins without a count left out. */
  forEach(visit: (bin: number, count: number) => void): void {
    const store = this.#settled();
    for (let bin = store.#low; bin <= store.#high; bin++) {
      const count = store.#counts[bin - store.#first]!;
      if (count !== 0) visit(bin, count);
    }
  }

  /** The bin in which the value of this rank lies, 0 being the lowest; rank < total. */
  binOfRank(rank: number): number {
    const store = this.#settled();
    let below = 0;
    for (let bin = store.#low; bin <= store.#high; bin++) {
      below += store.#counts[bin - store.#first]!;
      if (below > rank) return bin;
    }
    return store.#high;
  }

  write(writer: BinaryWriter): void {
    let bins = 0;
    this.forEach(() => bins++);
    writer.int32(bins);
    this.forEach((bin, count) => {
      writer.int32(bin);
      writer.float64(count);
    });
  }

  static read(reader: BinaryReader, limit: number): BinStore {
    const store = new BinStore(limit);
    for (let left = reader.int32(); left > 0; left--) store.add(reader.int32(), reader.float64());
    return store;
  }

  #settle(): void {
    const pending = this.#pending ?? [];
    this.#pending = undefined;
    for (const bin of pending) this.#count(bin, 1);
  }

  /** This store, or while it has no counts one like it that has. */
  #settled(): BinStore {
    if (this.#pending === undefined) return this;
    const store = new BinStore(this.#limit);
    store.#pending = this.#pending;
    store.#settle();
    return store;
  }

  #count(bin: number, count: number): void {
    if (bin > this.#high) this.#raise(bin);
    const lowest = this.#high - this.#limit + 1;
    const at = bin < lowest ? lowest : bin;
    if (at < this.#low) {
      this.#makeRoom(at, this.#high);
      this.#low = at;
    }
    const place = at - this.#first;
    this.#counts[place] = this.#counts[place]! + count;
    this.#total += count;
  }

  /** Makes `high` the highest bin, and counts the bins that are now too low in the lowest that is left. */
  #raise(high: number): void {
    const low = Math.max(Math.min(this.#low, high), high - this.#limit + 1);
    let carried = 0;
    for (let bin = this.#low; bin <= this.#high && bin < low; bin++) carried += this.#counts[bin - this.#first]!;
    this.#makeRoom(low, high);
    this.#low = low;
    this.#high = high;
    this.#counts[low - this.#first] = this.#counts[low - this.#first]! + carried;
  }

  /** Room for [low, high], with the counts that lie in it; those outside are lost or 0. */
  #makeRoom(low: number, high: number): void {
    const kept = [Math.max(low, this.#low), Math.min(high, this.#high)] as const;
    const spare = low >= this.#first && high < this.#first + this.#counts.length ? this.#counts : undefined;
    if (spare !== undefined) {
      // Room that was left above may hold counts of bins that have fallen out below: only what is kept stays.
      for (let bin = this.#low; bin < kept[0] && bin <= this.#high; bin++) spare[bin - this.#first] = 0;
      return;
    }
    const span = high - low + 1;
    const counts = new Float64Array(Math.max(LEAST_ROOM, span + (span >>> 1)));
    const first = low - ((counts.length - span) >>> 1);
    for (let bin = kept[0]; bin <= kept[1]; bin++) counts[bin - first] = this.#counts[bin - this.#first]!;
    this.#counts = counts;
    this.#first = first;
  }
}
