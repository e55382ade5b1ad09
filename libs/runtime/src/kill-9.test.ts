import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { openEmbeddedLog } from '@weir/connector-embedded-log';
import { RecordBatchBuilder, RecordWalker } from '@weir/record-batch';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { HOUR, sale, saleCodec } from './fixtures/small-shop.ts';
import { Table } from './fixtures/table-sink.ts';
import type { VisiblePane } from './fixtures/table-sink.ts';

const PROGRAM = fileURLToPath(new URL('fixtures/killed-job.ts', import.meta.url));
const T0 = Date.UTC(2024, 0, 1);
/** Milliseconds after which an attempt is killed, counted from when it runs. */
const KILLS = [20, 0, 60];

/** Two partitions of sales, some of them too late, in batches of two. */
async function fill(directory: string): Promise<void> {
  mkdirSync(directory, { recursive: true });
  const log = await openEmbeddedLog(join(directory, 'log'));
  await log.ensureTopic('sales', { partitions: 2 });
  for (const topic of ['sales.dead-letters', 'hourly.late']) await log.ensureTopic(topic, { partitions: 1 });
  const writer = await log.writer();
  const builder = new RecordBatchBuilder();
  const append = async (partition: number, ...times: readonly number[]): Promise<void> => {
    for (const [i, at] of times.entries()) builder.append(at, Buffer.from('k'), saleCodec.encode(sale(i % 2 === 0 ? 'north' : 'south', at, 1 + (i % 7))));
    await writer.append([{ topic: 'sales', partition, batch: builder.build() }]);
  };
  for (let step = 0; step < 160; step++) {
    const at = T0 + step * 300_000;
    await append(step % 2, at, step % 10 === 9 ? at - 3 * HOUR : at - 60_000);
  }
  for (const partition of [0, 1]) await append(partition, T0 + 100 * HOUR);
  await log.close();
}

/** Runs one attempt; kills it that long after it has begun. Answers whether that ended it. */
async function attempt(directory: string, taskEpoch: number, killAfter?: number): Promise<boolean> {
  const child = spawn(process.execPath, [PROGRAM, directory, String(taskEpoch)], { stdio: ['ignore', 'pipe', 'pipe'] });
  let errors = '';
  child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()));
  if (killAfter !== undefined) child.stdout.once('data', () => void sleep(killAfter).then(() => child.kill('SIGKILL')));
  const [code, signal] = await new Promise<readonly [number | null, NodeJS.Signals | null]>((resolve) => child.once('close', (...ended) => resolve(ended)));
  if (signal !== 'SIGKILL' && code !== 0) expect.fail(`attempt ${taskEpoch} ended with ${code}: ${errors}`);
  return signal === 'SIGKILL';
}

function panesIn(directory: string): readonly VisiblePane[] {
  // A killed process may leave half a line.
  return readFileSync(join(directory, 'panes'), 'utf8')
    .split('\n')
    .filter((line) => line.startsWith('{') && line.endsWith('}'))
    .map((line) => JSON.parse(line) as VisiblePane);
}

async function lateIn(directory: string): Promise<readonly string[]> {
  const log = await openEmbeddedLog(join(directory, 'log'));
  const reader = await log.reader('hourly.late');
  const { bytes } = await reader.read(0, 0, 1 << 24);
  const walker = new RecordWalker();
  walker.walk(bytes, 0, Number.MAX_SAFE_INTEGER);
  const values = Array.from({ length: walker.count }, (_, i) => Buffer.from(bytes.subarray(walker.valueStarts[i]!, walker.valueEnds[i]!)).toString());
  await log.close();
  return values.sort();
}

function closedIn(directory: string): Readonly<Record<string, string>> {
  const table = new Table();
  table.history.push(...panesIn(directory));
  return table.closed();
}

describe('kill -9', () => {
  let root = '';
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'weir-kill-'));
  });
  afterEach(() => rmSync(root, { recursive: true, force: true }));

  it('at any moment leaves the numbers and the late rows of a job that ran through, and no pane that the next attempt did not make', async () => {
    const [whole, killed] = [join(root, 'whole'), join(root, 'killed')];
    await fill(whole);
    await attempt(whole, 1);
    await fill(killed);
    let taskEpoch = 0;
    let kills = 0;
    for (const after of KILLS) if (await attempt(killed, ++taskEpoch, after)) kills++;
    await attempt(killed, taskEpoch + 1);
    expect(kills).toBeGreaterThan(0);

    expect(Object.keys(closedIn(whole)).length).toBeGreaterThan(20);
    expect(closedIn(killed)).toEqual(closedIn(whole));
    expect(await lateIn(killed)).toEqual(await lateIn(whole));
    expect((await lateIn(whole)).length).toBeGreaterThan(10);
    const seen = new Map<string, string>();
    for (const { id, index, row } of panesIn(killed)) {
      expect(seen.get(`${id} ${index}`) ?? row).toBe(row);
      seen.set(`${id} ${index}`, row);
    }
  }, 120_000);
});
