import type { Clock, Timestamp } from '@weir/model';

/** A clock that stands until a test moves it, in either direction, as real ones do. */
export interface ManualClock extends Clock {
  /** Moves by a number of milliseconds. */
  advance(milliseconds: number): void;
  set(now: Timestamp): void;
}

export function manualClock(now: Timestamp = 0): ManualClock {
  let time = now;
  return {
    now: () => time,
    advance: (milliseconds) => {
      time += milliseconds;
    },
    set: (next) => {
      time = next;
    },
  };
}
