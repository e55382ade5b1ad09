import { Type } from 'typebox';
import type { FieldSpec } from './fields.ts';
import type { RecordSchema } from './record-schema.ts';

type Shape = Readonly<Record<string, FieldSpec>>;

/** The row type of a shape: `FieldSpec<T>` becomes `T`. */
export type RowOf<S extends Shape> = { [Name in keyof S]: S[Name] extends FieldSpec<infer T> ? T : never };

/** A schema: fields in the order in which they are declared, and the TypeBox object made of them. */
export function record<S extends Shape>(name: string, shape: S): RecordSchema<RowOf<S>> {
  const entries = Object.entries(shape);
  const fields = entries.map(([field, { type, nullable }]) => Object.freeze({ name: field, type, nullable }));
  const properties = Object.fromEntries(entries.map(([field, { schema }]) => [field, schema]));
  return Object.freeze({ name, fields: Object.freeze(fields), typebox: Type.Object(properties, { title: name }) });
}
