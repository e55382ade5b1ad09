import type { Timestamp } from '@weir/model';
import type { Period } from './trigger.ts';

/** Says when a period of wall-clock time is over; the first one begins at the first tick. */
export class EarlyPeriod {
  readonly #period: Period;
  #last = Number.NaN;

  constructor(period: Period) {
    this.#period = period;
  }

  /** When the last period began; NaN before the first tick. */
  get last(): Timestamp {
    return this.#last;
  }

  isDue(now: Timestamp): boolean {
    if (Number.isNaN(this.#last)) {
      this.#last = now;
      return false;
    }
    if (now - this.#last < this.#period.every) return false;
    this.#last = now;
    return true;
  }

  restore(last: Timestamp): void {
    this.#last = last;
  }
}
