import type { Field, PhysicalType, RecordSchema } from '@weir/schema';
import type { AvroSchema } from './avro-type.ts';
import { badSchema } from './avro-type.ts';

const NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;

const TYPES: Readonly<Record<PhysicalType, AvroSchema>> = {
  string: 'string',
  int: 'long',
  float: 'double',
  boolean: 'boolean',
  timestamp: { type: 'long', logicalType: 'timestamp-millis' },
  json: { type: 'string', logicalType: 'json' },
};

/**
 * The Avro schema in which rows of a schema are written when no other is given: a nullable field is a union with null whose default is
 * null; a nested value is a string of JSON, marked by the logical type `json`. Throws AVRO_SCHEMA for a name that Avro does not allow.
 */
export function avroSchema(schema: RecordSchema): AvroSchema {
  for (const { name } of [schema, ...schema.fields]) if (!NAME.test(name)) throw badSchema(`${JSON.stringify(name)} is no name in Avro`);
  return { type: 'record', name: schema.name, fields: schema.fields.map(fieldOf) };
}

function fieldOf({ name, type, nullable }: Field): AvroSchema {
  return nullable ? { name, type: ['null', TYPES[type]], default: null } : { name, type: TYPES[type] };
}
