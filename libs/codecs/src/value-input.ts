import type { FetchBytes } from './fetch-bytes.ts';

/**
 * A place in one value of a fetch, for what reads a binary format. It never throws: damage moves `at` behind everything there is, and
 * whoever reads on reads nothing; so `at === end` after a value says that the value is whole.
 */
export class ValueInput {
  readonly fetch: FetchBytes;
  at = 0;
  end = 0;
  /** The number that was read last; in an array, where a double is not an object. */
  readonly number = new Float64Array(1);

  constructor(fetch: FetchBytes) {
    this.fetch = fetch;
  }

  begin(start: number, end: number): void {
    this.at = start;
    this.end = end;
  }

  get isDamaged(): boolean {
    return this.at > this.end;
  }

  /** The value is damaged: nothing of it can be read any more. */
  damage(): void {
    this.at = this.fetch.bytes.length + 1;
  }

  /** Passes over so many bytes; false, and damage, when they are not all there. */
  whole(length: number): boolean {
    this.at += length;
    if (this.at <= this.end) return true;
    this.damage();
    return false;
  }
}
