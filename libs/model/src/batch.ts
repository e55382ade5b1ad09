import type { Key } from './key.ts';
import type { SymbolColumn } from './dictionary.ts';

/** How the values of a field lie in memory. `number` covers integers, floats and timestamps; `other` is any value. */
export type FieldKind = 'number' | 'string' | 'boolean' | 'other';

/** Where the rows of a batch lie in the log. Kept through filters; absent on rows that are not rows of a log. */
export interface Origin {
  readonly source: string;
  readonly partition: number;
  /** Log offset, by position. */
  readonly offsets: Float64Array;
  /** The log's own timestamp of each record (create or append time), by position. */
  readonly logTimestamps: Float64Array;
}

/** The identity of window results, by position; kept through `map` and `filter`, read by sinks. */
export interface ResultColumns {
  /** Name of the step that fired. */
  readonly step: string;
  readonly keys: ArrayLike<Key>;
  /** Window start, inclusive. */
  readonly starts: Float64Array;
  /** Window end, exclusive. */
  readonly ends: Float64Array;
  /** EARLY, ON_TIME or LATE. */
  readonly timings: Uint8Array;
  readonly indexes: Int32Array;
  /** 1 when no further firing of the window can follow. */
  readonly lasts: Uint8Array;
}

/**
 * The unit in which records travel. Columns, timestamps and `at` are indexed by *position*; the rows that are in the batch are
 * `rows[0 .. length)`, in order. A filter makes a new batch with other rows over the same columns, and copies nothing else.
 * A batch and its arrays are valid until the call that received it returns; who keeps something copies it.
 */
export interface Batch<T = unknown> {
  readonly length: number;
  /** Positions of the rows in the batch, ascending; at least `length` long. */
  readonly rows: Int32Array;
  /** Event time by position; NaN before `withEventTime`. */
  readonly timestamps: Float64Array;
  readonly origin: Origin | undefined;
  readonly results: ResultColumns | undefined;
  /**
   * What each row does to the table that the stream is the changelog of, by position: INSERT, UPDATE_BEFORE, UPDATE_AFTER or DELETE.
   * Undefined when every row is an insert. Kept through `map` and `filter`.
   */
  readonly changes: Uint8Array | undefined;
  /** The row at a position. May be one reused cursor: valid inside the callback only. */
  at(position: number): T;
  /** Undefined when no row has such a field. */
  kindOf(field: string): FieldKind | undefined;
  /** A numeric field by position; null is NaN. Decoded once, on first call. Throws FIELD_KIND when it is not numeric. */
  numbers(field: string): Float64Array;
  /** A string field by position. Decoded once, on first call. Throws FIELD_KIND when it is not a string. */
  symbols(field: string): SymbolColumn;
  /** Any field by position, as values. */
  values(field: string): ArrayLike<unknown>;
  /** The same columns with other rows. */
  select(rows: Int32Array, length: number): Batch<T>;
  /** The same rows with other event times (by position). */
  withTimestamps(timestamps: Float64Array): Batch<T>;
}
