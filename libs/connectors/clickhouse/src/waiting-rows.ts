import { ByteWriter } from './byte-writer.ts';

/** Bytes of rows that were replaced, beyond which the rest is moved together. */
const GARBAGE_BYTES = 1024 * 1024;

/**
 * Encoded rows that wait to be sent, the newest of each result. They lie one after the other in one buffer, in the order in which
 * they came; what is replaced stays there until it is worth moving the rest together.
 */
export class WaitingRows {
  readonly #bytes = new ByteWriter();
  /** Where the row of a result is. */
  readonly #places = new Map<string, number>();
  /** By place: whose row lies there, its version and where it ends. An undefined owner: the row was replaced. */
  #owners: (string | undefined)[] = [];
  #versions: number[] = [];
  #ends: number[] = [];
  #garbage = 0;

  /** Results, not firings. */
  get size(): number {
    return this.#places.size;
  }

  /** The version that waits for a result; undefined when none does. */
  versionOf(result: string): number | undefined {
    const place = this.#places.get(result);
    return place === undefined ? undefined : this.#versions[place];
  }

  /** Puts the row that `encode` appends, instead of the one that waits for the same result. */
  put(result: string, version: number, encode: (out: ByteWriter) => void): void {
    encode(this.#bytes);
    const before = this.#places.get(result);
    if (before !== undefined) {
      this.#owners[before] = undefined;
      this.#garbage += this.#ends[before]! - this.#start(before);
    }
    this.#places.set(result, this.#owners.length);
    this.#owners.push(result);
    this.#versions.push(version);
    this.#ends.push(this.#bytes.length);
    if (this.#garbage > GARBAGE_BYTES && this.#garbage > this.#bytes.length / 2) this.#compact();
  }

  /** Takes the rows of another, where none waits that is as new. */
  takeOlder(others: WaitingRows): void {
    for (const [result, place] of others.#places) {
      const version = others.#versions[place]!;
      const newer = this.versionOf(result);
      if (newer !== undefined && newer >= version) continue;
      this.put(result, version, (out) => out.append(others.#bytes.slice(others.#start(place), others.#ends[place]!)));
    }
  }

  /** The rows in pieces that hold at most so many rows, and so many bytes unless one row has more; valid until the next put. */
  *pieces(maxRows: number, maxBytes: number): Generator<Uint8Array> {
    this.#compact();
    for (let place = 0, from = 0; place < this.#ends.length; ) {
      const first = place++;
      while (place < this.#ends.length && place - first < maxRows && this.#ends[place]! - from <= maxBytes) place++;
      yield this.#bytes.slice(from, this.#ends[place - 1]!);
      from = this.#ends[place - 1]!;
    }
  }

  clear(): void {
    this.#places.clear();
    this.#owners = [];
    this.#versions = [];
    this.#ends = [];
    this.#garbage = 0;
    this.#bytes.truncate(0);
  }

  #start(place: number): number {
    return place === 0 ? 0 : this.#ends[place - 1]!;
  }

  #compact(): void {
    if (this.#garbage === 0) return;
    let kept = 0;
    let to = 0;
    let from = 0;
    for (let place = 0; place < this.#owners.length; place++) {
      const end = this.#ends[place]!;
      const owner = this.#owners[place];
      if (owner !== undefined) {
        this.#bytes.move(to, from, end - from);
        to += end - from;
        this.#owners[kept] = owner;
        this.#versions[kept] = this.#versions[place]!;
        this.#ends[kept] = to;
        this.#places.set(owner, kept++);
      }
      from = end;
    }
    this.#owners.length = this.#versions.length = this.#ends.length = kept;
    this.#bytes.truncate(to);
    this.#garbage = 0;
  }
}
