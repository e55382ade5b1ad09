import type { Batch } from '@weir/model';

/** A record that could not become a row. Positions are exact; the bytes are a copy. */
export interface Rejection {
  readonly offset: number;
  /** A coded reason, e.g. JSON_SYNTAX, FIELD_MISSING, FIELD_TYPE, RECORD_TOO_LARGE, TIMESTAMP_INSANE. */
  readonly code: string;
  readonly message: string;
  readonly key: Uint8Array | null;
  readonly value: Uint8Array | null;
  readonly logTimestamp: number;
}

export interface Decoded<T = unknown> {
  /** Rows of the offsets asked for, in offset order, with `origin`; event times are NaN until they are assigned. */
  readonly batch: Batch<T>;
  readonly rejections: readonly Rejection[];
  /** Records seen in [from, to), rejected ones included. */
  readonly records: number;
}

/** Bytes of record batches -> Batch. One decoder per task and source: it keeps dictionaries and reuses its arrays. */
export interface Decoder<T = unknown> {
  /** Decodes the records with from <= offset < to. The result is valid until the next call. What `prepare` was given must not have changed since. */
  decode(bytes: Uint8Array, source: string, partition: number, from: number, to: number): Decoded<T>;
  /**
   * What has to be awaited before these records can be decoded, such as the schema of an id that no record had before; undefined, and
   * mostly so, when nothing has. A decoder that has this method is asked before each `decode`. Rejects with a WeirError.
   */
  prepare?(bytes: Uint8Array, from: number, to: number): Promise<void> | undefined;
}

/** A wire format bound to a schema, as an immutable value. */
export interface Codec<T = unknown> {
  readonly describe: string;
  decoder(options?: DecoderOptions): Decoder<T>;
  /** One row -> the value bytes of one record. */
  encode(row: T): Uint8Array;
}

export interface DecoderOptions {
  /** Fields that will be read; others are checked for syntax only. Default all. */
  readonly projection?: readonly string[];
  /** Values longer than this are rejected as RECORD_TOO_LARGE. Default 1 MiB. */
  readonly maxValueBytes?: number;
}
