import type { Timestamp } from '@weir/model';
import { seeded } from '../seeded.ts';

/** What a stream is made from. */
export interface StreamOptions {
  readonly seed: number;
  /** About how many rows there are, duplicates not counted. */
  readonly events: number;
}

/** Draws for one thing that a stream tells of (an order, a visit, a trade): each draw depends on (seed, index, salt) alone. */
export class Draw {
  readonly #seed: number;
  readonly index: number;

  constructor(seed: number, index: number) {
    this.#seed = seed;
    this.index = index;
  }

  /** In [0, 1). */
  unit(salt: number): number {
    return seeded(this.#seed, this.index, salt);
  }

  /** A whole number in [from, to). */
  between(from: number, to: number, salt: number): number {
    return from + Math.floor(this.unit(salt) * (to - from));
  }

  of<Value>(values: readonly Value[], salt: number): Value {
    return values[this.between(0, values.length, salt)]!;
  }

  /** A whole number in [0, count), small ones far more often: the lowest tenth is drawn nearly half of the time. */
  skewed(count: number, salt: number): number {
    return Math.floor(this.unit(salt) ** 3 * count);
  }
}

/** Makes things, by index from 0, until there are so many rows. */
export function untilEnough<Thing>(events: number, make: (index: number) => Thing, rowsOf: (thing: Thing) => number): readonly Thing[] {
  const things: Thing[] = [];
  for (let rows = 0, index = 0; rows < events; index++) {
    const thing = make(index);
    things.push(thing);
    rows += rowsOf(thing);
  }
  return things;
}

const OF_BLOCK = 200;
const IN_BURST = 60;
const TIMES_FASTER = 10;

/**
 * When thing `index` begins, if one begins every `step` milliseconds on average: of each 200 the first 60 come in a burst, ten times as
 * fast as the others.
 */
export function burstTime(base: Timestamp, step: number, index: number): Timestamp {
  const block = Math.floor(index / OF_BLOCK);
  const place = index % OF_BLOCK;
  const slow = (OF_BLOCK * step) / (OF_BLOCK - IN_BURST + IN_BURST / TIMES_FASTER);
  const within = place < IN_BURST ? (place * slow) / TIMES_FASTER : (IN_BURST * slow) / TIMES_FASTER + (place - IN_BURST) * slow;
  return base + block * OF_BLOCK * step + Math.floor(within);
}
