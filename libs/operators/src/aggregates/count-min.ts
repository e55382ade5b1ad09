import type { BinaryReader, BinaryWriter } from '@weir/model';
import { Hash64 } from './hash64.ts';

const hash = new Hash64();

/**
 * Counters of hashed items in `depth` rows of `width` (Cormode and Muthukrishnan, Count-Min, 2005). An estimate is never too low; that
 * it is too high by more than n x e / width has a probability below exp(-depth). It is linear: a function of the multiset alone.
 */
export class CountMin {
  readonly #mask: number;
  readonly #counts: Float64Array;
  readonly #depth: number;

  /** Width is a power of two. */
  constructor(depth: number, width: number) {
    this.#depth = depth;
    this.#mask = width - 1;
    this.#counts = new Float64Array(depth * width);
  }

  add(item: string | number, times: number): void {
    hash.of(item);
    const counts = this.#counts;
    for (let row = 0, at = 0; row < this.#depth; row++, at += this.#mask + 1) {
      const place = at + this.#placeIn(row);
      counts[place] = counts[place]! + times;
    }
  }

  /** How often an item came, or more. */
  estimate(item: string | number): number {
    hash.of(item);
    let least = Number.POSITIVE_INFINITY;
    for (let row = 0, at = 0; row < this.#depth; row++, at += this.#mask + 1) least = Math.min(least, this.#counts[at + this.#placeIn(row)]!);
    return least;
  }

  merge(from: CountMin): void {
    for (let i = 0; i < this.#counts.length; i++) this.#counts[i] = this.#counts[i]! + from.#counts[i]!;
  }

  write(writer: BinaryWriter): void {
    for (const count of this.#counts) writer.float64(count);
  }

  static read(reader: BinaryReader, depth: number, width: number): CountMin {
    const sketch = new CountMin(depth, width);
    for (let i = 0; i < sketch.#counts.length; i++) sketch.#counts[i] = reader.float64();
    return sketch;
  }

  /** Two hashes serve as many as are needed (Kirsch and Mitzenmacher, 2006). */
  #placeIn(row: number): number {
    return ((hash.low + Math.imul(row, hash.high | 1)) >>> 7) & this.#mask;
  }
}
