import { WeirError } from '@weir/model';

/** A numbered change of a database, as its record keeps it. */
export interface MigrationRecord {
  /** From 1, without gaps. */
  readonly id: number;
  readonly name: string;
  /** Of what it does, in hexadecimal. */
  readonly sha256: string;
}

/**
 * The migrations that a database does not have yet, ascending. Throws MIGRATION_NEWER when it has one that is not known here, and
 * MIGRATION_CHANGED when one that it has reads otherwise here.
 */
export function dueMigrations<M extends MigrationRecord>(applied: readonly MigrationRecord[], known: readonly M[]): readonly M[] {
  for (const { id, name, sha256 } of applied) {
    const migration = known.find((candidate) => candidate.id === id);
    if (migration === undefined) {
      throw new WeirError('MIGRATION_NEWER', `The database has migration ${id} (${name}), which this code does not know.`, { remedy: 'Run the newer Weir.' });
    }
    if (migration.sha256 !== sha256) {
      throw new WeirError('MIGRATION_CHANGED', `Migration ${id} (${name}) was changed after it had been applied.`, {
        remedy: 'Restore its text, and put the change into a new migration.',
      });
    }
  }
  return known.filter(({ id }) => !applied.some((record) => record.id === id));
}
