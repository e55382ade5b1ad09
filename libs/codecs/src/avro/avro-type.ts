import { WeirError } from '@weir/model';

/** An Avro schema as it is written down: the JSON of the specification (Apache Avro 1.12, "Schema Declaration"). */
export type AvroSchema = string | readonly AvroSchema[] | { readonly [attribute: string]: unknown };

export type AvroPrimitive = 'null' | 'boolean' | 'int' | 'long' | 'float' | 'double' | 'bytes' | 'string';

export interface AvroPrimitiveType {
  readonly kind: AvroPrimitive;
  readonly logical: string | undefined;
  /** Digits behind the point of a decimal. */
  readonly scale: number;
}

/** A whole number of units of 10^-scale in bytes. */
export type AvroDecimalType = AvroPrimitiveType | AvroFixedType;

interface Named {
  /** With its namespace. */
  readonly name: string;
  readonly aliases: readonly string[];
}

export interface AvroFixedType extends Named {
  readonly kind: 'fixed';
  readonly size: number;
  readonly logical: string | undefined;
  readonly scale: number;
}

export interface AvroEnumType extends Named {
  readonly kind: 'enum';
  readonly symbols: readonly string[];
  /** What a reader takes for a symbol that it does not have. */
  readonly fallback: string | undefined;
}

export interface AvroField {
  readonly name: string;
  readonly aliases: readonly string[];
  readonly type: AvroType;
  /** As in the schema, in its JSON encoding; undefined when there is none, for JSON has no undefined. */
  readonly fallback: unknown;
}

export interface AvroRecordType extends Named {
  readonly kind: 'record';
  readonly fields: readonly AvroField[];
}

export interface AvroArrayType {
  readonly kind: 'array';
  readonly items: AvroType;
}

export interface AvroMapType {
  readonly kind: 'map';
  readonly values: AvroType;
}

export interface AvroUnionType {
  readonly kind: 'union';
  readonly branches: readonly AvroType[];
}

/** A schema that was read: names are resolved, so a type that holds itself is a cycle of objects. */
export type AvroType = AvroPrimitiveType | AvroFixedType | AvroEnumType | AvroRecordType | AvroArrayType | AvroMapType | AvroUnionType;

/** A name without its namespace: what names of readers and writers are compared by. */
export function unqualified(name: string): string {
  return name.slice(name.lastIndexOf('.') + 1);
}

/** A mistake in a schema. */
export function badSchema(what: string, cause?: unknown): WeirError {
  return new WeirError('AVRO_SCHEMA', `The Avro schema cannot be used: ${what}.`, { remedy: 'Mend the schema.', cause });
}
