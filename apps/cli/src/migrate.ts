import { ClickHouse, migrateTables } from '@weir/connector-clickhouse';
import { migrateCatalog } from '@weir/connector-postgres';
import { catalogMigrations, flag, group, readSettings, storeSettings, viewMigrations } from '@weir/settings';

/** What `migrate` is told. */
export const migrateSettings = {
  usage: 'npm run weir -- migrate',
  about: 'Brings the catalog and the tables of the views up to the migrations of this version. Programs do the same when they start; this does it before.',
  schema: group({ ...storeSettings, dryRun: flag({ about: 'only say what would be done' }) }),
};

/** Applies what is due to both databases, and prints a line for each. Throws what the databases and the runner throw. */
export async function migrateAll(argv: readonly string[], say: (line: string) => void): Promise<void> {
  const settings = readSettings(migrateSettings, { argv });
  if (settings === undefined) return;
  const { dryRun } = settings;
  const catalog = await migrateCatalog({ url: settings.postgres, migrations: catalogMigrations() }, { dryRun });
  const clickhouse = new ClickHouse({ url: settings.clickhouse, database: settings.clickhouseDatabase });
  try {
    await clickhouse.ping();
    const tables = await migrateTables(clickhouse, viewMigrations(), { dryRun });
    const what = dryRun ? 'would be applied' : 'applied';
    for (const { id, name } of catalog) say(`catalog: ${id} ${name} ${what}`);
    for (const { id, name } of tables) say(`views: ${id} ${name} ${what}`);
    if (catalog.length + tables.length === 0) say('Catalog and views are up to date.');
  } finally {
    await clickhouse.close();
  }
}
