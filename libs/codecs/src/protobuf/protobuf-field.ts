import { WeirError } from '@weir/model';
import type { Field, PhysicalType, RecordSchema } from '@weir/schema';

/** The types of Protocol Buffers that a field can be written as; `timestamp` is the message google.protobuf.Timestamp, `json` a string of JSON. */
export type ProtobufType =
  | 'int32' | 'int64' | 'uint32' | 'uint64' | 'sint32' | 'sint64' | 'fixed32' | 'fixed64' | 'sfixed32' | 'sfixed64'
  | 'float' | 'double' | 'bool' | 'string' | 'bytes' | 'timestamp' | 'json';

/** How a field is written. */
export interface ProtobufBinding {
  /** From 1 to 2^29 - 1, and not from 19,000 to 19,999. */
  readonly number: number;
  /** Default by the type of the field: string, int64, double, bool; int64 of milliseconds for a timestamp; json for a nested value. */
  readonly type?: ProtobufType;
  /** The names of an enum's numbers, which then stand in a field of type string. */
  readonly enum?: Readonly<Record<string, number>>;
  /** The fields of a message, which then stands in a nested value. */
  readonly message?: Readonly<Record<string, ProtobufBinding | number>>;
  /** True for a list of them, packed or not, in a nested value. */
  readonly repeated?: boolean;
}

/** A field of a message, checked and whole. */
export interface ProtobufField {
  readonly name: string;
  readonly number: number;
  readonly kind: ProtobufType | 'enum' | 'message';
  readonly repeated: boolean;
  /** Whether it stands in a nested value. */
  readonly isNested: boolean;
  /** VARINT, FIXED64, SIZED or FIXED32. */
  readonly wire: number;
  readonly names: ReadonlyMap<number, string>;
  readonly fields: readonly ProtobufField[];
}

/** How values are written, as the last three bits of a tag say. */
export const VARINT = 0;
export const FIXED64 = 1;
export const SIZED = 2;
export const GROUP_START = 3;
export const GROUP_END = 4;
export const FIXED32 = 5;

/** Tags of the two fields of google.protobuf.Timestamp, which are an int64 and an int32. */
export const SECONDS_TAG = 8;
export const NANOS_TAG = 16;

const DEFAULTS: Readonly<Record<PhysicalType, ProtobufType>> = { string: 'string', int: 'int64', float: 'double', boolean: 'bool', timestamp: 'int64', json: 'json' };
const WHOLE: readonly string[] = ['int32', 'int64', 'uint32', 'uint64', 'sint32', 'sint64', 'fixed32', 'fixed64', 'sfixed32', 'sfixed64'];
/** What each type of a field can be written as. */
const FITTING: Readonly<Record<PhysicalType, readonly string[]>> = {
  string: ['string', 'bytes', 'enum'],
  int: WHOLE,
  float: ['float', 'double', ...WHOLE],
  boolean: ['bool'],
  timestamp: ['timestamp', 'int64', 'uint64', 'sint64', 'fixed64', 'sfixed64'],
  json: ['json', 'message'],
};
const LARGEST_NUMBER = 2 ** 29 - 1;
const MAX_DEPTH = 32;

/** The fields of a schema as they are written: bound to numbers, or numbered from 1 in their order. Throws PROTOBUF_BINDING. */
export function boundFields(schema: RecordSchema, bindings: Readonly<Record<string, ProtobufBinding | number>> | undefined): readonly ProtobufField[] {
  if (bindings === undefined) return schema.fields.map((field, index) => fieldOf(field.name, { number: index + 1 }, DEFAULTS[field.type], 0));
  const unknown = Object.keys(bindings).find((name) => schema.fields.every((field) => field.name !== name));
  if (unknown !== undefined) throw badBinding(unknown, 'is no field of the schema');
  return checked(schema.fields.map((field) => boundField(field, bindings[field.name])));
}

function boundField(field: Field, binding: ProtobufBinding | number | undefined): ProtobufField {
  if (binding === undefined) throw badBinding(field.name, 'has no number');
  const bound = fieldOf(field.name, typeof binding === 'number' ? { number: binding } : binding, DEFAULTS[field.type], 0);
  const isNested = field.type === 'json';
  if (isNested ? !bound.repeated && !FITTING.json.includes(bound.kind) : bound.repeated || !FITTING[field.type].includes(bound.kind)) {
    throw badBinding(field.name, `of type ${field.type} cannot be written as ${bound.repeated ? 'a list of ' : ''}${bound.kind}`);
  }
  return bound;
}

function fieldOf(name: string, binding: ProtobufBinding, fallback: ProtobufType | undefined, depth: number): ProtobufField {
  const { number, enum: names, message, repeated = false } = binding;
  if (!Number.isInteger(number) || number < 1 || number > LARGEST_NUMBER || (number >= 19_000 && number <= 19_999)) throw badBinding(name, `cannot have the number ${number}`);
  if (depth > MAX_DEPTH) throw badBinding(name, `nests deeper than ${MAX_DEPTH}`);
  const kind = names !== undefined ? 'enum' : message !== undefined ? 'message' : (binding.type ?? fallback);
  if (kind === undefined) throw badBinding(name, 'has no type');
  const fields = Object.entries(message ?? {}).map(([inner, each]) => fieldOf(inner, typeof each === 'number' ? { number: each } : each, undefined, depth + 1));
  return { name, number, kind, repeated, isNested: repeated || depth > 0, wire: wireOf(kind), names: new Map(Object.entries(names ?? {}).map(([text, value]) => [value, text])), fields: checked(fields) };
}

function checked(fields: readonly ProtobufField[]): readonly ProtobufField[] {
  const numbers = new Set<number>();
  for (const { name, number } of fields) {
    if (numbers.has(number)) throw badBinding(name, `has the number ${number}, and another one has it, too`);
    numbers.add(number);
  }
  return fields;
}

function wireOf(kind: ProtobufField['kind']): number {
  switch (kind) {
    case 'fixed64':
    case 'sfixed64':
    case 'double':
      return FIXED64;
    case 'fixed32':
    case 'sfixed32':
    case 'float':
      return FIXED32;
    case 'string':
    case 'bytes':
    case 'json':
    case 'timestamp':
    case 'message':
      return SIZED;
    default:
      return VARINT;
  }
}

/** A mistake in the bindings. */
function badBinding(name: string, what: string): WeirError {
  return new WeirError('PROTOBUF_BINDING', `Field '${name}' ${what}.`, { remedy: 'Bind each field to a number of its own and a type that fits it.' });
}
