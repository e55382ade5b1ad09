import { Type } from 'typebox';
import type { TSchema } from 'typebox';
import type { PhysicalType } from './record-schema.ts';

/** A field of a record under definition; `T` is its TypeScript type. */
export interface FieldSpec<T = unknown> {
  readonly type: PhysicalType;
  readonly nullable: boolean;
  readonly schema: TSchema;
  /** Carries the type; never set. */
  readonly value?: T;
}

const LARGEST = Number.MAX_SAFE_INTEGER;
/** The largest instant an ECMAScript date can hold. */
const LARGEST_TIME = 8.64e15;

/** Text. */
export function string(): FieldSpec<string> {
  return { type: 'string', nullable: false, schema: Type.String() };
}

/** A whole number within ±(2^53 - 1). */
export function int(): FieldSpec<number> {
  return { type: 'int', nullable: false, schema: Type.Integer({ minimum: -LARGEST, maximum: LARGEST }) };
}

/** An IEEE double; infinities and NaN have no place in JSON. */
export function float(): FieldSpec<number> {
  return { type: 'float', nullable: false, schema: Type.Number() };
}

export function boolean(): FieldSpec<boolean> {
  return { type: 'boolean', nullable: false, schema: Type.Boolean() };
}

/** An instant: whole milliseconds since the epoch, within the range of a date. */
export function timestamp(): FieldSpec<number> {
  return { type: 'timestamp', nullable: false, schema: Type.Integer({ minimum: -LARGEST_TIME, maximum: LARGEST_TIME, description: 'Milliseconds since the epoch.' }) };
}

/** Any nested value but null. The type is the writer's word; nothing checks it. */
export function json<T>(): FieldSpec<T> {
  const nested = Type.Union([Type.Object({}), Type.Array(Type.Unknown()), Type.String(), Type.Number(), Type.Boolean()]);
  return { type: 'json', nullable: false, schema: nested };
}

/** The same field, which may also be null or absent. */
export function nullable<T>(field: FieldSpec<T>): FieldSpec<T | null> {
  return { type: field.type, nullable: true, schema: Type.Optional(Type.Union([field.schema, Type.Null()])) };
}
