import type { Duration, Timestamp } from '@weir/model';

/** Says when a period of wall-clock time is over; the first one begins at the first tick. */
export class EarlyPeriod {
  readonly #period: Duration;
  #last = Number.NaN;

  constructor(period: Duration) {
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
    if (now - this.#last < this.#period) return false;
    this.#last = now;
    return true;
  }

  restore(last: Timestamp): void {
    this.#last = last;
  }
}
