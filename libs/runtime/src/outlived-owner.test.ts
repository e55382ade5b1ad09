import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe as described } from '@weir/topology';
import { describe, expect, it } from 'vitest';
import { CheckpointStore } from './checkpoint-store.ts';
import { World, killed, runToEnd } from './fixtures/live-shop.ts';
import { PausedFiles } from './fixtures/paused-files.ts';
import { HOUR, appendSales, hourly, sale, saleCodec, sessions } from './fixtures/small-shop.ts';
import { replayTrack } from './replay-track.ts';
import { TrackWriter, readTrack, sealTrack } from './track.ts';

const T0 = Date.UTC(2024, 0, 1);
const PIPELINES = [hourly, sessions];
/** Flushes and checkpoints all the time, so that there are many calls to be paused at. */
const BUSY = { stepBytes: 1, turnMilliseconds: 0, checkpointEveryRecords: 6 };

function sell(world: World, from: number, to: number): void {
  for (let step = from; step < to; step++) {
    const at = T0 + step * 600_000;
    appendSales(world.log, 'sales', step % 2, [sale('north', at, step), sale('south', at - 60_000, 7), ...(step % 4 === 3 ? [sale('east', at - 3 * HOUR, 5)] : [])]);
  }
}

function closeWindows(world: World): void {
  for (const partition of [0, 1]) appendSales(world.log, 'sales', partition, [sale('last', T0 + 30 * HOUR)]);
}

function numbers(world: World): unknown {
  return PIPELINES.map((topology) => [world.table(topology).closed(), world.log.records(`${topology.name}.late`).map(({ value }) => value).sort()]);
}

/** The books of a replay of all the steps that were ever recorded. */
async function provenBooks(world: World, topology: typeof hourly): Promise<unknown> {
  const store = new CheckpointStore(`/jobs/${topology.name}`, { pipeline: topology.name, topology: described(topology), codeVersion: 'test' }, () => undefined, world.files);
  const steps = store.tracks().flatMap((epoch) => [...readTrack(store.trackPath(epoch), ['sales'], world.files)]);
  const nothing = { pending: 0, open: () => Promise.resolve(), write: () => undefined, flush: () => Promise.resolve(), close: () => Promise.resolve() };
  const { books } = await replayTrack({ topology, sources: { sales: { reader: await world.log.reader('sales'), codec: saleCodec } }, sinks: { turnover: nothing, late: nothing }, steps });
  return books;
}

describe('an owner that was paused in the middle of a write, and wakes up when others have taken over', () => {
  it('changes no number and no proof, whichever write that was', async () => {
    const whole = new World(PIPELINES, 2);
    sell(whole, 0, 24);
    closeWindows(whole);
    await whole.runToEnd(BUSY);
    let pauses = 0;
    for (let pausedAt = 12; ; pausedAt++) {
      const world = new World(PIPELINES, 2);
      sell(world, 0, 12);
      const files = new PausedFiles(world.files, pausedAt);
      // The lease is good in front of the call and no more behind it.
      const fence = (): Promise<void> => (files.isPaused ? Promise.reject(killed()) : Promise.resolve());
      const { job } = await world.attempt(BUSY, { files, fence, isHeld: () => !files.isPaused });
      await runToEnd(job, PIPELINES).catch(() => undefined);
      if (!files.isPaused) break;
      pauses++;

      sell(world, 12, 18);
      const second = await world.attempt({ ...BUSY, checkpointEveryRecords: pausedAt % 2 === 0 ? 6 : 1_000 });
      await runToEnd(second.job, PIPELINES);
      files.wake();
      sell(world, 18, 24);
      closeWindows(world);
      const third = await world.runToEnd(BUSY);

      expect(numbers(world)).toEqual(numbers(whole));
      for (const topology of PIPELINES) expect(await provenBooks(world, topology)).toEqual(third.state(topology.name).books);
    }
    expect(pauses).toBeGreaterThan(50);
  });

  it('lets nothing out whose steps it recorded when its time was over', async () => {
    const world = new World(PIPELINES, 2);
    sell(world, 0, 16);
    closeWindows(world);
    const isRecorded = (): boolean => PIPELINES.some(({ name }) => world.files.read(`/jobs/${name}/track-0.bin`)!.length > 0);
    const fence = (): Promise<void> => (isRecorded() ? Promise.reject(killed()) : Promise.resolve());
    const { job } = await world.attempt({ turnMilliseconds: 200, flushEveryMilliseconds: 50 }, { fence, isHeld: () => !isRecorded() });
    await expect(job.run()).rejects.toMatchObject({ code: 'TEST_KILLED' });
    expect(isRecorded()).toBe(true);
    expect(PIPELINES.flatMap((topology) => [...world.table(topology).history, ...world.log.records(`${topology.name}.late`)])).toEqual([]);
  });

  it('appends to a file that has lost its name', () => {
    const directory = mkdtempSync(join(tmpdir(), 'weir-sealed-'));
    const path = join(directory, 'track-0.bin');
    const older = new TrackWriter(path, ['sales']);
    const append = (now: number): void => {
      older.append({ kind: 'tick', now });
      older.sync();
    };
    append(1);
    sealTrack(path);
    append(2);
    expect(readTrack(path, ['sales'])).toEqual([{ kind: 'tick', now: 1 }]);
    older.close();
    rmSync(directory, { recursive: true });
  });
});
