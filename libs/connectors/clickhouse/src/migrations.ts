import { migrate } from '@weir/connector-api';
import type { MigrateOptions, Migration, MigrationRecord, MigrationSession } from '@weir/connector-api';
import type { ClickHouse } from './clickhouse.ts';

const RECORD = 'CREATE TABLE IF NOT EXISTS migrations (id UInt32, name String, sha256 String) ENGINE = ReplacingMergeTree ORDER BY id';
const COMMENT = /^\s*--.*$/gm;
const END_OF_STATEMENT = /;[ \t]*$/m;

/**
 * Brings the tables up to the migrations; answers those that were (with `dryRun`: would be) applied. ClickHouse has neither transactions
 * nor locks: each statement must be such that may run twice, and a migration that fails is applied again from its first one. Throws
 * MIGRATION_CHANGED or MIGRATION_NEWER, and then nothing was applied.
 */
export function migrateTables(clickhouse: ClickHouse, migrations: readonly Migration[], options: MigrateOptions = {}): Promise<readonly Migration[]> {
  const session: MigrationSession = { applied: () => applied(clickhouse), apply: (migration) => apply(clickhouse, migration) };
  return migrate({ session: (work) => work(session) }, migrations, options);
}

async function applied(clickhouse: ClickHouse): Promise<readonly MigrationRecord[]> {
  const [there] = await clickhouse.query<{ there: number }>(`SELECT count() AS there FROM system.tables WHERE database = currentDatabase() AND name = 'migrations'`);
  return Number(there?.there) === 0 ? [] : clickhouse.query<MigrationRecord>('SELECT id, name, sha256 FROM migrations FINAL ORDER BY id');
}

async function apply(clickhouse: ClickHouse, { id, name, sha256, sql }: Migration): Promise<void> {
  await clickhouse.command(RECORD);
  for (const statement of statementsOf(sql)) await clickhouse.command(statement);
  await clickhouse.insert('migrations', [{ id, name, sha256 }]);
}

/** ClickHouse takes one statement at a time: each ends with a semicolon at the end of a line. Lines that begin with `--` are comments. */
function statementsOf(sql: string): readonly string[] {
  return sql.replace(COMMENT, '').split(END_OF_STATEMENT).map((statement) => statement.trim()).filter((statement) => statement !== '');
}
