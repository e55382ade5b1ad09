import { Column } from '../column.ts';
import { checkVersions } from '../subject-check.ts';
import type { SubjectCheck } from '../subject-check.ts';
import { planOf, refusals } from './avro-plan.ts';
import { mismatch } from './avro-resolution.ts';
import { parseAvroSchema } from './avro-schema-parser.ts';
import type { AvroSchema } from './avro-type.ts';
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

/** What is compared for Avro. */
export interface AvroSubjectCheck extends SubjectCheck {
  /** As it is given to the codec. */
  readonly reader?: AvroSchema;
}

/**
 * Whether a codec can read what was written by the versions of a subject; to be called before a job starts. Answers what it will have to
 * reject of data that is otherwise good, such as nulls where the field may not be null, and says when there are no versions. Throws
 * SCHEMA_MISMATCH when a version cannot be read at all, SCHEMA_TYPE when one is not of Avro, and what the registry throws.
 */
export async function checkAvroSubject({ reader, ...check }: AvroSubjectCheck): Promise<readonly string[]> {
  const { schema, projection } = check;
  const read = reader === undefined ? undefined : parseAvroSchema(reader);
  if (read !== undefined && read.kind !== 'record') throw badSchema('rows are read by a record');
  const columns = schema.fields.map((field) => (projection === undefined || projection.includes(field.name) ? new Column(field) : undefined));
  return checkVersions(check, {
    type: 'AVRO',
    remedy: 'Change the fields of the source, or give a reader\u2019s schema with defaults.',
    compare: ({ schema: written, references }) => {
      const plan = planOf(parseAvroSchema(written, references), read, schema, columns);
      return 'problem' in plan ? plan : { warnings: refusals(plan).map((what) => `${what} will be rejected`) };
    },
  });
}
