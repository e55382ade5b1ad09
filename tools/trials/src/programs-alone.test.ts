import { setTimeout as sleep } from 'node:timers/promises';
import type { Run } from '@weir/connector-postgres';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Stores } from './stores.ts';
import type { Program } from './program.ts';

const MINUTE = 60_000;
const LINES = 30_000;

let stores: Stores;
beforeAll(async () => {
  stores = await Stores.start();
  await stores.run('generator', ['load', '--lines', String(LINES)]).finished();
}, 2 * MINUTE);
afterAll(() => stores?.stop(), MINUTE);

/** Runs in the order in which they began. */
async function runs(): Promise<readonly Run[]> {
  return [...(await stores.catalog.runs(100))].reverse();
}

async function until(check: () => Promise<boolean>): Promise<void> {
  while (!(await check())) await sleep(100);
}

/** A replay of one pipeline that takes its time, once it is in the catalog. */
async function slowReplay(): Promise<{ readonly program: Program; readonly runId: string }> {
  const program = stores.run('reprocessor', ['--pipelines', 'best-sellers', '--records-per-second', '6000']);
  const before = (await runs()).length;
  await until(async () => (await runs()).length > before);
  return { program, runId: (await runs()).at(-1)!.runId };
}

describe('programs that run alone', () => {
  it.each(['SIGTERM', 'SIGINT'] as const)('end well on %s', async (signal) => {
    const programs = [stores.run('speed', []), stores.run('generator', ['live', '--rate', '10']), stores.run('serving', ['--port', '0'])];
    await Promise.all(programs.map((program) => program.told('ready')));
    expect(await Promise.all(programs.map((program) => program.stop(signal)))).toEqual(programs.map(() => ({ code: 0, signal: null })));
  }, MINUTE);

  it('go on where they were: the second speed process reads nothing again', async () => {
    const [job] = await stores.catalog.jobs();
    const speed = stores.run('speed', []);
    await speed.told('ready');
    await speed.stop();
    const [again] = await stores.catalog.jobs();
    expect(again!.epoch).toBeGreaterThan(job!.epoch);
    expect(again!.books.records).toBeGreaterThanOrEqual(job!.books.records);
    expect(again!.partitions.map(({ position }) => position)).toEqual(again!.partitions.map(({ highWatermark }) => highWatermark));
  }, MINUTE);

  it('replace each other: a replica waits while another works, and takes over when that one ends', async () => {
    const [first, second] = [stores.run('speed', []), stores.run('speed', [])];
    const working = await Promise.race([first, second].map(async (program) => program.told('ready').then(() => program)));
    const waiting = working === first ? second : first;
    while (!waiting.words.includes('waiting as a replica')) await sleep(100);
    expect(waiting.messages).toEqual([]);
    await working.stop();
    await waiting.told('ready');
    expect(await waiting.stop()).toEqual({ code: 0, signal: null });
  }, MINUTE);

  it('that wait as a replica end at once when they are told to', async () => {
    const first = stores.run('speed', []);
    await first.told('ready');
    const second = stores.run('speed', []);
    while (!second.words.includes('waiting as a replica')) await sleep(100);
    expect(await second.stop('SIGINT')).toEqual({ code: 0, signal: null });
    const third = stores.run('speed', ['--wait-seconds', '1']);
    expect((await third.exited).code).toBe(1);
    expect(third.words).toContain('LEASE_HELD');
    await first.stop();
  }, MINUTE);
});

describe('replays', () => {
  it('that are stopped fail their run at once', async () => {
    const { program, runId } = await slowReplay();
    expect((await program.stop()).code).toBe(1);
    expect(program.words).toContain('REPLAY_INTERRUPTED');
    expect((await runs()).find((run) => run.runId === runId)).toMatchObject({ state: 'failed' });
  }, MINUTE);

  it('that are killed do not stay running, and the next one takes their place', async () => {
    const { program, runId } = await slowReplay();
    const second = stores.run('reprocessor', ['--pipelines', 'best-sellers', '--to', '1000,1000,1000,1000']);
    await program.kill();
    await second.finished();
    expect((await runs()).slice(-2).map((run) => [run.runId === runId, run.state])).toEqual([[true, 'failed'], [false, 'published']]);
  }, MINUTE);

  it('that are killed are found by the speed layer too', async () => {
    const speed = stores.run('speed', []);
    const { program, runId } = await slowReplay();
    await program.kill();
    await until(async () => (await runs()).find((run) => run.runId === runId)!.state === 'failed');
    await speed.stop();
  }, MINUTE);

  it('of a part of the log are kept and not published; the pipelines also go one after the other', async () => {
    const before = await stores.catalog.ownership('best-sellers');
    await stores.run('reprocessor', ['--from', '100,100,100,100', '--no-together', '--cpu-share', '0.9']).finished();
    expect((await runs()).slice(-3).map(({ state, from }) => [state, from])).toEqual(Array.from({ length: 3 }, () => ['unpublished', [100, 100, 100, 100]]));
    expect(await stores.catalog.ownership('best-sellers')).toEqual(before);
  }, MINUTE);
});
