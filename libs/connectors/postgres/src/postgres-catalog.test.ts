import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { MAX_WATERMARK } from '@weir/model';
import fc from 'fast-check';
import pg from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Books, Catalog, JobStatus, Lease, Run, Verification } from './catalog.ts';
import { readMigrations } from '@weir/connector-api';
import { ChangeListener } from './change-listener.ts';
import { migrateCatalog, openCatalog } from './postgres-catalog.ts';

const REPOSITORY = resolve(import.meta.dirname, '../../../..');
const PROGRAM = join(REPOSITORY, 'apps/standalone/src/embedded/postgres-server.ts');
const migrations = readMigrations(join(REPOSITORY, 'infra/migrations/postgres'));
const LONG = 60_000;

let directory: string;
let server: ChildProcess;
let url: string;
let admin: pg.Client;
let schemas = 0;
/** Two processes that use one catalog. */
let one: Catalog;
let other: Catalog;
let open: Catalog[] = [];
let here: string;

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'weir-postgres-'));
  server = fork(PROGRAM, ['--path', directory, '--supervised'], { stdio: ['ignore', 'ignore', 'ignore', 'ipc'] });
  url = await new Promise((ready, failed) => {
    server.once('message', (message) => ready((message as { url: string }).url));
    server.once('exit', (code) => failed(new Error(`postgres-server ended with ${code}`)));
  });
  admin = new pg.Client(url);
  await admin.connect();
});

afterAll(async () => {
  await admin.end();
  const ended = new Promise<number | null>((done) => server.once('exit', done));
  server.kill('SIGTERM');
  expect(await ended).toBe(0);
  rmSync(directory, { recursive: true });
});

beforeEach(async () => {
  await Promise.all(open.map((catalog) => catalog.close()));
  here = await freshSchema();
  open = await Promise.all([openCatalog({ url: here, migrations }), openCatalog({ url: here, migrations })]);
  [one, other] = open as [Catalog, Catalog];
  return async () => {
    await Promise.all(open.map((catalog) => catalog.close()));
    open = [];
  };
});

async function freshSchema(): Promise<string> {
  const name = `weir_${++schemas}`;
  await admin.query(`CREATE SCHEMA ${name}`);
  const fresh = new URL(url);
  fresh.searchParams.set('options', `-c search_path=${name}`);
  return fresh.href;
}

async function expire(task: string): Promise<void> {
  await query(`UPDATE leases SET expires_at = now() - interval '1 millisecond' WHERE task = $1`, [task]);
}

async function query(sql: string, params: unknown[] = []): Promise<pg.QueryResult<Record<string, unknown>>> {
  const client = new pg.Client(here);
  await client.connect();
  try {
    return await client.query<Record<string, unknown>>(sql, params);
  } finally {
    await client.end();
  }
}

describe('migrations', () => {
  it('are applied once, whoever starts first', async () => {
    const fresh = await freshSchema();
    expect(await migrateCatalog({ url: fresh, migrations }, { dryRun: true })).toEqual(migrations);
    const started = await Promise.all(Array.from({ length: 4 }, () => openCatalog({ url: fresh, migrations })));
    expect(await migrateCatalog({ url: fresh, migrations }, { dryRun: true })).toEqual([]);
    await Promise.all(started.map((catalog) => catalog.close()));
  });

  it('are refused when one was changed after it had been applied', async () => {
    const changed = migrations.map((migration) => ({ ...migration, sha256: 'another' }));
    await expect(openCatalog({ url: here, migrations: changed })).rejects.toMatchObject({ code: 'MIGRATION_CHANGED' });
  });

  it('are refused when the database is newer than the code', async () => {
    const newer = [...migrations, { id: migrations.length + 1, name: 'later', sha256: '1', sql: 'CREATE TABLE later (x int)' }];
    await (await openCatalog({ url: here, migrations: newer })).close();
    await expect(openCatalog({ url: here, migrations })).rejects.toMatchObject({ code: 'MIGRATION_NEWER' });
  });

  it('leave nothing of one that is refused, and go on from there', async () => {
    const id = migrations.length + 1;
    const broken = [...migrations, { id, name: 'broken', sha256: '2', sql: 'CREATE TABLE half (x int); CREATE TABLE leases (x int);' }];
    await expect(openCatalog({ url: here, migrations: broken })).rejects.toMatchObject({ code: 'MIGRATION_FAILED' });
    const mended = [...migrations, { id, name: 'mended', sha256: '3', sql: 'CREATE TABLE half (x int)' }];
    await (await openCatalog({ url: here, migrations: mended })).close();
    expect((await query(`SELECT count(*)::int AS c FROM half`)).rows).toEqual([{ c: 0 }]);
  });
});

describe('leases', () => {
  it('are held by one owner, whose epoch only grows', async () => {
    const first = await one.acquireLease('task', 'a', LONG);
    expect(first).toEqual({ task: 'task', owner: 'a', epoch: 1 });
    await expect(other.acquireLease('task', 'b', LONG)).rejects.toMatchObject({ code: 'LEASE_HELD', retryable: true });
    expect(await other.acquireLease('another task', 'b', LONG)).toMatchObject({ epoch: 1 });
    // An owner that starts again fences what is left of itself.
    expect((await one.acquireLease('task', 'a', LONG)).epoch).toBe(2);
    await expect(one.renewLease(first, LONG)).rejects.toMatchObject({ code: 'LEASE_LOST', retryable: false });
  });

  it('keep their epoch when they are released', async () => {
    await one.releaseLease(await one.acquireLease('task', 'a', LONG));
    const second = await other.acquireLease('task', 'b', LONG);
    expect(second.epoch).toBe(2);
    // A release that comes late takes nothing from the successor.
    await one.releaseLease({ task: 'task', owner: 'a', epoch: 1 });
    await other.renewLease(second, LONG);
    await expect(one.acquireLease('task', 'a', LONG)).rejects.toMatchObject({ code: 'LEASE_HELD' });
  });

  it('run out by the clock of the database; renewing in time keeps them', async () => {
    const first = await one.acquireLease('task', 'a', LONG);
    await expire('task');
    await one.renewLease(first, LONG);
    await expect(other.acquireLease('task', 'b', LONG)).rejects.toMatchObject({ code: 'LEASE_HELD' });
    await expire('task');
    expect((await other.acquireLease('task', 'b', LONG)).epoch).toBe(2);
    await expect(one.renewLease(first, LONG)).rejects.toMatchObject({ code: 'LEASE_LOST' });
  });

  it('go to exactly one of those who race for them', async () => {
    for (let round = 1; round <= 20; round++) {
      const tries = Array.from({ length: 8 }, (_, i) => (i % 2 === 0 ? one : other).acquireLease('task', `owner ${round}.${i}`, LONG));
      const settled = await Promise.allSettled(tries);
      const won = settled.filter((result): result is PromiseFulfilledResult<Lease> => result.status === 'fulfilled');
      expect(won.map(({ value }) => value.epoch)).toEqual([round]);
      await expire('task');
    }
  });

  it('behave as a register with one holder, whatever is asked of them', async () => {
    const step = fc.record({ who: fc.constantFrom('a', 'b', 'c'), what: fc.constantFrom('acquire', 'renew', 'release', 'expire') });
    let task = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 15 }), async (steps) => {
        const name = `task ${++task}`;
        const model = { holder: null as string | null, epoch: 0, expired: false };
        const leases = new Map<string, Lease>();
        for (const { who, what } of steps) {
          if (what === 'expire') {
            await expire(name);
            model.expired = true;
          } else if (what === 'acquire') {
            const free = model.holder === null || model.holder === who || model.expired;
            const got = await one.acquireLease(name, who, LONG).catch((error: { code: string }) => error.code);
            if (!free) expect(got).toBe('LEASE_HELD');
            else {
              Object.assign(model, { holder: who, epoch: model.epoch + 1, expired: false });
              expect(got).toEqual({ task: name, owner: who, epoch: model.epoch });
              leases.set(who, got as Lease);
            }
          } else if (leases.has(who)) {
            const lease = leases.get(who)!;
            const holds = model.holder === who && model.epoch === lease.epoch;
            if (what === 'renew') {
              expect(await other.renewLease(lease, LONG).then(() => 'renewed', (error: { code: string }) => error.code)).toBe(holds ? 'renewed' : 'LEASE_LOST');
              if (holds) model.expired = false;
            } else {
              await other.releaseLease(lease);
              if (holds) model.holder = null;
            }
          }
        }
      }),
      { numRuns: Math.min(25, Number(process.env['WEIR_RUNS'] ?? 25)) },
    );
  });
});

const books: Books = { records: 10, counted: 7, late: 1, filtered: 1, deadLettered: 1 };

function run(runId: string, frontier: number): Run {
  return { runId, pipeline: 'p', codeVersion: 'c', from: [0, 0], to: [5, 5], frontier, state: 'running', books: null, startedAt: 1, finishedAt: null };
}

describe('runs and the frontier', () => {
  it('is nowhere before the first publication, and moves for all views at once', async () => {
    expect(await one.ownership('v')).toBeNull();
    await one.startRun(run('r1', 100));
    expect(await one.ownership('v')).toBeNull();
    await one.publishRun('r1', ['v', 'w'], books, 9);
    for (const view of ['v', 'w']) expect(await other.ownership(view)).toEqual({ view, runId: 'r1', frontier: 100, version: 1 });
    expect(await other.runs(10)).toEqual([{ ...run('r1', 100), state: 'published', books, finishedAt: 9 }]);
  });

  it('never moves back, and then nothing of the publication is kept', async () => {
    await one.startRun(run('r1', 100));
    await one.publishRun('r1', ['w'], books, 9);
    await one.startRun(run('r2', 99));
    await expect(one.publishRun('r2', ['a', 'v', 'w', 'z'], books, 9)).rejects.toMatchObject({ code: 'FRONTIER_BACKWARDS' });
    expect(await other.ownership('a')).toBeNull();
    expect(await other.ownership('w')).toMatchObject({ runId: 'r1', version: 1 });
    expect((await other.runs(1))[0]).toMatchObject({ runId: 'r2', state: 'running' });
    await one.startRun(run('r3', 100));
    await one.publishRun('r3', ['w'], books, 9);
    expect(await other.ownership('w')).toEqual({ view: 'w', runId: 'r3', frontier: 100, version: 2 });
  });

  it('takes a publication that is repeated for one, and none of a run that failed or is not known', async () => {
    await one.startRun(run('r1', 1));
    await one.startRun(run('r1', 1));
    await Promise.all(Array.from({ length: 8 }, (_, i) => (i % 2 === 0 ? one : other).publishRun('r1', ['v'], books, 2)));
    expect(await one.ownership('v')).toMatchObject({ version: 1 });
    await one.failRun('r1', 3);
    expect((await one.runs(5)).map(({ state }) => state)).toEqual(['published']);
    await one.startRun(run('r2', 2));
    await one.failRun('r2', 4);
    await expect(one.publishRun('r2', ['v'], books, 5)).rejects.toMatchObject({ code: 'RUN_UNKNOWN' });
    await expect(one.publishRun('no such', ['v'], books, 5)).rejects.toMatchObject({ code: 'RUN_UNKNOWN' });
    expect((await one.runs(5)).map(({ runId, state, finishedAt }) => [runId, state, finishedAt])).toEqual([['r2', 'failed', 4], ['r1', 'published', 2]]);
  });

  it('that nobody works on any more are failed, and those of the living are not', async () => {
    for (const [runId, pipeline] of [['alive', 'p1'], ['dead', 'p2'], ['outlived', 'p3']] as const) await one.startRun({ ...run(runId, 1), pipeline });
    await one.acquireLease('batch/p1', 'alive', 60_000);
    await one.acquireLease('batch/p2', 'dead', 0);
    await one.acquireLease('batch/p3', 'successor', 60_000);
    expect([...(await other.failAbandonedRuns(7))].sort()).toEqual(['dead', 'outlived']);
    expect((await one.runs(5)).map(({ runId, state, finishedAt }) => [runId, state, finishedAt])).toEqual([['outlived', 'failed', 7], ['dead', 'failed', 7], ['alive', 'running', null]]);
    expect(await other.failAbandonedRuns(8)).toEqual([]);
  });

  it('that are not published end with their books and move nothing', async () => {
    await one.startRun(run('r1', 100));
    await one.endUnpublished('r1', books, 9);
    expect((await other.runs(1))[0]).toMatchObject({ state: 'unpublished', books, finishedAt: 9 });
    expect(await one.ownership('v')).toBeNull();
    await expect(one.publishRun('r1', ['v'], books, 9)).rejects.toMatchObject({ code: 'RUN_UNKNOWN' });
  });

  it('counts each of many racing publications once, in some order that does not go back', async () => {
    const frontiers = [5, 1, 4, 2, 3, 5, 0, 6];
    await Promise.all(frontiers.map((frontier, i) => one.startRun(run(`r${i}`, frontier))));
    const settled = await Promise.allSettled(frontiers.map((_, i) => (i % 2 === 0 ? one : other).publishRun(`r${i}`, i % 3 === 0 ? ['v', 'w'] : ['w', 'v'], books, 1)));
    const published = settled.filter(({ status }) => status === 'fulfilled').length;
    for (const result of settled) if (result.status === 'rejected') expect(result.reason).toMatchObject({ code: 'FRONTIER_BACKWARDS' });
    for (const view of ['v', 'w']) expect(await one.ownership(view)).toMatchObject({ frontier: 6, runId: 'r7', version: published });
  });

  it('may be at the end of all input', async () => {
    await one.startRun(run('r1', MAX_WATERMARK));
    await one.publishRun('r1', ['v'], books, 1);
    const { frontier } = (await one.ownership('v'))!;
    expect(Number.isSafeInteger(frontier)).toBe(true);
    expect(frontier).toBeGreaterThan(Date.UTC(9999, 0));
  });
});

describe('what jobs and proofs say', () => {
  const job = (pipeline: string, epoch: number): JobStatus => ({
    pipeline, layer: 'speed', state: 'running', epoch, codeVersion: 'c', watermark: null, books, flushed: [1], cpuSeconds: 0.5, updatedAt: 1,
    partitions: [{ partition: 0, position: 2 ** 52, highWatermark: 3, watermark: -1 }],
  });

  it('is what they said last', async () => {
    await one.putJob(job('b', 1));
    await one.putJob(job('a', 1));
    await one.putJob(job('b', 2));
    expect(await other.jobs()).toEqual([job('a', 1), job('b', 2)]);
  });

  it('may hold any text', async () => {
    const error = `'; DROP TABLE jobs; --\0 \ud800 "\\u0000" 😀\n`;
    await one.putJob({ ...job('a', 1), error });
    expect((await one.jobs())[0]?.error).toBe(`'; DROP TABLE jobs; --\ufffd \ufffd "\\u0000" 😀\n`);
  });

  it('keeps the newest verification', async () => {
    expect(await one.lastVerification()).toBeNull();
    const verification = (equal: number): Verification => ({ verifiedAt: 1, rowsCompared: 5, equal, causes: { LATE_DROPPED: 1 }, perView: { v: { rowsCompared: 5, equal, causes: {} } } });
    for (let equal = 0; equal < 105; equal++) await one.putVerification(verification(equal));
    expect(await other.lastVerification()).toEqual(verification(104));
    expect((await query('SELECT count(*)::int AS c FROM verifications')).rows).toEqual([{ c: 100 }]);
  });
});

describe('failures', () => {
  it('name a Postgres that is not there', async () => {
    await expect(openCatalog({ url: 'postgres://weir:secret@127.0.0.1:1/postgres', migrations })).rejects.toMatchObject({ code: 'POSTGRES_UNREACHABLE', retryable: true });
    const wrong = new URL(url);
    wrong.password = 'wrong';
    await expect(openCatalog({ url: wrong.href, migrations })).rejects.toMatchObject({ code: 'POSTGRES_REJECTED', retryable: false });
  });

  it('are outlived: a broken connection is replaced under the call', async () => {
    await one.acquireLease('task', 'a', LONG);
    await admin.query(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()`);
    const lease = await one.acquireLease('task', 'a', LONG);
    const renewals = Array.from({ length: 50 }, () => one.renewLease(lease, LONG));
    await admin.query(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()`);
    await Promise.all(renewals);
    expect(lease.epoch).toBeGreaterThan(1);
  });
});

describe('changes of views', () => {
  /** Waits for a condition; the test's own deadline ends it. */
  async function until(condition: () => boolean): Promise<void> {
    while (!condition()) await new Promise((resolve) => setTimeout(resolve, 10));
  }

  it('are heard by others, also behind a connection that broke', async () => {
    const heard: string[] = [];
    const warnings: string[] = [];
    const listener = new ChangeListener({ url, onChange: (view) => heard.push(view), warn: (message) => warnings.push(message) });
    await until(() => listener.isHearing);
    await one.announceChange('revenue');
    await until(() => heard.length === 1);
    await admin.query(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'LISTEN%'`);
    await until(() => !listener.isHearing);
    await until(() => listener.isHearing);
    await other.announceChange('sessions');
    await until(() => heard.length === 2);
    expect(heard).toEqual(['revenue', 'sessions']);
    expect(warnings).toEqual([expect.stringContaining('POSTGRES_UNREACHABLE')]);
    await listener.close();
    expect(listener.isHearing).toBe(false);
  });

  it('are waited for where no Postgres is, without end and with one warning', async () => {
    const warnings: string[] = [];
    const listener = new ChangeListener({ url: 'postgres://nobody@127.0.0.1:9/none', onChange: () => undefined, warn: (message) => warnings.push(message) });
    await until(() => warnings.length === 1);
    await listener.close();
    expect(warnings).toHaveLength(1);
  });
});
