import type { Timestamp } from './timestamp.ts';

/** A span of event time: `start` inclusive, `end` exclusive. */
export interface Window {
  readonly start: Timestamp;
  readonly end: Timestamp;
}
