import type { BinaryReader, BinaryWriter } from '@weir/model';
import { WeirError } from '@weir/model';

/**
 * A sum of doubles that does not depend on their order: whole numbers are added plainly while that is exact, anything else as
 * Shewchuk's non-overlapping partials (Adaptive Precision Floating-Point Arithmetic, 1997), rounded once, correctly, at the end.
 */
export class ExactSum {
  /** The sum while it is a whole number that a double holds exactly; 0 when there are partials. */
  #whole = 0;
  /** Ascending by magnitude, non-overlapping, none of them 0; empty while the plain sum is exact. */
  #partials: number[] = [];

  /** True while the sum is a whole number that a double holds exactly. */
  get isPlain(): boolean {
    return this.#partials.length === 0;
  }

  add(value: number): void {
    if (this.#partials.length > 0 || !this.#addPlainly(value)) this.#grow(value);
  }

  merge(other: ExactSum): void {
    this.#each(other, 1);
  }

  retract(other: ExactSum): void {
    this.#each(other, -1);
  }

  /** The sum, rounded once to the nearest double, ties to even. */
  value(): number {
    return this.#partials.length === 0 ? this.#whole : rounded(this.#partials);
  }

  /** Equal sums are equal bytes, however they came about. */
  write(writer: BinaryWriter): void {
    const parts = this.#canonicalParts();
    const [largest = 0] = parts;
    const isPlain = parts.length <= 1 && Number.isSafeInteger(largest);
    writer.int32(isPlain ? 0 : parts.length);
    writer.float64(isPlain ? largest : 0);
    if (!isPlain) for (const part of parts) writer.float64(part);
  }

  static read(reader: BinaryReader): ExactSum {
    const sum = new ExactSum();
    const partials = reader.int32();
    sum.#whole = reader.float64();
    for (let i = 0; i < partials; i++) sum.#partials.unshift(reader.float64());
    return sum;
  }

  #addPlainly(value: number): boolean {
    const sum = this.#whole + value;
    if (!Number.isSafeInteger(value) || !Number.isSafeInteger(sum)) return false;
    this.#whole = sum;
    return true;
  }

  #each(other: ExactSum, sign: 1 | -1): void {
    if (other.#partials.length === 0) {
      this.add(sign * other.#whole);
      return;
    }
    // A copy: a sum may be merged into itself.
    for (const partial of [...other.#partials]) this.add(sign * partial);
  }

  #grow(value: number): void {
    const partials = this.#partials;
    if (this.#whole !== 0) {
      partials.push(this.#whole);
      this.#whole = 0;
    }
    let x = value;
    let kept = 0;
    for (let i = 0; i < partials.length; i++) {
      let y = partials[i]!;
      if (Math.abs(x) < Math.abs(y)) [x, y] = [y, x];
      const high = x + y;
      const low = y - (high - x);
      if (low !== 0) partials[kept++] = low;
      x = high;
    }
    if (!Number.isFinite(x)) {
      throw new WeirError('AGGREGATE_NOT_FINITE', `A sum was given ${value} and is no longer finite.`, { remedy: 'Filter such rows out, or map them to a smaller number.' });
    }
    partials.length = kept;
    if (x !== 0) partials.push(x);
    if (partials.length === 1 && Number.isSafeInteger(partials[0])) this.#whole = partials.pop()!;
  }

  /** The rounded sum, then what the rounding left, rounded, and so on: the one such list for a sum. Descending by magnitude. */
  #canonicalParts(): readonly number[] {
    const parts: number[] = [];
    const rest = new ExactSum();
    rest.merge(this);
    for (let part = rest.value(); part !== 0; part = rest.value()) {
      parts.push(part);
      rest.add(-part);
    }
    return parts;
  }
}

/** The sum of non-overlapping partials, rounded once (after Python's `math.fsum`). */
function rounded(partials: readonly number[]): number {
  let n = partials.length;
  let high = partials[--n]!;
  let low = 0;
  while (n > 0) {
    const x = high;
    const y = partials[--n]!;
    high = x + y;
    low = y - (high - x);
    if (low !== 0) break;
  }
  // Half-way cases: the partial below decides which way the last bit goes.
  if (n > 0 && ((low < 0 && partials[n - 1]! < 0) || (low > 0 && partials[n - 1]! > 0))) {
    const twice = low * 2;
    const beyond = high + twice;
    if (twice === beyond - high) high = beyond;
  }
  return high;
}
