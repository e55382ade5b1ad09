import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { Session } from 'chdb';
import { readMigrations } from '@weir/connector-api';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { referenceViews } from './reference-views.ts';
import { createTable } from './table.ts';

// Tables are made by the migrations, and written as the views say: ClickHouse itself is asked whether both mean the same.

const MIGRATIONS = resolve(import.meta.dirname, '../../../infra/migrations/clickhouse');

let directory: string;
let session: Session;

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'weir-tables-'));
  session = new Session(directory);
});

afterAll(() => {
  session.cleanup();
  rmSync(directory, { recursive: true, force: true });
});

/** Columns, engine and sorting key of each table that the statements make. */
function tablesOf(database: string, statements: readonly string[]): unknown {
  session.query(`CREATE DATABASE ${database} ENGINE = Atomic`);
  session.query(`USE ${database}`);
  for (const statement of statements) session.query(statement);
  const columns = session.query(`SELECT table, name, type, position FROM system.columns WHERE database = '${database}' ORDER BY table, position`, 'JSONCompactEachRow');
  const tables = session.query(`SELECT name, engine_full, sorting_key FROM system.tables WHERE database = '${database}' ORDER BY name`, 'JSONCompactEachRow');
  return `${String(tables)}${String(columns)}`.trim().split('\n');
}

it('the migrations make the tables that the reference views are written to', () => {
  const migrated = readMigrations(MIGRATIONS).flatMap(({ sql }) => sql.split(/;$/m)).map((statement) => statement.trim()).filter((statement) => statement !== '');
  const declared = referenceViews.flatMap((view) => (['speed', 'batch'] as const).map((layer) => createTable(view, layer)));
  expect(tablesOf('migrated', migrated)).toEqual(tablesOf('declared', declared));
});
