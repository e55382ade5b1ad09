import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { readMigrations } from '@weir/connector-api';
import type { Migration } from '@weir/connector-api';

const ROOT = new URL('../../../', import.meta.url);

/** The version of the code that runs: in the label of every result, and in every checkpoint. */
export function codeVersion(): string {
  return (JSON.parse(readFileSync(new URL('package.json', ROOT), 'utf8')) as { readonly version: string }).version;
}

/** The migrations of the catalog, which is in Postgres. Throws MIGRATION_FILES. */
export function catalogMigrations(): readonly Migration[] {
  return migrationsIn('infra/migrations/postgres');
}

/** The migrations of the views' tables, which are in ClickHouse. Throws MIGRATION_FILES. */
export function viewMigrations(): readonly Migration[] {
  return migrationsIn('infra/migrations/clickhouse');
}

function migrationsIn(folder: string): readonly Migration[] {
  return readMigrations(fileURLToPath(new URL(folder, ROOT)));
}
