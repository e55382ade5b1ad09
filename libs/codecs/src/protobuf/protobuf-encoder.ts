import { WeirError } from '@weir/model';
import type { RecordSchema } from '@weir/schema';
import { ByteWriter } from '../byte-writer.ts';
import { FIXED64, NANOS_TAG, SECONDS_TAG, SIZED, VARINT } from './protobuf-field.ts';
import type { ProtobufField } from './protobuf-field.ts';

/**
 * Makes the function that writes rows as messages, their fields in order of their numbers. What may be null is written when it is not;
 * what may not is left out when it has the default of its type, as in proto3. It throws PROTOBUF_VALUE for a row that does not fit.
 */
export function protobufEncoder<T>(schema: RecordSchema<T>, bound: readonly ProtobufField[], frame: Uint8Array): (row: T) => Uint8Array {
  const out = new ByteWriter();
  const fields = bound.map((field, id) => ({ field, hasDefault: !schema.fields[id]!.nullable })).sort((a, b) => a.field.number - b.field.number);
  return (row) => {
    out.clear();
    out.raw(frame);
    for (const { field, hasDefault } of fields) {
      const value = (row as Record<string, unknown>)[field.name];
      if (value === null || value === undefined) {
        if (hasDefault && !field.repeated) throw unfit(field, value);
      } else if (!hasDefault || !isDefault(field, value)) write(out, field, value);
    }
    return out.finish();
  };
}

/** Whether a message without the field says the same. */
function isDefault({ kind, names }: ProtobufField, value: unknown): boolean {
  switch (kind) {
    case 'message':
    case 'json':
    case 'timestamp':
      return false;
    case 'enum':
      return names.get(0) === value;
    default:
      return value === '' || value === false || Object.is(value, 0);
  }
}

function write(out: ByteWriter, field: ProtobufField, value: unknown): void {
  if (!field.repeated) {
    out.varint(field.number * 8 + field.wire);
    one(out, field, value);
    return;
  }
  if (!Array.isArray(value)) throw unfit(field, value);
  if (field.wire === SIZED) {
    for (const item of value as unknown[]) {
      out.varint(field.number * 8 + SIZED);
      one(out, field, item);
    }
  } else if (value.length > 0) {
    const packed = new ByteWriter();
    for (const item of value as unknown[]) one(packed, field, item);
    sized(out, field.number * 8 + SIZED, packed);
  }
}

function one(out: ByteWriter, field: ProtobufField, value: unknown): void {
  switch (field.kind) {
    case 'string':
    case 'json':
    case 'bytes':
      text(out, field, field.kind === 'json' ? JSON.stringify(value) : value);
      return;
    case 'message':
      message(out, field, value);
      return;
    case 'timestamp':
      timestamp(out, field, value);
      return;
    case 'bool':
      if (typeof value !== 'boolean') throw unfit(field, value);
      out.byte(value ? 1 : 0);
      return;
    case 'double':
    case 'float':
      if (typeof value !== 'number') throw unfit(field, value);
      if (field.kind === 'double') out.double(value);
      else out.float(value);
      return;
    case 'enum': {
      const number = [...field.names].find(([, name]) => name === value)?.[0];
      if (number === undefined) throw unfit(field, value);
      out.signed64(number);
      return;
    }
    default:
      whole(out, field, value);
  }
}

const BITS: Readonly<Record<string, readonly [number, number]>> = {
  int32: [-(2 ** 31), 2 ** 31 - 1],
  uint32: [0, 2 ** 32 - 1],
  uint64: [0, Number.MAX_SAFE_INTEGER],
  int64: [-Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER],
};

function whole(out: ByteWriter, field: ProtobufField, value: unknown): void {
  const { kind, wire } = field;
  const [least, most] = BITS[kind.replace('sfixed', 'int').replace('fixed', 'uint').replace('sint', 'int')]!;
  if (!Number.isSafeInteger(value) || (value as number) < least || (value as number) > most) throw unfit(field, value);
  const number = value as number;
  if (wire === VARINT) {
    if (kind === 'sint32' || kind === 'sint64') out.zigzag(number);
    else out.signed64(number);
    return;
  }
  out.uint32LE(number >>> 0);
  if (wire === FIXED64) out.uint32LE(Math.floor(number / 2 ** 32) >>> 0);
}

/** In nested values bytes are Base64, as in the JSON of Protocol Buffers; in a field of texts they are its UTF-8. */
function text(out: ByteWriter, field: ProtobufField, value: unknown): void {
  if (typeof value !== 'string') throw unfit(field, value);
  if (field.kind === 'bytes' && field.isNested) {
    const bytes = Buffer.from(value, 'base64');
    out.varint(bytes.length);
    out.raw(bytes);
    return;
  }
  const length = Buffer.byteLength(value);
  out.varint(length);
  out.text(value, length);
}

function message(out: ByteWriter, field: ProtobufField, value: unknown): void {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw unfit(field, value);
  const inner = new ByteWriter();
  const members = value as Readonly<Record<string, unknown>>;
  const unknown = Object.keys(members).find((name) => field.fields.every((each) => each.name !== name));
  // A member that nobody writes would be lost.
  if (unknown !== undefined) throw unfit(field, value);
  for (const each of field.fields.toSorted((a, b) => a.number - b.number)) {
    const member = Object.hasOwn(members, each.name) ? members[each.name] : null;
    if (member !== null && member !== undefined && (each.repeated || !isDefault(each, member))) write(inner, each, member);
  }
  sized(out, undefined, inner);
}

function timestamp(out: ByteWriter, field: ProtobufField, value: unknown): void {
  if (!Number.isSafeInteger(value)) throw unfit(field, value);
  const seconds = Math.floor((value as number) / 1_000);
  const nanos = ((value as number) - seconds * 1_000) * 1_000_000;
  const inner = new ByteWriter();
  if (seconds !== 0) {
    inner.byte(SECONDS_TAG);
    inner.signed64(seconds);
  }
  if (nanos !== 0) {
    inner.byte(NANOS_TAG);
    inner.signed64(nanos);
  }
  sized(out, undefined, inner);
}

function sized(out: ByteWriter, tag: number | undefined, inner: ByteWriter): void {
  if (tag !== undefined) out.varint(tag);
  out.varint(inner.length);
  out.raw(inner.finish());
}

function unfit({ name, kind, repeated }: ProtobufField, value: unknown): WeirError {
  return new WeirError('PROTOBUF_VALUE', `Field '${name}' cannot be written as ${repeated ? 'a list of ' : ''}${kind}: ${String(JSON.stringify(value)).slice(0, 100)}.`, { remedy: 'Give the field a value of its type.' });
}
