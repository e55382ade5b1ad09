import { createHash } from 'node:crypto';
import { dueMigrations } from '@weir/connector-api';
import type { MigrationRecord } from '@weir/connector-api';
import type { ClickHouse } from './clickhouse.ts';

/** A numbered change of the tables. ClickHouse has no transactions: each statement must be such that may run twice. */
export interface TableMigration {
  /** From 1, without gaps. */
  readonly id: number;
  readonly name: string;
  readonly statements: readonly string[];
}

const RECORD = 'CREATE TABLE IF NOT EXISTS migrations (id UInt32, name String, sha256 String) ENGINE = ReplacingMergeTree ORDER BY id';

/**
 * Brings the tables up to the migrations; answers those that were (with `dryRun`: would be) applied. One that fails is applied again
 * from its first statement. Throws MIGRATION_CHANGED or MIGRATION_NEWER, and then nothing was applied.
 */
export async function migrateTables(clickhouse: ClickHouse, migrations: readonly TableMigration[], options: { readonly dryRun?: boolean } = {}): Promise<readonly TableMigration[]> {
  const known = migrations.map((migration) => ({ ...migration, sha256: createHash('sha256').update(migration.statements.join(';\n')).digest('hex') }));
  const [there] = await clickhouse.query<{ there: number }>(`SELECT count() AS there FROM system.tables WHERE database = currentDatabase() AND name = 'migrations'`);
  const applied = Number(there?.there) === 0 ? [] : await clickhouse.query<MigrationRecord>('SELECT id, name, sha256 FROM migrations FINAL ORDER BY id');
  const due = dueMigrations(applied, known);
  if (options.dryRun === true) return due;
  await clickhouse.command(RECORD);
  for (const { id, name, sha256, statements } of due) {
    for (const statement of statements) await clickhouse.command(statement);
    await clickhouse.insert('migrations', [{ id, name, sha256 }]);
  }
  return due;
}
