import type { BinaryReader, BinaryWriter } from '@weir/model';
import { WeirError } from '@weir/model';

/**
 * A sum of doubles that does not depend on their order: whole numbers are added plainly while that is exact, anything else as
 * Shewchuk's non-overlapping partials (Adaptive Precision Floating-Point Arithmetic, 1997), rounded once, correctly, at the end.
 */
export class ExactSum {
  #whole = 0;
  /** Ascending by magnitude, non-overlapping; empty while the plain sum is exact. */
  #partials: number[] = [];

  /** True while the sum is a whole number that a double holds exactly. */
  get isPlain(): boolean {
    return this.#partials.length === 0;
  }

  add(value: number): void {
    const sum = this.#whole + value;
    if (this.#partials.length === 0 && Number.isSafeInteger(value) && Number.isSafeInteger(sum)) this.#whole = sum;
    else this.#grow(value);
  }

  merge(other: ExactSum): void {
    this.#each(other, 1);
  }

  retract(other: ExactSum): void {
    this.#each(other, -1);
  }

  value(): number {
    const partials = this.#partials;
    if (partials.length === 0) return this.#whole;
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
      const rounded = high + twice;
      if (twice === rounded - high) high = rounded;
    }
    return high === 0 ? 0 : high;
  }

  write(writer: BinaryWriter): void {
    writer.int32(this.#partials.length);
    writer.float64(this.#whole);
    for (const partial of this.#partials) writer.float64(partial);
  }

  static read(reader: BinaryReader): ExactSum {
    const sum = new ExactSum();
    const partials = reader.int32();
    sum.#whole = reader.float64();
    for (let i = 0; i < partials; i++) sum.#partials.push(reader.float64());
    return sum;
  }

  #each(other: ExactSum, sign: 1 | -1): void {
    // A copy first: a sum may be merged into itself.
    const partials = [...other.#partials];
    if (other.#whole !== 0) this.add(sign * other.#whole);
    for (const partial of partials) this.add(sign * partial);
  }

  #grow(value: number): void {
    if (!Number.isFinite(value)) {
      throw new WeirError('AGGREGATE_NOT_FINITE', `A sum was given ${value}.`, { remedy: 'Filter such rows out, or map them to a number.' });
    }
    let x = value;
    if (this.#whole !== 0) {
      const whole = this.#whole;
      this.#whole = 0;
      this.#grow(whole);
    }
    const partials = this.#partials;
    let kept = 0;
    for (let i = 0; i < partials.length; i++) {
      let y = partials[i]!;
      if (Math.abs(x) < Math.abs(y)) [x, y] = [y, x];
      const high = x + y;
      const low = y - (high - x);
      if (low !== 0) partials[kept++] = low;
      x = high;
    }
    partials.length = kept;
    partials.push(x);
    if (partials.length === 1 && Number.isSafeInteger(x)) {
      this.#whole = x;
      partials.length = 0;
    }
  }
}
