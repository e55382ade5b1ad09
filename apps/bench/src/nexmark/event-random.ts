const GOLDEN = 0x9e3779b9;

/** A 32-bit mixer of three rounds (Wellons' triple32), a bijection with hardly any bias. */
function mixed(value: number): number {
  let hash = value | 0;
  hash = Math.imul(hash ^ (hash >>> 17), 0xed5ad4bb);
  hash = Math.imul(hash ^ (hash >>> 11), 0xac4c1b51);
  hash = Math.imul(hash ^ (hash >>> 15), 0x31848bab);
  return hash ^ (hash >>> 14);
}

/**
 * Numbers that depend on the seed and the id of one event alone, so that any part of a stream can be made by itself: a Weyl sequence
 * through a mixer (after Steele, Lea and Flood's SplitMix). One object serves any number of events, one after the other.
 */
export class EventRandom {
  readonly #seed: number;
  #state = 0;

  constructor(seed: number) {
    this.#seed = mixed(seed + GOLDEN);
  }

  /** Begins the numbers of an event; ids are whole numbers from 0. */
  begin(eventId: number): void {
    this.#state = mixed(mixed((eventId % 2 ** 32) + this.#seed) + Math.floor(eventId / 2 ** 32));
  }

  /** In [0, 1), a multiple of 2^-32. */
  unit(): number {
    this.#state = (this.#state + GOLDEN) | 0;
    return (mixed(this.#state) >>> 0) / 2 ** 32;
  }

  /** A whole number in [0, below); `below` at most 2^32. */
  below(below: number): number {
    return Math.floor(this.unit() * below);
  }
}
