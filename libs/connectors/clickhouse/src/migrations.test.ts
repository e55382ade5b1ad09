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
const first = { id: 1, name: 'totals', statements: [table('totals_speed'), table('totals_batch')] };
const second = { id: 2, name: 'more', statements: ['ALTER TABLE totals_speed ADD COLUMN IF NOT EXISTS y Int64'] };

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
    await expect(migrateTables(clickhouse, [{ ...first, statements: [table('other')] }, second])).rejects.toMatchObject({ code: 'MIGRATION_CHANGED' });
    await expect(migrateTables(clickhouse, [first])).rejects.toMatchObject({ code: 'MIGRATION_NEWER' });
    expect((await clickhouse.query<{ name: string }>('SHOW TABLES')).map(({ name }) => name)).not.toContain('other');
  });

  it('applies again, whole, what failed half-way', async () => {
    const half = { id: 3, name: 'half', statements: [table('half'), 'ALTER TABLE not_there ADD COLUMN x Int8'] };
    await expect(migrateTables(clickhouse, [first, second, half])).rejects.toMatchObject({ code: 'CLICKHOUSE_REJECTED' });
    expect((await migrateTables(clickhouse, [first, second, { ...half, statements: [table('half')] }])).map(({ id }) => id)).toEqual([3]);
  });
});
