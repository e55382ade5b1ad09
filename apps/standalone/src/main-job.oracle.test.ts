import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { setTimeout as sleep } from 'node:timers/promises';
import { ClickHouse } from '@weir/connector-clickhouse';
import { bestSellersView, layerQuery, revenueByCountryView, servedRow, shoppingSessionsView } from '@weir/views';
import type { View } from '@weir/views';
import { startRegistryServer } from '@weir/registry-server';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Child } from './child.ts';
import { expectedOf } from './csv-oracle.ts';
import type { Report } from './report.ts';

const MAIN = fileURLToPath(new URL('./main.ts', import.meta.url));
const CLICKHOUSE = fileURLToPath(new URL('./embedded/clickhouse-server.ts', import.meta.url));
const MINUTES = 60_000;
/** Where the replay's frontier is: the end of the data, less the bound on disorder of the partition that ends first. */
const root = mkdtempSync(join(tmpdir(), 'weir-main-job-'));

function start(data: string, environment: Readonly<Record<string, string>> = {}): { readonly process: ChildProcess; readonly ended: Promise<{ readonly code: number | null; readonly output: string }> } {
  const child = spawn(process.execPath, [MAIN, '--once', '--data', data], { stdio: ['ignore', 'pipe', 'pipe'], detached: true, env: { ...process.env, ...environment } });
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()));
  return { process: child, ended: new Promise((resolve) => child.once('close', (code) => resolve({ code, output }))) };
}

function reportOf(data: string): Report {
  return JSON.parse(readFileSync(join(data, 'report.json'), 'utf8')) as Report;
}

describe('npm start -- --once', () => {
  const data = join(root, 'whole');
  let report: Report;
  let output = '';

  beforeAll(async () => {
    const run = await start(data).ended;
    output = run.output;
    expect(run.code, run.output).toBe(0);
    report = reportOf(data);
  }, 4 * MINUTES);

  afterAll(() => rmSync(root, { recursive: true, force: true }));

  it('explains every difference, and its books balance', () => {
    expect(report.unknown).toBe(0);
    expect(report.load.rows).toBe(541_909);
    for (const books of [...Object.values(report.speed.books), ...Object.values(report.reprocessor.books)]) {
      expect(books.records).toBe(541_909);
      expect(books.counted + books.late + books.filtered + books.deadLettered).toBe(books.records);
    }
    expect(output).toContain('0 differences without a cause');
    // The disorder makes some rows too late for the speed layer; if none were, nothing would have been proven.
    expect(report.verify.map(({ causes }) => causes['LATE_DROPPED'] ?? 0).every((count) => count > 0)).toBe(true);
  });

  it('publishes to the cent and the unit what the file itself gives', async () => {
    const engine = new Child({ name: 'clickhouse', entry: CLICKHOUSE, args: ['--path', join(data, 'clickhouse'), '--supervised'], logFile: join(root, 'clickhouse.log') });
    const port = await engine.waitFor((message) => (message as { port?: number }).port);
    const clickhouse = new ClickHouse({ url: `http://127.0.0.1:${port}` });
    const rowsOf = async (view: View): Promise<readonly ReturnType<typeof servedRow>[]> => {
      const [run] = await clickhouse.query<{ run_id: string }>(`SELECT DISTINCT run_id FROM ${view.name.replaceAll('-', '_')}_batch`);
      const { sql, params } = layerQuery(view, { layer: 'batch', runId: run!.run_id }, Number.POSITIVE_INFINITY);
      return (await clickhouse.query(sql, params)).map((raw) => servedRow(view, raw));
    };
    try {
      const revenue = await rowsOf(revenueByCountryView);
      const bestSellers = await rowsOf(bestSellersView);
      const sessions = await rowsOf(shoppingSessionsView);
      const frontier = Date.UTC(2011, 11, 9, 11, 55);
      const expected = expectedOf(frontier);
      expect(new Map(revenue.map(({ key, start, data: { cents, units, orders } }) => [`${key}|${start}`, { cents, units, orders }]))).toEqual(expected.revenue);
      expect(new Map(bestSellers.map(({ end, data: { top } }) => [end, top]))).toEqual(expected.bestSellers);
      expect(new Map(sessions.map(({ key, start, data: { lines, invoices, cents, lengthSeconds } }) => [`${key}|${start}`, { lines, invoices, cents, lengthSeconds }]))).toEqual(expected.sessions);
    } finally {
      await clickhouse.close();
      await engine.stop();
    }
  }, 2 * MINUTES);

  it('gives the same numbers when the orders are Avro, by a registry', async () => {
    const registry = await startRegistryServer();
    try {
      const other = join(root, 'avro');
      const run = await start(other, { WEIR_CODEC: 'avro', WEIR_REGISTRY_URL: registry.url }).ended;
      expect(run.code, run.output).toBe(0);
      expect(reportOf(other).verify.map(({ view, digest }) => [view, digest])).toEqual(report.verify.map(({ view, digest }) => [view, digest]));
      // Loaded, read live, replayed and verified: each asked for the schema of the orders.
      expect(registry.requests.filter((request) => request === 'GET /schemas/ids/1').length).toBeGreaterThanOrEqual(3);
    } finally {
      await registry.close();
    }
  }, 4 * MINUTES);

  it('gives the same numbers after it was killed on the way', async () => {
    const broken = join(root, 'killed');
    const first = start(broken);
    // Somewhere between the load and the proof, wherever this machine is by then.
    await sleep(7_000);
    process.kill(-first.process.pid!, 'SIGKILL');
    await first.ended;
    const second = await start(broken).ended;
    expect(second.code, second.output).toBe(0);
    expect(reportOf(broken).verify.map(({ view, digest }) => [view, digest])).toEqual(report.verify.map(({ view, digest }) => [view, digest]));
  }, 5 * MINUTES);
});
