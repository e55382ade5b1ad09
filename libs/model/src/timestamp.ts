/** Milliseconds since the Unix epoch; may be negative. Event time is called `timestamp`, wall time `now`. */
export type Timestamp = number;

/** The largest instant an ECMAScript date can hold; a timestamp outside ±this bound is not a time. */
export const MAX_TIMESTAMP = 8.64e15;
