import type { TObject } from 'typebox';

/**
 * How a field lies in memory, on the wire and in a table: `int` is a whole number within ±(2^53 - 1), `timestamp` an `int` of
 * milliseconds since the epoch, `float` an IEEE double, `json` any nested value (kept as an object, stored as JSON text).
 */
export type PhysicalType = 'string' | 'int' | 'float' | 'boolean' | 'timestamp' | 'json';

export interface Field {
  readonly name: string;
  readonly type: PhysicalType;
  readonly nullable: boolean;
}

/** The schema of one kind of event or row; `T` is its TypeScript type. */
export interface RecordSchema<T = unknown> {
  readonly name: string;
  readonly fields: readonly Field[];
  /** The TypeBox object: JSON Schema at run time. */
  readonly typebox: TObject;
  /** Carries the type; never set. */
  readonly row?: T;
}

/** The row type of a schema. */
export type Infer<S> = S extends RecordSchema<infer T> ? T : never;
