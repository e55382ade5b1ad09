import { create, createFileRegistry } from '@bufbuild/protobuf';
import type { DescMessage, MessageShape } from '@bufbuild/protobuf';
import { FieldDescriptorProto_Label as Label, FieldDescriptorProto_Type as Type, FileDescriptorProtoSchema, file_google_protobuf_timestamp } from '@bufbuild/protobuf/wkt';
import { boolean, float, int, json as nested, nullable, record, string, timestamp } from '@weir/schema';
import type { FieldSpec, RecordSchema } from '@weir/schema';
import fc from 'fast-check';
import type { ProtobufBinding, ProtobufType } from './protobuf-field.ts';

/** A field of a message as tests make it. */
export interface FieldShape {
  readonly name: string;
  readonly number: number;
  readonly kind: ProtobufType | 'enum' | 'message';
  readonly repeated: boolean;
  readonly packed: boolean;
  /** Null is told apart from the default. */
  readonly optional: boolean;
  readonly fields: readonly FieldShape[];
}

export type Message = Record<string, unknown>;

/** The names of the enum of all tests; 0 is the default. */
export const NAMES = { NONE: 0, SOME: 1, MANY: 70_000, LESS: -1 };
const numberOf = (name: unknown): number => NAMES[name as keyof typeof NAMES];

const scalarKind = fc.constantFrom<FieldShape['kind']>('int32', 'int64', 'uint32', 'uint64', 'sint32', 'sint64', 'fixed32', 'fixed64', 'sfixed32', 'sfixed64', 'float', 'double', 'bool', 'string', 'bytes', 'timestamp', 'json', 'enum');
const number = fc.oneof({ weight: 3, arbitrary: fc.integer({ min: 1, max: 40 }) }, { weight: 1, arbitrary: fc.constantFrom(255, 256, 2_047, 2_048, 18_999, 20_000, 2 ** 29 - 1) });

const { fields: nestedFields } = fc.letrec<{ fields: readonly FieldShape[]; field: FieldShape }>((tie) => ({
  field: fc.record({
    name: fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f'),
    number,
    kind: scalarKind,
    repeated: fc.boolean(),
    packed: fc.boolean(),
    optional: fc.constant(false),
    fields: fc.oneof({ maxDepth: 2, depthIdentifier: 'protobuf' }, fc.constant([]), tie('fields')),
  }).map((field): FieldShape => (field.fields.length > 0 ? { ...field, kind: 'message' } : field)),
  fields: fc.uniqueArray(tie('field'), { maxLength: 6, selector: ({ name }) => name }).map((all) => all.filter((field, at) => all.findIndex((each) => each.number === field.number) === at)),
}));

/** Fields of a message; those that stand in a list or hold a message are nested values, the others may be optional. */
export const messageFields: fc.Arbitrary<readonly FieldShape[]> = fc
  .tuple(nestedFields, fc.array(fc.boolean(), { minLength: 6, maxLength: 6 }))
  .map(([fields, optional]) => fields.map((field, i) => ({ ...field, optional: !field.repeated && (field.kind === 'message' || optional[i]!) })));

/** How the field is bound, and the type of the field in a schema. */
export function boundTo(fields: readonly FieldShape[]): { readonly schema: RecordSchema<Message>; readonly bindings: Readonly<Record<string, ProtobufBinding>> } {
  const bindings = Object.fromEntries(fields.map((field) => [field.name, bindingOf(field)]));
  const schema = record('Row', Object.fromEntries(fields.map((field) => [field.name, field.optional ? nullable(typeOf(field)) : typeOf(field)])));
  return { schema, bindings };
}

function bindingOf({ number: wanted, kind, repeated, fields }: FieldShape): ProtobufBinding {
  const list = repeated ? { repeated } : {};
  if (kind === 'enum') return { number: wanted, enum: NAMES, ...list };
  if (kind === 'message') return { number: wanted, message: Object.fromEntries(fields.map((field) => [field.name, bindingOf(field)])), ...list };
  return { number: wanted, type: kind, ...list };
}

function typeOf({ kind, repeated }: FieldShape): FieldSpec {
  if (repeated || kind === 'message' || kind === 'json') return nested<unknown>();
  if (kind === 'string' || kind === 'bytes' || kind === 'enum') return string();
  if (kind === 'float' || kind === 'double') return float();
  if (kind === 'bool') return boolean();
  return kind === 'timestamp' ? timestamp() : int();
}

const TYPES: Readonly<Record<FieldShape['kind'], Type>> = {
  int32: Type.INT32, int64: Type.INT64, uint32: Type.UINT32, uint64: Type.UINT64, sint32: Type.SINT32, sint64: Type.SINT64, fixed32: Type.FIXED32, fixed64: Type.FIXED64, sfixed32: Type.SFIXED32, sfixed64: Type.SFIXED64,
  float: Type.FLOAT, double: Type.DOUBLE, bool: Type.BOOL, string: Type.STRING, bytes: Type.BYTES, timestamp: Type.MESSAGE, json: Type.STRING, enum: Type.ENUM, message: Type.MESSAGE,
};

type MessageProto = { name: string; field: object[]; oneofDecl: object[]; nestedType: MessageProto[] };

/** The same message for bufbuild. */
export function descriptorOf(fields: readonly FieldShape[]): DescMessage {
  const file = create(FileDescriptorProtoSchema, {
    name: 'row.proto',
    syntax: 'proto3',
    dependency: ['google/protobuf/timestamp.proto'],
    messageType: [messageProto('Row', fields, '.Row')],
    enumType: [{ name: 'Kind', value: Object.entries(NAMES).map(([name, value]) => ({ name, number: value })) }],
  });
  return createFileRegistry(file, (name) => (name === 'google/protobuf/timestamp.proto' ? file_google_protobuf_timestamp : undefined)).getMessage('Row')!;
}

function messageProto(name: string, fields: readonly FieldShape[], path: string): MessageProto {
  const optional = fields.filter((field) => field.optional && field.kind !== 'message' && field.kind !== 'timestamp');
  return {
    name,
    field: fields.map((field) => ({
      name: field.name,
      number: field.number,
      type: TYPES[field.kind],
      label: field.repeated ? Label.REPEATED : Label.OPTIONAL,
      ...(field.kind === 'message' ? { typeName: `${path}.M${field.name}` } : field.kind === 'timestamp' ? { typeName: '.google.protobuf.Timestamp' } : field.kind === 'enum' ? { typeName: '.Kind' } : {}),
      ...(field.repeated && !SIZED_KINDS.has(field.kind) ? { options: { packed: field.packed } } : {}),
      ...(optional.includes(field) ? { proto3Optional: true, oneofIndex: optional.indexOf(field) } : {}),
    })),
    oneofDecl: optional.map((field) => ({ name: `_${field.name}` })),
    nestedType: fields.filter(({ kind }) => kind === 'message').map((field) => messageProto(`M${field.name}`, field.fields, `${path}.M${field.name}`)),
  };
}

const SIZED_KINDS: ReadonlySet<string> = new Set(['string', 'bytes', 'json', 'timestamp', 'message']);
const BIG: ReadonlySet<string> = new Set(['int64', 'uint64', 'sint64', 'fixed64', 'sfixed64']);

const text = fc.oneof(fc.string({ maxLength: 8 }), fc.string({ unit: 'binary', maxLength: 8 }));

/** Messages as they are read: optional fields may be null, nested ones with all that is missing. */
export function messageOf(fields: readonly FieldShape[]): fc.Arbitrary<Message> {
  return fc.tuple(...fields.map((field) => fieldValue(field))).map((values) => Object.fromEntries(fields.map(({ name }, i) => [name, values[i]])));
}

function fieldValue(field: FieldShape): fc.Arbitrary<unknown> {
  if (field.repeated) return fc.array(scalarValue(field), { maxLength: 4 });
  return field.optional ? fc.option(scalarValue(field)) : scalarValue(field);
}

function scalarValue({ kind, fields }: FieldShape): fc.Arbitrary<unknown> {
  switch (kind) {
    case 'message':
      return messageOf(fields);
    case 'int32':
    case 'sint32':
    case 'sfixed32':
      return fc.oneof(fc.integer(), fc.integer({ min: -70, max: 70 }));
    case 'uint32':
    case 'fixed32':
      return fc.oneof(fc.nat(2 ** 32 - 1), fc.nat(200));
    case 'uint64':
    case 'fixed64':
      return fc.oneof(fc.maxSafeNat(), fc.nat(200));
    case 'float':
      return fc.float({ noNaN: true, noDefaultInfinity: true }).map((value) => value + 0);
    case 'double':
      return fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => value + 0);
    case 'bool':
      return fc.boolean();
    case 'string':
    case 'bytes':
      return text;
    case 'timestamp':
      return fc.integer({ min: -6e13, max: 2e14 });
    case 'json':
      return fc.constantFrom<unknown>('', 0, 'a', [1, { b: null }], {}, [], true);
    case 'enum':
      return fc.constantFrom(...Object.keys(NAMES));
    default:
      return fc.oneof(fc.maxSafeInteger(), fc.integer({ min: -70, max: 70 }));
  }
}

/** A message for bufbuild. */
export function toBufbuild(fields: readonly FieldShape[], message: Message): Message {
  return Object.fromEntries(fields.filter(({ name }) => message[name] !== null).map((field) => [field.name, field.repeated ? (message[field.name] as unknown[]).map((item) => valueTo(field, item)) : valueTo(field, message[field.name])]));
}

function valueTo({ kind, fields }: FieldShape, value: unknown): unknown {
  if (BIG.has(kind)) return BigInt(value as number);
  if (kind === 'timestamp') return { seconds: BigInt(Math.floor((value as number) / 1_000)), nanos: ((((value as number) % 1_000) + 1_000) % 1_000) * 1_000_000 };
  if (kind === 'message') return toBufbuild(fields, value as Message);
  if (kind === 'bytes') return new TextEncoder().encode(value as string);
  return kind === 'json' ? JSON.stringify(value) : kind === 'enum' ? numberOf(value) : value;
}

/** A message of bufbuild in the form in which it is read here; in nested values bytes are Base64. */
export function fromBufbuild(fields: readonly FieldShape[], message: MessageShape<DescMessage>, depth = 0): Message {
  const members = message as unknown as Message;
  return Object.fromEntries(fields.map((field) => {
    const value = members[field.name];
    if (field.repeated) return [field.name, (value as unknown[]).map((item) => valueFrom(field, item, depth + 1))];
    const isThere = value !== undefined && (!field.optional || Object.hasOwn(members, field.name));
    return [field.name, isThere ? valueFrom(field, value, depth) : null];
  }));
}

function valueFrom({ kind, fields }: FieldShape, value: unknown, depth: number): unknown {
  if (BIG.has(kind)) return Number(value);
  if (kind === 'timestamp') return Number((value as { seconds: bigint }).seconds) * 1_000 + (value as { nanos: number }).nanos / 1_000_000;
  if (kind === 'message') return fromBufbuild(fields, value as MessageShape<DescMessage>, depth + 1);
  if (kind === 'bytes') return Buffer.from(value as Uint8Array).toString(depth > 0 ? 'base64' : 'utf8');
  if (kind === 'enum') return Object.keys(NAMES).find((name) => numberOf(name) === value);
  return kind === 'json' ? (value === '' ? null : (JSON.parse(value as string) as unknown)) : value;
}
