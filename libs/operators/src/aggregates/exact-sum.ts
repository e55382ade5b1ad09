import type { BinaryReader, BinaryWriter } from '@weir/model';
import { WeirError } from '@weir/model';

/** Half of what the largest double rounds up to; partials stay below it, so that no two of them overflow together. */
const LIMIT = 2 ** 1023;

/**
 * A sum of doubles that does not depend on their order: whole numbers are added plainly while that is exact, anything else as
 * Shewchuk's non-overlapping partials (Adaptive Precision Floating-Point Arithmetic, 1997), rounded once, correctly, at the end.
 * It may pass through what no double holds on the way: only a result that is too large is an error.
 */
export class ExactSum {
  /** The sum while it is a whole number that a double holds exactly; 0 when there are partials. */
  #whole = 0;
  /** Ascending by magnitude, non-overlapping, none of them 0; empty while the plain sum is exact. */
  #partials: number[] = [];
  /** How often 2^1023 is in the sum besides; may be below 0. */
  #limits = 0;

  /** True while the sum is a whole number that a double holds exactly. */
  get isPlain(): boolean {
    return this.#partials.length === 0 && this.#limits === 0;
  }

  /** Throws AGGREGATE_NOT_FINITE on NaN and infinities. */
  add(value: number): void {
    if (!this.isPlain || !this.#addPlainly(value)) this.#grow(value);
  }

  merge(other: ExactSum): void {
    this.#each(other, 1);
  }

  retract(other: ExactSum): void {
    this.#each(other, -1);
  }

  /** The sum, rounded once to the nearest double, ties to even. Throws AGGREGATE_NOT_FINITE when that is infinite. */
  value(): number {
    const value = this.#rounded();
    if (!Number.isFinite(value)) {
      throw new WeirError('AGGREGATE_NOT_FINITE', 'A sum is too large for a number.', { remedy: 'Filter the largest rows out, or map them to smaller numbers.' });
    }
    return value;
  }

  /** The rounded sum, then what the rounding left, rounded, and so on, descending by magnitude: the one such list for a sum, none of them 0. */
  parts(): readonly number[] {
    if (this.isPlain) return this.#whole === 0 ? [] : [this.#whole];
    const parts: number[] = [];
    const rest = new ExactSum();
    rest.merge(this);
    for (let part = rest.#rounded(); part !== 0; part = rest.#rounded()) {
      const finite = Number.isFinite(part) ? part : Math.sign(part) * LIMIT;
      parts.push(finite);
      rest.add(-finite);
    }
    return parts;
  }

  /** Equal sums are equal bytes, however they came about. */
  write(writer: BinaryWriter): void {
    const parts = this.parts();
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
    for (let i = 0; i < partials; i++) {
      const part = sum.#reduced(reader.float64());
      if (part !== 0) sum.#partials.unshift(part);
    }
    return sum;
  }

  #addPlainly(value: number): boolean {
    const sum = this.#whole + value;
    if (!Number.isSafeInteger(value) || !Number.isSafeInteger(sum)) return false;
    this.#whole = sum;
    return true;
  }

  #each(other: ExactSum, sign: 1 | -1): void {
    if (other.isPlain) {
      this.add(sign * other.#whole);
      return;
    }
    // A copy: a sum may be merged into itself.
    const partials = [...other.#partials];
    const limits = other.#limits;
    if (limits !== 0) {
      this.#expand();
      this.#limits += sign * limits;
    }
    for (const partial of partials) this.add(sign * partial);
    this.#simplify();
  }

  #expand(): void {
    if (this.#whole !== 0) this.#partials.push(this.#whole);
    this.#whole = 0;
  }

  #simplify(): void {
    if (this.#limits === 0 && this.#partials.length === 1 && Number.isSafeInteger(this.#partials[0])) this.#whole = this.#partials.pop()!;
  }

  /** What is left of a part when 2^1023 has been put apart; exact. */
  #reduced(part: number): number {
    if (Math.abs(part) < LIMIT) return part;
    const sign = Math.sign(part);
    this.#limits += sign;
    return part - sign * LIMIT;
  }

  #grow(value: number): void {
    if (!Number.isFinite(value)) {
      throw new WeirError('AGGREGATE_NOT_FINITE', `A sum was given ${value}, which is no finite number.`, { remedy: 'Filter such rows out, or map them to a number.' });
    }
    this.#expand();
    const partials = this.#partials;
    let x = this.#reduced(value);
    let kept = 0;
    for (let i = 0; i < partials.length; i++) {
      let y = partials[i]!;
      if (Math.abs(x) < Math.abs(y)) [x, y] = [y, x];
      const high = x + y;
      const low = y - (high - x);
      if (low !== 0) partials[kept++] = low;
      x = this.#reduced(high);
    }
    partials.length = kept;
    if (x !== 0) partials.push(x);
    this.#simplify();
  }

  /** The rounded sum, or an infinity. */
  #rounded(): number {
    if (this.isPlain) return this.#whole;
    if (this.#limits === 0) return rounded(this.#partials);
    if (Math.abs(this.#limits) >= 4) return this.#limits * LIMIT;
    // A quarter of everything, so that nothing overflows. What a quarter is too small for only decides ties: its sign will do.
    const quarters = new ExactSum();
    let rest = 0;
    for (const partial of this.#partials) {
      const quarter = partial / 4;
      if (quarter * 4 === partial) quarters.add(quarter);
      else rest = Math.sign(partial) * Number.MIN_VALUE;
    }
    quarters.add(rest);
    quarters.add(this.#limits * (LIMIT / 4));
    return quarters.#rounded() * 4;
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
