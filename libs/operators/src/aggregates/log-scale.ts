/** Smaller magnitudes count as 0: below the least normal double relative accuracy ends. */
export const LEAST_NORMAL = 2 ** -1022;

/**
 * Bins of positive numbers whose width grows with them: bin i holds (g^(i-1), g^i], g = (1 + accuracy) / (1 - accuracy), so that the
 * value in its middle is within `accuracy` of all that it holds (Masson, Rim and Lee, DDSketch, 2019).
 */
export class LogScale {
  readonly #width: number;
  readonly #toMiddle: number;

  constructor(accuracy: number) {
    const growth = (1 + accuracy) / (1 - accuracy);
    this.#width = Math.log(growth);
    this.#toMiddle = Math.log(2 / (1 + growth));
  }

  /** Of a finite number of at least LEAST_NORMAL. */
  binOf(value: number): number {
    return Math.ceil(Math.log(value) / this.#width);
  }

  /** The value that stands for a bin. */
  valueOf(bin: number): number {
    return Math.min(Number.MAX_VALUE, Math.exp(bin * this.#width + this.#toMiddle));
  }
}
