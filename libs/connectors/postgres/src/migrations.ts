import { createHash } from 'node:crypto';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { PoolClient } from 'pg';
import { WeirError } from '@weir/model';
import type { Database } from './database.ts';

/** One numbered change of a database. */
export interface Migration {
  /** From 1, without gaps. */
  readonly id: number;
  readonly name: string;
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
      return { id: index + 1, name: match[2]!, sql: readFileSync(join(folder, file), 'utf8') };
    });
}

/**
 * Brings a database up to the migrations, each in a transaction; answers those that were (with `dryRun`: would be) applied. Two that
 * start at once wait for each other. Throws MIGRATION_CHANGED or MIGRATION_NEWER, and then nothing was applied; MIGRATION_FAILED
 * when one of them was refused, and then those before it stay.
 */
export async function migrate(database: Database, migrations: readonly Migration[], { dryRun = false }: MigrateOptions = {}): Promise<readonly Migration[]> {
  return database.withClient(async (client) => {
    if (dryRun) return due(await applied(client), migrations);
    await client.query('SELECT pg_advisory_lock($1)', [ADVISORY_LOCK]);
    await client.query('CREATE TABLE IF NOT EXISTS migrations (id integer PRIMARY KEY, name text NOT NULL, sha256 text NOT NULL, applied_at timestamptz NOT NULL DEFAULT now())');
    const todo = due(await applied(client), migrations);
    for (const migration of todo) await apply(client, migration);
    await client.query('SELECT pg_advisory_unlock($1)', [ADVISORY_LOCK]);
    return todo;
  });
}

interface Applied {
  readonly id: number;
  readonly sha256: string;
}

async function applied(client: PoolClient): Promise<readonly Applied[]> {
  const { rows: tables } = await client.query<{ there: boolean }>(`SELECT to_regclass('migrations') IS NOT NULL AS there`);
  if (tables[0]?.there !== true) return [];
  return (await client.query<Applied>('SELECT id, sha256 FROM migrations ORDER BY id')).rows;
}

function due(before: readonly Applied[], migrations: readonly Migration[]): readonly Migration[] {
  for (const row of before) {
    const known = migrations.find(({ id }) => id === row.id);
    if (known === undefined) {
      throw new WeirError('MIGRATION_NEWER', `The database has migration ${row.id}, which this code does not know.`, { remedy: 'Run the newer Weir.' });
    }
    if (checksum(known) !== row.sha256) {
      throw new WeirError('MIGRATION_CHANGED', `Migration ${row.id} (${known.name}) was changed after it had been applied.`, { remedy: 'Restore its text, and put the change into a new migration.' });
    }
  }
  return migrations.filter(({ id }) => !before.some((row) => row.id === id));
}

async function apply(client: PoolClient, migration: Migration): Promise<void> {
  await client.query('BEGIN');
  try {
    await client.query(migration.sql);
  } catch (error) {
    if (!(error instanceof Error) || !('position' in error || 'routine' in error)) throw error;
    throw new WeirError('MIGRATION_FAILED', `Migration ${migration.id} (${migration.name}) was refused: ${error.message}.`, { remedy: 'Look at its text; nothing of it was kept.', cause: error });
  }
  await client.query('INSERT INTO migrations (id, name, sha256) VALUES ($1, $2, $3)', [migration.id, migration.name, checksum(migration)]);
  await client.query('COMMIT');
}

function checksum({ sql }: Migration): string {
  return createHash('sha256').update(sql).digest('hex');
}
