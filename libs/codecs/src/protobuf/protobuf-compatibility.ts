import type { RegisteredSchema, SubjectSource } from '@weir/connector-api';
import { WeirError } from '@weir/model';
import type { RecordSchema } from '@weir/schema';
import { boundFields } from './protobuf-field.ts';
import { absent, messageAt, messagesOf, unfit } from './protobuf-fit.ts';
import type { ProtobufFields } from './protobuf.ts';

export interface ProtobufSubjectCheck {
  readonly registry: SubjectSource;
  /** For the values of a topic mostly `<topic>-value`. */
  readonly subject: string;
  readonly schema: RecordSchema;
  /** As they are given to the codec. */
  readonly fields?: ProtobufFields;
  /** The fields that are read; default all. */
  readonly projection?: readonly string[];
  /** Which versions the log may still hold; default all of them. */
  readonly versions?: 'all' | 'latest';
}

/**
 * Whether a codec can read the first messages of the versions of a subject; to be called before a job starts. Answers which fields
 * will be read as not there, and says when there are no versions. Throws SCHEMA_MISMATCH when a version cannot be read, SCHEMA_TYPE when
 * one is not of Protocol Buffers, and what the registry throws.
 */
export async function checkProtobufSubject({ registry, subject, schema, fields, projection, versions: wanted = 'all' }: ProtobufSubjectCheck): Promise<readonly string[]> {
  const bound = boundFields(schema, fields).filter(({ name }) => projection === undefined || projection.includes(name));
  const all = await registry.versions(subject);
  if (all.length === 0) return [`Subject ${subject} has no versions: nothing could be checked.`];
  return (wanted === 'latest' ? all.slice(-1) : all).flatMap((version) => {
    const message = firstMessage(version, subject);
    const problem = unfit(message, bound);
    if (problem !== undefined) throw unreadable(`Schema ${version.id} of ${subject} cannot be read as ${schema.name}: ${problem}.`);
    return absent(message, bound).map(({ name, number }) => `Of schema ${version.id} of ${subject}, field ${name} (${number}) will be read as not there.`);
  });
}

function firstMessage(registered: RegisteredSchema, subject: string): NonNullable<ReturnType<typeof messageAt>> {
  const { id, type } = registered;
  if (type !== 'PROTOBUF') throw new WeirError('SCHEMA_TYPE', `Schema ${id} of ${subject} is one of ${type}, not of PROTOBUF.`, { remedy: 'Bind the source to a codec of that format.' });
  const message = messageAt(messagesOf(registered), [0]);
  if (message === undefined) throw unreadable(`Schema ${id} of ${subject} has no message.`);
  return message;
}

function unreadable(what: string): WeirError {
  return new WeirError('SCHEMA_MISMATCH', what, { remedy: 'Bind the fields to the numbers and types that are written.' });
}
