import { createHash } from 'node:crypto';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { PoolClient } from 'pg';
import { dueMigrations } from '@weir/connector-api';
import type { MigrationRecord } from '@weir/connector-api';
import { WeirError } from '@weir/model';
import type { Database } from './database.ts';

/** A migration of a Postgres database; runs in a transaction. */
export interface Migration extends MigrationRecord {
  readonly sql: string;
}

export interface MigrateOptions {
  /** Only tells what would be done; nothing is written. */
  readonly dryRun?: boolean;
}

const FILE = /^(\d{4})_([a-z0-9-]+)\.sql$/;
/** Any number that nothing else in this database locks. */
const ADVISORY_LOCK = 7_236_401;

/** Migrations of a folder of `0001_name.sql` files, ascending. Throws MIGRATION_FILES when they are named otherwise or have gaps. */
export function readMigrations(folder: string): readonly Migration[] {
  return readdirSync(folder)
    .filter((file) => file.endsWith('.sql'))
    .sort()
    .map((file, index) => {
      const match = FILE.exec(file);
      if (match === null || Number(match[1]) !== index + 1) {
        throw new WeirError('MIGRATION_FILES', `${join(folder, file)} is not the migration number ${index + 1}.`, { remedy: 'Name the files 0001_what-they-do.sql, without gaps.' });
      }
      const sql = readFileSync(join(folder, file), 'utf8');
      return { id: index + 1, name: match[2]!, sql, sha256: createHash('sha256').update(sql).digest('hex') };
    });
}

/**
 * Brings a database up to the migrations, each in a transaction; answers those that were (with `dryRun`: would be) applied. Two that
 * start at once wait for each other. Throws MIGRATION_CHANGED or MIGRATION_NEWER, and then nothing was applied; MIGRATION_FAILED
 * when one of them was refused, and then those before it stay.
 */
export async function migrate(database: Database, migrations: readonly Migration[], { dryRun = false }: MigrateOptions = {}): Promise<readonly Migration[]> {
  return database.withClient(async (client) => {
    if (dryRun) return dueMigrations(await applied(client), migrations);
    await client.query('SELECT pg_advisory_lock($1)', [ADVISORY_LOCK]);
    await client.query('CREATE TABLE IF NOT EXISTS migrations (id integer PRIMARY KEY, name text NOT NULL, sha256 text NOT NULL, applied_at timestamptz NOT NULL DEFAULT now())');
    const todo = dueMigrations(await applied(client), migrations);
    for (const migration of todo) await apply(client, migration);
    await client.query('SELECT pg_advisory_unlock($1)', [ADVISORY_LOCK]);
    return todo;
  });
}

async function applied(client: PoolClient): Promise<readonly MigrationRecord[]> {
  const { rows: tables } = await client.query<{ there: boolean }>(`SELECT to_regclass('migrations') IS NOT NULL AS there`);
  if (tables[0]?.there !== true) return [];
  return (await client.query<MigrationRecord>('SELECT id, name, sha256 FROM migrations ORDER BY id')).rows;
}

async function apply(client: PoolClient, migration: Migration): Promise<void> {
  await client.query('BEGIN');
  try {
    await client.query(migration.sql);
  } catch (error) {
    if (!(error instanceof Error) || !('position' in error || 'routine' in error)) throw error;
    throw new WeirError('MIGRATION_FAILED', `Migration ${migration.id} (${migration.name}) was refused: ${error.message}.`, { remedy: 'Look at its text; nothing of it was kept.', cause: error });
  }
  await client.query('INSERT INTO migrations (id, name, sha256) VALUES ($1, $2, $3)', [migration.id, migration.name, migration.sha256]);
  await client.query('COMMIT');
}
