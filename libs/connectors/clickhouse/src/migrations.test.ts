import { createHash } from 'node:crypto';
import type { Migration } from '@weir/connector-api';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ClickHouse } from './clickhouse.ts';
import { migrateTables } from './migrations.ts';
import { StartedEngine } from './started-engine.ts';

let engine: StartedEngine;
let clickhouse: ClickHouse;

beforeAll(async () => {
  engine = await StartedEngine.start();
  clickhouse = new ClickHouse({ url: engine.url });
});

afterAll(async () => {
  await clickhouse.close();
  expect(await engine.stop()).toBe(0);
});

const table = (name: string): string => `CREATE TABLE IF NOT EXISTS ${name} (x Int64) ENGINE = MergeTree ORDER BY x`;
const migration = (id: number, name: string, ...statements: readonly string[]): Migration => {
  const sql = `-- What it is for; and why.\n${statements.join(';\n\n')};\n`;
  return { id, name, sql, sha256: createHash('sha256').update(sql).digest('hex') };
};
const first = migration(1, 'totals', table('totals_speed'), table('totals_batch'));
const second = migration(2, 'more', `ALTER TABLE totals_speed ADD COLUMN IF NOT EXISTS y String DEFAULT ';'`);

describe('migrateTables', () => {
  it('tells what it would do, does it once, and goes on from there', async () => {
    expect((await migrateTables(clickhouse, [first], { dryRun: true })).map(({ id }) => id)).toEqual([1]);
    expect(await clickhouse.query('SHOW TABLES')).toEqual([]);
    // Two starters at once do the same twice, which comes to the same.
    await Promise.all([migrateTables(clickhouse, [first]), migrateTables(clickhouse, [first])]);
    expect((await migrateTables(clickhouse, [first, second])).map(({ name }) => name)).toEqual(['more']);
    expect(await migrateTables(clickhouse, [first, second])).toEqual([]);
    expect(await clickhouse.query('SELECT id, name FROM migrations FINAL ORDER BY id')).toEqual([{ id: 1, name: 'totals' }, { id: 2, name: 'more' }]);
  });

  it('refuses one that was changed, and tables that are newer', async () => {
    await migrateTables(clickhouse, [first, second]);
    await expect(migrateTables(clickhouse, [migration(1, 'totals', table('other')), second])).rejects.toMatchObject({ code: 'MIGRATION_CHANGED' });
    await expect(migrateTables(clickhouse, [first])).rejects.toMatchObject({ code: 'MIGRATION_NEWER' });
    expect((await clickhouse.query<{ name: string }>('SHOW TABLES')).map(({ name }) => name)).not.toContain('other');
  });

  it('applies again, whole, what failed half-way', async () => {
    const half = migration(3, 'half', table('half'), 'ALTER TABLE not_there ADD COLUMN x Int8');
    await expect(migrateTables(clickhouse, [first, second, half])).rejects.toMatchObject({ code: 'CLICKHOUSE_REJECTED' });
    expect((await migrateTables(clickhouse, [first, second, migration(3, 'half', table('half'))])).map(({ id }) => id)).toEqual([3]);
  });
});
