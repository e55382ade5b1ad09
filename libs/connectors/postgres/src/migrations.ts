import { createHash } from 'node:crypto';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Pool, PoolClient } from 'pg';
import { WeirError } from '@weir/model';

/** One numbered change of a database. */
export interface Migration {
  /** From 1, without gaps. */
  readonly id: number;
  readonly name: string;
  readonly sql: string;
}

const FILE = /^(\d{4})_([a-z0-9-]+)\.sql$/;
/** Any number that nothing else in this database locks. */
const ADVISORY_LOCK = 7_236_401;

/** Migrations of a folder of `0001_name.sql` files, ascending. */
export function readMigrations(folder: string): readonly Migration[] {
  return readdirSync(folder)
    .sort()
    .flatMap((file) => {
      const match = FILE.exec(file);
      return match === null ? [] : [{ id: Number(match[1]), name: match[2]!, sql: readFileSync(join(folder, file), 'utf8') }];
    });
}

/**
 * Brings a database up to the migrations, each in a transaction; answers those that were (with `dryRun`: would be) applied. Two that
 * start at once wait for each other. Throws MIGRATION_CHANGED or MIGRATION_NEWER, and then nothing was applied.
 */
export async function migrate(pool: Pool, migrations: readonly Migration[], options: { readonly dryRun?: boolean } = {}): Promise<readonly Migration[]> {
  const client = await pool.connect();
  try {
    await client.query('SELECT pg_advisory_lock($1)', [ADVISORY_LOCK]);
    await client.query('CREATE TABLE IF NOT EXISTS migrations (id integer PRIMARY KEY, name text NOT NULL, sha256 text NOT NULL, applied_at timestamptz NOT NULL DEFAULT now())');
    const applied = await client.query<{ id: number; sha256: string }>('SELECT id, sha256 FROM migrations ORDER BY id');
    check(applied.rows, migrations);
    const due = migrations.filter(({ id }) => !applied.rows.some((row) => row.id === id));
    if (options.dryRun !== true) for (const migration of due) await apply(client, migration);
    return due;
  } finally {
    await client.query('SELECT pg_advisory_unlock($1)', [ADVISORY_LOCK]);
    client.release();
  }
}

function check(applied: readonly { readonly id: number; readonly sha256: string }[], migrations: readonly Migration[]): void {
  for (const row of applied) {
    const known = migrations.find(({ id }) => id === row.id);
    if (known === undefined) {
      throw new WeirError('MIGRATION_NEWER', `The database has migration ${row.id}, which this code does not know.`, { remedy: 'Run the newer Weir.' });
    }
    if (checksum(known) !== row.sha256) {
      throw new WeirError('MIGRATION_CHANGED', `Migration ${row.id} (${known.name}) was changed after it had been applied.`, { remedy: 'Restore its text, and put the change into a new migration.' });
    }
  }
}

async function apply(client: PoolClient, migration: Migration): Promise<void> {
  await client.query('BEGIN');
  try {
    await client.query(migration.sql);
    await client.query('INSERT INTO migrations (id, name, sha256) VALUES ($1, $2, $3)', [migration.id, migration.name, checksum(migration)]);
    await client.query('COMMIT');
  } catch (error) {
    await client.query('ROLLBACK');
    throw error;
  }
}

function checksum({ sql }: Migration): string {
  return createHash('sha256').update(sql).digest('hex');
}
