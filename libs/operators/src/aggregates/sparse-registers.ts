/** Bits of the index of a sparse register: as if there were 2^25 of them. */
export const SPARSE_BITS = 25;

/** The longest run of a sparse register fits in these bits. */
const RUN_BITS = 6;
const LEAST_PLACES = 16;

/** Registers of a sketch of precision 25, few of them set: index and run as one whole number each, in a hash table. */
export class SparseRegisters {
  /** 0 where free. A power of two long, at most three quarters full. */
  #places = new Uint32Array(LEAST_PLACES);
  #size = 0;

  /** How many registers are set. */
  get size(): number {
    return this.#size;
  }

  /** Keeps the longer run. O(1) amortised. */
  offer(index: number, run: number): void {
    const packed = index * 2 ** RUN_BITS + run;
    const mask = this.#places.length - 1;
    for (let at = spread(index) & mask; ; at = (at + 1) & mask) {
      const held = this.#places[at]!;
      if (held === 0) {
        this.#places[at] = packed;
        if (++this.#size * 4 > this.#places.length * 3) this.#growTo(this.#places.length * 2);
        return;
      }
      if (held >>> RUN_BITS !== index) continue;
      if (packed > held) this.#places[at] = packed;
      return;
    }
  }

  /** Adds the registers of another: a copy of its table when there are none yet. */
  merge(from: SparseRegisters): void {
    if (this.#size === 0) {
      this.#places = from.#places.slice();
      this.#size = from.#size;
      return;
    }
    // Room at once for what is likely new.
    let length = this.#places.length;
    while ((Math.max(this.#size, from.#size) + (Math.min(this.#size, from.#size) >>> 1)) * 4 > length * 3) length *= 2;
    if (length > this.#places.length) this.#growTo(length);
    const places = from.#places;
    for (let at = 0; at < places.length; at++) if (places[at] !== 0) SparseRegisters.offerPacked(this, places[at]!);
  }

  /** Adds to `counts[run]` for each register that is set. */
  countRuns(counts: Float64Array): void {
    for (const packed of this.#places) {
      const run = packed % 2 ** RUN_BITS;
      if (run > 0) counts[run] = counts[run]! + 1;
    }
  }

  forEach(visit: (index: number, run: number) => void): void {
    for (const packed of this.#places) if (packed !== 0) visit(packed >>> RUN_BITS, packed % 2 ** RUN_BITS);
  }

  /** Ascending by index, packed: the one form that equal registers have. */
  sorted(): Uint32Array {
    return this.#places.filter((packed) => packed !== 0).sort();
  }

  static offerPacked(to: SparseRegisters, packed: number): void {
    to.offer(packed >>> RUN_BITS, packed % 2 ** RUN_BITS);
  }

  #growTo(length: number): void {
    const old = this.#places;
    this.#places = new Uint32Array(length);
    this.#size = 0;
    for (const packed of old) if (packed !== 0) SparseRegisters.offerPacked(this, packed);
  }
}

/** Indexes are the upper bits of a hash; what is below varies as well, but neighbours must not lie together when a table is copied into a smaller one. */
function spread(index: number): number {
  return Math.imul(index, 0x9e3779b1) >>> 7;
}
