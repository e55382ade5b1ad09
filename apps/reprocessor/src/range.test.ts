import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Log, LogReader } from '@weir/connector-api';
import { openEmbeddedLog } from '@weir/connector-embedded-log';
import { RecordBatchBuilder } from '@weir/record-batch';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { rangeOf } from './range.ts';
import { ReplayReport, lineOf } from './replay-report.ts';

const directory = mkdtempSync(join(tmpdir(), 'weir-range-'));
let log: Log;
let reader: LogReader;

beforeAll(async () => {
  log = await openEmbeddedLog(directory);
  await log.ensureTopic('orders', { partitions: 2 });
  const writer = await log.writer();
  const builder = new RecordBatchBuilder();
  for (const partition of [0, 1]) {
    for (let day = 1; day <= 10; day++) builder.append(Date.UTC(2020, 0, day), null, new Uint8Array([day]));
    await writer.append([{ topic: 'orders', partition, batch: builder.build() }]);
  }
  reader = await log.reader('orders');
});
afterAll(async () => {
  await log.close();
  rmSync(directory, { recursive: true, force: true });
});

describe('the range of a replay', () => {
  it('is the whole log by default', async () => {
    expect(await rangeOf(reader, 'start', 'end')).toEqual({ partitions: [{ from: 0, to: 10 }, { from: 0, to: 10 }], isWhole: true });
  });

  it('lies between times of the log, the second exclusive', async () => {
    expect(await rangeOf(reader, '2020-01-03', '2020-01-05T00:00Z')).toEqual({ partitions: [{ from: 2, to: 4 }, { from: 2, to: 4 }], isWhole: false });
    expect(await rangeOf(reader, '2019-01-01', '2021-01-01')).toMatchObject({ partitions: [{ from: 0, to: 10 }, { from: 0, to: 10 }], isWhole: true });
  });

  it('lies between offsets of each partition, and ends where the log does', async () => {
    expect(await rangeOf(reader, '0,0', '7,99')).toEqual({ partitions: [{ from: 0, to: 7 }, { from: 0, to: 10 }], isWhole: true });
    expect(await rangeOf(reader, '3,0', 'end')).toMatchObject({ partitions: [{ from: 3, to: 10 }, { from: 0, to: 10 }], isWhole: false });
  });

  it.each([['1', 'end', /1 offsets are given, and orders has 2 partitions/], ['start', '1,2,3', /3 offsets/], ['8,8', '5,5', /behind its end/], ['2020-13-01', 'end', /is no time/]])('from %s to %s is refused', async (from, to, message) => {
    await expect(rangeOf(reader, from, to)).rejects.toMatchObject({ code: 'REPLAY_RANGE', message: expect.stringMatching(message) as string });
  });
});

describe('the report of a replay', () => {
  it('estimates what is left over both readings of every pass', () => {
    const time = { now: 0 };
    const report = new ReplayReport(2, () => time.now);
    time.now = 1_000;
    expect(report.of({ phase: 'scan', done: 100, total: 100 })).toMatchObject({ recordsPerSecond: 100, etaSeconds: 3 });
    expect(report.of({ phase: 'replay', done: 100, total: 100 }).etaSeconds).toBe(1);
    report.endPass();
    time.now = 4_000;
    expect(report.of({ phase: 'replay', done: 100, total: 100 })).toMatchObject({ etaSeconds: 0 });
    expect(lineOf(report.of({ phase: 'replay', done: 50, total: 100 }))).toBe('replay 50 of 100 (50 %), 88 records/s, 1 s to go');
  });

  it('says nothing before there is something to tell by, and copes with nothing to do', () => {
    const report = new ReplayReport(1, () => 0);
    expect(report.of({ phase: 'scan', done: 1, total: 1_000 }).etaSeconds).toBeUndefined();
    expect(report.of({ phase: 'replay', done: 0, total: 0 }).etaSeconds).toBe(0);
  });
});
