import type { PoolClient } from 'pg';
import type { Migration, MigrationRecord, MigrationTarget } from '@weir/connector-api';
import { WeirError } from '@weir/model';
import type { Database } from './database.ts';

/** Any number that nothing else in this database locks. */
const ADVISORY_LOCK = 7_236_401;

/** A database for migrations: each in a transaction of its own. Two that start at once wait for each other. Throws MIGRATION_FAILED. */
export function migrationTarget(database: Database): MigrationTarget {
  return {
    session: (work, { writes }) =>
      database.withClient(async (client) => {
        const session = { applied: () => applied(client), apply: (migration: Migration) => apply(client, migration) };
        if (!writes) return work(session);
        await client.query('SELECT pg_advisory_lock($1)', [ADVISORY_LOCK]);
        const result = await work(session);
        await client.query('SELECT pg_advisory_unlock($1)', [ADVISORY_LOCK]);
        return result;
      }),
  };
}

async function applied(client: PoolClient): Promise<readonly MigrationRecord[]> {
  const { rows: tables } = await client.query<{ there: boolean }>(`SELECT to_regclass('migrations') IS NOT NULL AS there`);
  if (tables[0]?.there !== true) return [];
  return (await client.query<MigrationRecord>('SELECT id, name, sha256 FROM migrations ORDER BY id')).rows;
}

async function apply(client: PoolClient, migration: Migration): Promise<void> {
  await client.query('CREATE TABLE IF NOT EXISTS migrations (id integer PRIMARY KEY, name text NOT NULL, sha256 text NOT NULL, applied_at timestamptz NOT NULL DEFAULT now())');
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
