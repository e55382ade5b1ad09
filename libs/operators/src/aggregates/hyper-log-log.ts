import type { BinaryReader, BinaryWriter } from '@weir/model';
import { SPARSE_BITS, SparseRegisters } from './sparse-registers.ts';

const HASH_BITS = 64;
/** A sparse register takes about 8 times the memory of a dense one. */
const SPARSE_SHARE = 8;
const SPARSE = 0;
const DENSE = 1;

/**
 * HyperLogLog++ (Heule, Nunkesser and Hall, 2013): sparse with 2^25 registers while few are set, then 2^precision registers of one
 * byte. The estimate is Ertl's improved raw estimator (New cardinality estimation algorithms for HyperLogLog sketches, 2017), which is
 * unbiased over the whole range without tables. Registers are maxima, so rows may come in any order, twice, and from anywhere; when
 * the sketch becomes dense follows from the set of hashes alone.
 */
export class HyperLogLog {
  readonly #precision: number;
  #sparse: SparseRegisters | undefined = new SparseRegisters();
  #dense: Uint8Array = EMPTY;

  /** Precision is 4 to 18; the standard error is 1.04 / sqrt(2^precision). */
  constructor(precision: number) {
    this.#precision = precision;
  }

  get isSparse(): boolean {
    return this.#sparse !== undefined;
  }

  /** The two halves of a 64-bit hash, unsigned. */
  add(high: number, low: number): void {
    const upper = high & 0x7f;
    // The run of zeros in the 39 bits behind the index, and the one that ends it.
    const run = upper === 0 ? 8 + Math.clz32(low) : Math.clz32(upper) - 24;
    this.#offer(high >>> 7, run);
  }

  merge(from: HyperLogLog): void {
    if (from.#sparse !== undefined) {
      if (this.#sparse === undefined) from.#sparse.forEach((index, run) => this.#offerDense(index, run));
      else {
        this.#sparse.merge(from.#sparse);
        this.#boundSparse();
      }
      return;
    }
    this.#becomeDense();
    const dense = this.#dense;
    for (let index = 0; index < dense.length; index++) if (from.#dense[index]! > dense[index]!) dense[index] = from.#dense[index]!;
  }

  /** How many distinct hashes there were, about; a whole number. */
  estimate(): number {
    const bits = this.#sparse === undefined ? this.#precision : SPARSE_BITS;
    const registers = 2 ** bits;
    const longest = HASH_BITS - bits + 1;
    const counts = new Float64Array(longest + 1);
    if (this.#sparse === undefined) {
      for (const run of this.#dense) counts[run] = counts[run]! + 1;
    } else {
      counts[0] = registers - this.#sparse.size;
      this.#sparse.countRuns(counts);
    }
    let sum = registers * tau(1 - counts[longest]! / registers);
    for (let run = longest - 1; run >= 1; run--) sum = 0.5 * (sum + counts[run]!);
    sum += registers * sigma(counts[0]! / registers);
    return Math.round((registers * registers) / (2 * Math.LN2 * sum));
  }

  write(writer: BinaryWriter): void {
    writer.uint8(this.#sparse === undefined ? DENSE : SPARSE);
    if (this.#sparse === undefined) {
      for (const run of this.#dense) writer.uint8(run);
      return;
    }
    writer.int32(this.#sparse.size);
    for (const packed of this.#sparse.sorted()) writer.int32(packed | 0);
  }

  static read(reader: BinaryReader, precision: number): HyperLogLog {
    const sketch = new HyperLogLog(precision);
    if (reader.uint8() === DENSE) {
      sketch.#sparse = undefined;
      sketch.#dense = Uint8Array.from({ length: 2 ** precision }, () => reader.uint8());
      return sketch;
    }
    for (let left = reader.int32(); left > 0; left--) SparseRegisters.offerPacked(sketch.#sparse!, reader.int32() >>> 0);
    return sketch;
  }

  #offer(index: number, run: number): void {
    if (this.#sparse === undefined) {
      this.#offerDense(index, run);
      return;
    }
    this.#sparse.offer(index, run);
    this.#boundSparse();
  }

  #boundSparse(): void {
    if (this.#sparse!.size * SPARSE_SHARE > 2 ** this.#precision) this.#becomeDense();
  }

  /** Index and run of the sparse form hold all that the dense one needs: the index is shorter, and what it loses begins the run. */
  #offerDense(index: number, run: number): void {
    const lost = SPARSE_BITS - this.#precision;
    const rest = index & (2 ** lost - 1);
    const longer = rest === 0 ? lost + run : Math.clz32(rest) - (32 - lost) + 1;
    const place = index >>> lost;
    if (longer > this.#dense[place]!) this.#dense[place] = longer;
  }

  #becomeDense(): void {
    if (this.#sparse === undefined) return;
    const sparse = this.#sparse;
    this.#sparse = undefined;
    this.#dense = new Uint8Array(2 ** this.#precision);
    sparse.forEach((index, run) => this.#offerDense(index, run));
  }
}

const EMPTY = new Uint8Array(0);

/** Ertl 2017, algorithm 6: what the registers that are still 0 stand for. */
function sigma(share: number): number {
  if (share === 1) return Number.POSITIVE_INFINITY;
  let x = share;
  let factor = 1;
  let sum = x;
  for (let before = Number.NaN; sum !== before; ) {
    before = sum;
    x *= x;
    sum += x * factor;
    factor += factor;
  }
  return sum;
}

/** The same for the registers that cannot grow any more. */
function tau(share: number): number {
  if (share === 0 || share === 1) return 0;
  let x = share;
  let factor = 1;
  let sum = 1 - x;
  for (let before = Number.NaN; sum !== before; ) {
    before = sum;
    x = Math.sqrt(x);
    factor *= 0.5;
    sum -= (1 - x) ** 2 * factor;
  }
  return sum / 3;
}
