import type { RecordSchema } from '@weir/schema';
import { boundFields } from './protobuf-field.ts';
import type { ProtobufField } from './protobuf-field.ts';
import type { ProtobufFields } from './protobuf.ts';
import { badProto } from './proto-file.ts';

const NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;

/**
 * The .proto file of the messages in which rows of a schema are written: proto3, with `optional` where a field may be null. Throws
 * PROTOBUF_BINDING, and PROTOBUF_SCHEMA for a name that Protocol Buffers do not allow.
 */
export function protobufSchema(schema: RecordSchema, fields?: ProtobufFields): string {
  const bound = boundFields(schema, fields);
  const lines = [...messageLines(schema.name, bound, (place) => schema.fields[place]!.nullable, '')];
  const imports = usesTimestamp(bound) ? ['import "google/protobuf/timestamp.proto";', ''] : [];
  return ['syntax = "proto3";', '', ...imports, ...lines, ''].join('\n');
}

function messageLines(name: string, fields: readonly ProtobufField[], isOptional: (place: number) => boolean, indent: string): readonly string[] {
  const inner = `${indent}  `;
  const declared = fields.flatMap((field) => {
    if (field.kind === 'message') return messageLines(typeName(field), field.fields, () => false, inner);
    return field.kind === 'enum' ? enumLines(field, inner) : [];
  });
  const members = fields.map((field, place) => {
    const label = field.repeated ? 'repeated ' : isOptional(place) && field.kind !== 'message' && field.kind !== 'timestamp' ? 'optional ' : '';
    return `${inner}${label}${typeOf(field)} ${checked(field.name)} = ${field.number};`;
  });
  return [`${indent}message ${checked(name)} {`, ...declared, ...members, `${indent}}`];
}

function enumLines(field: ProtobufField, indent: string): readonly string[] {
  // The first value must be 0.
  const values = [...field.names].sort(([a], [b]) => Number(a !== 0) - Number(b !== 0) || a - b);
  if (values[0]?.[0] !== 0) throw badProto(`the enum of ${field.name} has no name for 0`);
  return [`${indent}enum ${typeName(field)} {`, ...values.map(([number, name]) => `${indent}  ${checked(name)} = ${number};`), `${indent}}`];
}

function typeOf(field: ProtobufField): string {
  if (field.kind === 'message' || field.kind === 'enum') return typeName(field);
  if (field.kind === 'timestamp') return 'google.protobuf.Timestamp';
  return field.kind === 'json' ? 'string' : field.kind;
}

function typeName({ name }: ProtobufField): string {
  return `${name.slice(0, 1).toUpperCase()}${name.slice(1)}Value`;
}

function usesTimestamp(fields: readonly ProtobufField[]): boolean {
  return fields.some((field) => field.kind === 'timestamp' || usesTimestamp(field.fields));
}

function checked(name: string): string {
  if (NAME.test(name)) return name;
  throw badProto(`${JSON.stringify(name)} is no name in Protocol Buffers`);
}
