import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ClickHouse } from '@weir/connector-clickhouse';
import { openCatalog } from '@weir/connector-postgres';
import { catalogMigrations } from '@weir/settings';
import type { Catalog } from '@weir/connector-postgres';
import { hours } from '@weir/model';
import { announcementOf, bestSellersView, revenueByCountryView, tableColumns, tableNames } from '@weir/views';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const HOUR = hours(1);
/** A key that would leave any quotes that it is pasted into. */
const NASTY = `it's \\ "so" {limit:UInt32} \n\t--`;

const children: ChildProcess[] = [];
let directory: string;
let clickhouseUrl: string;
let postgresUrl: string;
let clickhouse: ClickHouse;
let catalog: Catalog;
const closing: (() => Promise<void>)[] = [];
let serving: ChildProcess;
let base: string;

/** Starts a program of the workspace; answers what it says when it is ready. */
function start(program: string, args: readonly string[]): Promise<{ child: ChildProcess; port: number; url: string }> {
  const child = fork(join(ROOT, program), [...args, '--supervised'], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  children.push(child);
  return new Promise((resolve, reject) => {
    child.once('message', (message) => resolve({ child, ...(message as { port: number; url: string }) }));
    child.once('exit', (code) => reject(new Error(`${program} ended with ${code}`)));
  });
}

function ended(child: ChildProcess): Promise<number | null> {
  return child.exitCode !== null || child.signalCode !== null ? Promise.resolve(child.exitCode) : new Promise((resolve) => child.once('exit', resolve));
}

function stored(key: string, hour: number, cents: number, version: number, runId = ''): Record<string, unknown> {
  return {
    result_key: key,
    window_start: hour * HOUR,
    window_end: (hour + 1) * HOUR,
    country: key,
    hour: hour * HOUR,
    cents,
    units: 1,
    orders: 1,
    pane_timing: 'early',
    pane_index: version,
    is_last: 0,
    watermark: hour * HOUR,
    task_epoch: 0,
    version,
    is_deleted: 0,
    run_id: runId,
    code_version: 'test',
  };
}

async function get(path: string): Promise<{ status: number; body: { rows: { key: string; data: Record<string, unknown>; label: Record<string, unknown> }[]; nextCursor: string | null } }> {
  const answer = await fetch(`${base}${path}`);
  return { status: answer.status, body: (await answer.json()) as Awaited<ReturnType<typeof get>>['body'] };
}

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'weir-serving-'));
  // Where the tests run as root, Postgres runs as somebody else, who must be able to get in.
  chmodSync(directory, 0o755);
  const [views, database] = await Promise.all([
    start('apps/standalone/src/embedded/clickhouse-server.ts', ['--path', join(directory, 'clickhouse')]),
    start('apps/standalone/src/embedded/postgres-server.ts', ['--path', join(directory, 'postgres')]),
  ]);
  clickhouseUrl = `http://127.0.0.1:${views.port}`;
  postgresUrl = database.url;
  const server = await start('apps/serving/src/main.ts', ['--clickhouse', clickhouseUrl, '--postgres', postgresUrl, '--port', '0']);
  serving = server.child;
  base = `http://127.0.0.1:${server.port}`;
  clickhouse = new ClickHouse({ url: clickhouseUrl });
  closing.push(() => clickhouse.close());
  catalog = await openCatalog({ url: postgresUrl, migrations: catalogMigrations() });
  closing.push(() => catalog.close());
});

afterAll(async () => {
  for (const close of closing) await close();
  for (const child of children.reverse()) child.kill('SIGTERM');
  await Promise.all(children.map(ended));
  rmSync(directory, { recursive: true, force: true });
});

describe('serving over ClickHouse and Postgres', () => {
  it('merges what the layers wrote at what the catalog says, and follows a publication', async () => {
    const tables = tableNames(revenueByCountryView);
    await clickhouse.insert(tables.speed, [stored('France', 0, 1, 0), stored('France', 0, 2, 1), stored('France', 1, 3, 0), stored(NASTY, 2, 4, 0)]);
    await clickhouse.insert(tables.batch, [stored('France', 0, 20, 0, 'run-1'), stored('France', 0, 99, 0, 'run-2')]);
    const seen = async (): Promise<unknown[]> => (await get('/v1/views/revenue-by-country')).body.rows.map(({ data, label }) => [data['cents'], label['layer'], label['run'], label['frontier']]);
    expect(await seen()).toEqual([
      [2, 'speed', null, null],
      [3, 'speed', null, null],
      [4, 'speed', null, null],
    ]);
    const books = { records: 1, counted: 1, late: 0, filtered: 0, deadLettered: 0 };
    await catalog.startRun({ runId: 'run-1', pipeline: 'revenue-by-country', codeVersion: 'test', from: [0], to: [1], frontier: HOUR, state: 'running', books: null, startedAt: 0, finishedAt: null });
    await catalog.publishRun('run-1', ['revenue-by-country'], books, 1);
    await expect.poll(seen, { timeout: 10_000 }).toEqual([
      [20, 'batch', 'run-1', HOUR],
      [3, 'speed', null, HOUR],
      [4, 'speed', null, HOUR],
    ]);
  });

  it('finds any key and pages over it, without ever reading it as SQL', async () => {
    const { body } = await get(`/v1/views/revenue-by-country?key=${encodeURIComponent(NASTY)}`);
    expect(body.rows.map(({ key, data }) => [key, data['country'], data['cents']])).toEqual([[NASTY, NASTY, 4]]);
    const first = await get('/v1/views/revenue-by-country?order=newest&limit=1');
    expect(first.body.rows[0]!.key).toBe(NASTY);
    const second = await get(`/v1/views/revenue-by-country?order=newest&limit=5&cursor=${encodeURIComponent(first.body.nextCursor!)}`);
    expect(second.body.rows.map(({ data }) => data['cents'])).toEqual([3, 20]);
  });

  it('gives nested values as such', async () => {
    const { country: _country, hour: _hour, cents: _cents, units: _units, orders: _orders, ...columns } = stored('all', 0, 0, 0);
    await clickhouse.insert(tableNames(bestSellersView).speed, [{ ...columns, windowEnd: HOUR, top: JSON.stringify([{ product: '22423', units: 5 }]) }]);
    const { body } = await get('/v1/views/best-sellers');
    expect(body.rows[0]!.data).toEqual({ windowEnd: HOUR, top: [{ product: '22423', units: 5 }] });
  });

  it('streams what is written', async () => {
    const controller = new AbortController();
    const answer = await fetch(`${base}/v1/views/revenue-by-country/stream?limit=0`, { signal: controller.signal });
    const reader = answer.body!.pipeThrough(new TextDecoderStream()).getReader();
    let text = '';
    const until = async (what: string): Promise<void> => {
      while (!text.includes(what)) text += (await reader.read()).value ?? expect.fail('the stream ended');
    };
    await until('event: ready');
    await clickhouse.insert(tableNames(revenueByCountryView).speed, [stored('Spain', 3, 1234, 0)]);
    await until('"cents":1234');
    controller.abort();
  });

  it('answers what is announced before the table has it, and the same when it has', async () => {
    const row = stored('Norway', 5, 77, 2);
    const values = tableColumns(revenueByCountryView).map(({ name }) => row[name]);
    const seen = async (): Promise<unknown> => (await get('/v1/views/revenue-by-country?key=Norway')).body.rows;
    expect(await seen()).toEqual([]);
    await catalog.announceChange(announcementOf(revenueByCountryView, [values])!);
    await expect.poll(seen).toHaveLength(1);
    const announced = await seen();
    expect((await get('/v1/views/revenue-by-country?order=newest&limit=1')).body.rows).toEqual(announced);
    // What arrives late is not what counts.
    await catalog.announceChange(announcementOf(revenueByCountryView, [values.with(values.indexOf(77), 76).with(tableColumns(revenueByCountryView).findIndex(({ name }) => name === 'version'), 1)])!);
    await clickhouse.insert(tableNames(revenueByCountryView).speed, [stored('Norway', 5, 76, 1), row]);
    await catalog.announceChange('revenue-by-country');
    for (let times = 0; times < 5; times++) expect(await seen()).toEqual(announced);
    // Another program reads the table alone.
    const { child, port } = await start('apps/serving/src/main.ts', ['--clickhouse', clickhouseUrl, '--postgres', postgresUrl, '--port', '0']);
    const answer = (await (await fetch(`http://127.0.0.1:${port}/v1/views/revenue-by-country?key=Norway`)).json()) as { rows: unknown };
    expect(answer.rows).toEqual(announced);
    child.kill('SIGTERM');
    expect(await ended(child)).toBe(0);
  });

  it('is not disturbed by announcements that it does not understand', async () => {
    for (const text of ['', 'nobody', '{', '{}', '{"view":"revenue-by-country","columns":"other","rows":[[1]]}']) await catalog.announceChange(text);
    expect((await get('/v1/views/revenue-by-country?key=Norway')).body.rows).toHaveLength(1);
  });

  it('says which port is taken, and ends', async () => {
    const taken = fork(join(ROOT, 'apps/serving/src/main.ts'), ['--clickhouse', clickhouseUrl, '--postgres', postgresUrl, '--port', new URL(base).port], { stdio: ['ignore', 'ignore', 'pipe', 'ipc'] });
    let words = '';
    taken.stderr!.on('data', (chunk: Buffer) => (words += chunk.toString()));
    expect(await ended(taken)).toBe(1);
    expect(words).toMatch(/^SERVING_PORT_IN_USE: .*--port/);
  });

  it('ends when the process that supervises it does', async () => {
    const { child } = await start('apps/serving/src/main.ts', ['--clickhouse', clickhouseUrl, '--postgres', postgresUrl, '--port', '0']);
    child.disconnect();
    expect(await ended(child)).toBe(0);
  });

  it('ends well when told to', async () => {
    serving.kill('SIGTERM');
    expect(await ended(serving)).toBe(0);
  });
});
