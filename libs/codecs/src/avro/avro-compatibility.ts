import type { RegisteredSchema, SubjectSource } from '@weir/connector-api';
import { WeirError } from '@weir/model';
import type { RecordSchema } from '@weir/schema';
import { Column } from '../column.ts';
import { planOf, refusals } from './avro-plan.ts';
import { mismatch } from './avro-resolution.ts';
import { parseAvroSchema } from './avro-schema-parser.ts';
import type { AvroSchema, AvroType } from './avro-type.ts';
import { badSchema } from './avro-type.ts';

/** What a new schema must be to those before: read their data (backward), be read by them (forward), or both; the last one, or all. */
export type CompatibilityLevel = 'NONE' | 'BACKWARD' | 'BACKWARD_TRANSITIVE' | 'FORWARD' | 'FORWARD_TRANSITIVE' | 'FULL' | 'FULL_TRANSITIVE';

/** Why a schema may not follow these (oldest first) by a rule; undefined when it may. Throws AVRO_SCHEMA. */
export function avroIncompatibility(level: CompatibilityLevel, candidate: AvroSchema, versions: readonly AvroSchema[]): string | undefined {
  if (level === 'NONE') return undefined;
  const next = parseAvroSchema(candidate);
  for (const version of level.endsWith('_TRANSITIVE') ? versions : versions.slice(-1)) {
    const old = parseAvroSchema(version);
    const why = (level.startsWith('FORWARD') ? undefined : mismatch(old, next)) ?? (level.startsWith('BACKWARD') ? undefined : mismatch(next, old));
    if (why !== undefined) return why;
  }
  return undefined;
}

export interface AvroSubjectCheck {
  readonly registry: SubjectSource;
  /** For the values of a topic mostly `<topic>-value`. */
  readonly subject: string;
  readonly schema: RecordSchema;
  /** As it is given to the codec. */
  readonly reader?: AvroSchema;
  /** The fields that are read; default all. */
  readonly projection?: readonly string[];
  /** Which versions the log may still hold; default all of them. */
  readonly versions?: 'all' | 'latest';
}

/**
 * Whether a codec can read what was written by the versions of a subject; to be called before a job starts. Answers what it will have to
 * reject of data that is otherwise good, such as nulls where the field may not be null, and says when there are no versions. Throws
 * SCHEMA_MISMATCH when a version cannot be read at all, SCHEMA_TYPE when one is not of Avro, and what the registry throws.
 */
export async function checkAvroSubject({ registry, subject, schema, reader, projection, versions: wanted = 'all' }: AvroSubjectCheck): Promise<readonly string[]> {
  const all = await registry.versions(subject);
  const read = reader === undefined ? undefined : parseAvroSchema(reader);
  if (read !== undefined && read.kind !== 'record') throw badSchema('rows are read by a record');
  if (all.length === 0) return [`Subject ${subject} has no versions: nothing could be checked.`];
  const columns = schema.fields.map((field) => (projection === undefined || projection.includes(field.name) ? new Column(field) : undefined));
  return (wanted === 'latest' ? all.slice(-1) : all).flatMap((version) => {
    const plan = planOf(writtenBy(version, subject), read, schema, columns);
    if ('problem' in plan) throw unreadable(`Schema ${version.id} of ${subject} cannot be read as ${schema.name}: ${plan.problem}.`);
    return refusals(plan).map((what) => `Of schema ${version.id} of ${subject}, ${what} will be rejected.`);
  });
}

function writtenBy({ id, type, schema, references }: RegisteredSchema, subject: string): AvroType {
  if (type === 'AVRO') return parseAvroSchema(schema, references);
  throw new WeirError('SCHEMA_TYPE', `Schema ${id} of ${subject} is one of ${type}, not of Avro.`, { remedy: 'Bind the source to a codec of that format.' });
}

function unreadable(what: string): WeirError {
  return new WeirError('SCHEMA_MISMATCH', what, { remedy: 'Change the fields of the source, or give a reader\u2019s schema with defaults.' });
}
