import { checkVersions } from '../subject-check.ts';
import type { SubjectCheck } from '../subject-check.ts';
import { boundFields } from './protobuf-field.ts';
import { absent, messageAt, messagesOf, unfit } from './protobuf-fit.ts';
import type { ProtobufFields } from './protobuf.ts';

/** What is compared for Protocol Buffers. */
export interface ProtobufSubjectCheck extends SubjectCheck {
  /** As they are given to the codec. */
  readonly fields?: ProtobufFields;
}

/**
 * Whether a codec can read the first messages of the versions of a subject; to be called before a job starts. Answers which fields
 * will be read as not there, and says when there are no versions. Throws SCHEMA_MISMATCH when a version cannot be read, SCHEMA_TYPE when
 * one is not of Protocol Buffers, and what the registry throws.
 */
export async function checkProtobufSubject({ fields, ...check }: ProtobufSubjectCheck): Promise<readonly string[]> {
  const { schema, projection } = check;
  const bound = boundFields(schema, fields).filter(({ name }) => projection === undefined || projection.includes(name));
  return checkVersions(check, {
    type: 'PROTOBUF',
    remedy: 'Bind the fields to the numbers and types that are written.',
    compare: (version) => {
      const message = messageAt(messagesOf(version), [0]);
      if (message === undefined) return { problem: 'it has no message' };
      const problem = unfit(message, bound);
      return problem === undefined ? { warnings: absent(message, bound).map(({ name, number }) => `field ${name} (${number}) will be read as not there`) } : { problem };
    },
  });
}
