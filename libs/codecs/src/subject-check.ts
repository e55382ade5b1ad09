import type { RegisteredSchema, SubjectSource } from '@weir/connector-api';
import { WeirError } from '@weir/model';
import type { RecordSchema } from '@weir/schema';

/** What is compared before a job starts, whatever the format. */
export interface SubjectCheck {
  readonly registry: SubjectSource;
  /** For the values of a topic mostly `<topic>-value`. */
  readonly subject: string;
  readonly schema: RecordSchema;
  /** The fields that are read; default all. */
  readonly projection?: readonly string[];
  /** Which versions the log may still hold; default all of them. */
  readonly versions?: 'all' | 'latest';
}

/** How a format compares one version: why it cannot be read, or what is to be said of it all the same, a clause each. */
export interface VersionCheck {
  /** As the registry calls the format. */
  readonly type: string;
  /** What to do about a version that cannot be read. */
  readonly remedy: string;
  compare(version: RegisteredSchema): { readonly problem: string } | { readonly warnings: readonly string[] };
}

/**
 * Compares the versions of a subject with what a codec reads; answers what is to be said of them, and when there are none. Throws
 * SCHEMA_MISMATCH when one cannot be read, SCHEMA_TYPE when one is of another format, and what the registry throws.
 */
export async function checkVersions({ registry, subject, schema, versions = 'all' }: SubjectCheck, { type, remedy, compare }: VersionCheck): Promise<readonly string[]> {
  const all = await registry.versions(subject);
  if (all.length === 0) return [`Subject ${subject} has no versions: nothing could be checked.`];
  return (versions === 'latest' ? all.slice(-1) : all).flatMap((version) => {
    const name = `${version.id} of ${subject}`;
    if (version.type !== type) throw new WeirError('SCHEMA_TYPE', `Schema ${name} is one of ${version.type}, not of ${type}.`, { remedy: 'Bind the source to a codec of that format.' });
    const compared = compare(version);
    if ('problem' in compared) throw new WeirError('SCHEMA_MISMATCH', `Schema ${name} cannot be read as ${schema.name}: ${compared.problem}.`, { remedy });
    return compared.warnings.map((warning) => `Of schema ${name}, ${warning}.`);
  });
}
