import type { RegisteredSchema } from '@weir/connector-api';
import type { ProtobufField } from './protobuf-field.ts';
import { parseProto } from './proto-file.ts';
import type { ProtoField, ProtoMessage } from './proto-file.ts';

/** Types that are written alike, so that one may be read as the other (protobuf.dev, "Updating A Message Type"). */
const ALIKE: readonly (readonly string[])[] = [
  ['int32', 'uint32', 'int64', 'uint64', 'bool', 'enum'],
  ['sint32', 'sint64'],
  ['fixed32', 'sfixed32'],
  ['fixed64', 'sfixed64'],
  ['string', 'bytes', 'json'],
];
const TIMESTAMP = 'google.protobuf.Timestamp';

/** The messages of a schema that values can name by their places. Throws PROTOBUF_SCHEMA. */
export function messagesOf({ schema, references }: RegisteredSchema): readonly ProtoMessage[] {
  return parseProto(schema, references);
}

/** The message at a path of places: the first number counts those of the file, the next ones those inside. Undefined when there is none. */
export function messageAt(messages: readonly ProtoMessage[], path: readonly number[]): ProtoMessage | undefined {
  let found: ProtoMessage | undefined;
  let among = messages;
  for (const place of path) {
    found = among[place];
    if (found === undefined) return undefined;
    among = found.messages;
  }
  return found;
}

/** Why fields cannot be read from a message that was written so; undefined when they can. Those that it does not have read as not there. */
export function unfit(message: ProtoMessage, fields: readonly ProtobufField[]): string | undefined {
  const written = new Map(message.fields.map((field) => [field.number, field]));
  for (const field of fields) {
    const other = written.get(field.number);
    if (other !== undefined && !fits(field, other)) return `field ${field.number} of ${message.name} is ${shown(other)} ${other.name}, and ${field.name} is read as ${field.repeated ? 'a list of ' : ''}${field.kind}`;
  }
  if (fields.length > 0 && fields.every(({ number }) => !written.has(number))) return `${message.name} has none of the fields that are read`;
  return undefined;
}

/** The fields that a message of this schema never has. */
export function absent(message: ProtoMessage, fields: readonly ProtobufField[]): readonly ProtobufField[] {
  return fields.filter(({ number }) => message.fields.every((field) => field.number !== number));
}

function fits(field: ProtobufField, written: ProtoField): boolean {
  if (written.type === 'group' || (written.repeated && !field.repeated)) return false;
  if (field.kind === 'message') return written.kind === 'message' || (written.kind === 'other' && written.type !== TIMESTAMP);
  if (field.kind === 'timestamp') return written.type === TIMESTAMP;
  if (written.kind === 'other') return field.kind === 'enum' && written.type !== TIMESTAMP;
  if (written.kind === 'message') return false;
  const type = written.kind === 'enum' ? 'enum' : written.type;
  return type === field.kind || ALIKE.some((group) => group.includes(type) && group.includes(field.kind));
}

function shown({ repeated, type }: ProtoField): string {
  return repeated ? `repeated ${type}` : type;
}
