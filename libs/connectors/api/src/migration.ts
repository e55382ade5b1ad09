import { createHash } from 'node:crypto';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { WeirError } from '@weir/model';

/** A numbered change of a database, as its record keeps it. */
export interface MigrationRecord {
  /** From 1, without gaps. */
  readonly id: number;
  readonly name: string;
  /** Of its text, in hexadecimal. */
  readonly sha256: string;
}

/** A numbered change of a database, with the statements that make it. */
export interface Migration extends MigrationRecord {
  readonly sql: string;
}

/** A database in which migrations are applied, for as long as one runner needs it. */
export interface MigrationSession {
  /** Those that it has, ascending; none when it never had any. */
  applied(): Promise<readonly MigrationRecord[]>;
  /** Applies one and records it. Throws MIGRATION_FAILED, or what the database throws. */
  apply(migration: Migration): Promise<void>;
}

/** A database that migrations can be applied to. */
export interface MigrationTarget {
  /** Lends a session; when it writes, those of others wait, or the same statements may run twice. */
  session<T>(work: (session: MigrationSession) => Promise<T>, options: { readonly writes: boolean }): Promise<T>;
}

/** How migrations are applied. */
export interface MigrateOptions {
  /** Only tells what would be done; nothing is written. */
  readonly dryRun?: boolean;
}

const FILE = /^(\d{4})_([a-z0-9-]+)\.sql$/;

/** Migrations of a folder of `0001_name.sql` files, ascending. Throws MIGRATION_FILES when they are named otherwise, have gaps or cannot be read. */
export function readMigrations(folder: string): readonly Migration[] {
  return sqlFiles(folder).map((file, index) => {
    const match = FILE.exec(file);
    if (match === null || Number(match[1]) !== index + 1) {
      throw new WeirError('MIGRATION_FILES', `${join(folder, file)} is not the migration number ${index + 1}.`, { remedy: 'Name the files 0001_what-they-do.sql, without gaps.' });
    }
    const sql = readFileSync(join(folder, file), 'utf8');
    return { id: index + 1, name: match[2]!, sql, sha256: createHash('sha256').update(sql).digest('hex') };
  });
}

function sqlFiles(folder: string): readonly string[] {
  try {
    return readdirSync(folder).filter((file) => file.endsWith('.sql')).sort();
  } catch (cause) {
    throw new WeirError('MIGRATION_FILES', `The migrations in ${folder} cannot be read.`, { remedy: 'Run Weir from a whole copy of its files.', cause });
  }
}

/**
 * Brings a database up to the migrations; answers those that were (with `dryRun`: would be) applied. Throws MIGRATION_CHANGED or
 * MIGRATION_NEWER, and then nothing was applied; when one fails, those before it stay.
 */
export function migrate(target: MigrationTarget, migrations: readonly Migration[], { dryRun = false }: MigrateOptions = {}): Promise<readonly Migration[]> {
  return target.session(
    async (session) => {
      const due = dueMigrations(await session.applied(), migrations);
      if (!dryRun) for (const migration of due) await session.apply(migration);
      return due;
    },
    { writes: !dryRun },
  );
}

/**
 * The migrations that a database does not have yet, ascending. Throws MIGRATION_NEWER when it has one that is not known here, and
 * MIGRATION_CHANGED when one that it has reads otherwise here.
 */
function dueMigrations(applied: readonly MigrationRecord[], known: readonly Migration[]): readonly Migration[] {
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
