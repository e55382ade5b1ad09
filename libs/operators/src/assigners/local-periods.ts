import type { Timestamp } from '@weir/model';
import type { ZoneClock } from './zone-clock.ts';

/** Periods of local time, without gaps between them. Local times are what a clock in UTC would show, in milliseconds. */
export interface LocalPeriods {
  /** A number that names the period which holds a local time; later periods have greater numbers. */
  numberAt(local: number): number;
  /** The number of the period that follows. */
  next(number: number): number;
  /** The local time at which a period begins. */
  startOf(number: number): number;
}

/**
 * Finds the period that holds a timestamp, as [start, end) of event time. A period begins when the clocks of its zone first show its
 * beginning, or skip it. So periods neither overlap nor leave gaps, whatever is done to the clocks, and none that is found is empty.
 * Remembers two periods, so that rows around a border cost some comparisons.
 */
export class PeriodFinder {
  readonly #clock: ZoneClock;
  readonly #periods: LocalPeriods;
  #number = 0;
  #start = 0;
  #end = 0;
  #otherNumber = 0;
  #otherStart = 0;
  #otherEnd = 0;

  constructor(clock: ZoneClock, periods: LocalPeriods) {
    this.#clock = clock;
    this.#periods = periods;
  }

  /** Number of the period that was found last. */
  get number(): number {
    return this.#number;
  }

  /** Its start, inclusive. */
  get start(): Timestamp {
    return this.#start;
  }

  /** Its end, exclusive. */
  get end(): Timestamp {
    return this.#end;
  }

  /** Finds the period of a timestamp; `number`, `start` and `end` are then its. */
  find(timestamp: Timestamp): void {
    if (timestamp >= this.#start && timestamp < this.#end) return;
    const number = this.#number;
    const start = this.#start;
    const end = this.#end;
    if (timestamp >= this.#otherStart && timestamp < this.#otherEnd) {
      this.#number = this.#otherNumber;
      this.#start = this.#otherStart;
      this.#end = this.#otherEnd;
    } else {
      this.#search(timestamp);
    }
    this.#otherNumber = number;
    this.#otherStart = start;
    this.#otherEnd = end;
  }

  #search(timestamp: Timestamp): void {
    const periods = this.#periods;
    let number = periods.numberAt(this.#clock.localOf(timestamp));
    let start = this.#clock.firstAt(periods.startOf(number));
    let end = this.#clock.firstAt(periods.startOf(periods.next(number)));
    // Clocks that are set back over a border show the old period again; in event time the new one has begun.
    while (end <= timestamp) {
      number = periods.next(number);
      start = end;
      end = this.#clock.firstAt(periods.startOf(periods.next(number)));
    }
    this.#number = number;
    this.#start = start;
    this.#end = end;
  }
}
