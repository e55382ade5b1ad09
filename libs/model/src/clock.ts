import type { Timestamp } from './timestamp.ts';

/** The only door through which wall-clock time enters; apps pass the system's, tests a manual one. */
export interface Clock {
  now(): Timestamp;
}
