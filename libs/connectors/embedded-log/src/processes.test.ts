import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readAll } from '@weir/testkit';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openEmbeddedLog } from './index.ts';

const ROUNDS = Math.ceil(Number(process.env['WEIR_RUNS'] ?? 200) / 70);
const PROGRAM = fileURLToPath(new URL('fixtures/log-process.ts', import.meta.url));

interface Ended {
  readonly code: number | null;
  readonly signal: string | null;
  readonly lines: readonly string[];
  readonly errors: string;
}

interface Running {
  /** It has said something, or ended. */
  readonly begun: Promise<void>;
  readonly ended: Promise<Ended>;
  kill(): void;
}

function start(...args: readonly string[]): Running {
  const [role, ...rest] = args;
  // A limit on the size of files stands for a disk that refuses; its unit differs between shells.
  const command = role === 'limited' ? ['sh', '-c', 'ulimit -f 1500; exec "$0" "$@"', process.execPath, PROGRAM, 'write', ...rest] : [process.execPath, PROGRAM, ...args];
  const child = spawn(command[0]!, command.slice(1), { stdio: ['ignore', 'pipe', 'pipe'] });
  let [out, errors] = ['', ''];
  const begun = new Promise<void>((resolve) => {
    child.stdout.once('data', () => resolve());
    child.once('close', () => resolve());
  });
  child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (errors += text));
  return {
    begun,
    ended: new Promise((resolve, reject) => {
      child.once('error', reject);
      child.once('close', (code, signal) => resolve({ code, signal, lines: out.split('\n').slice(0, -1), errors }));
    }),
    kill: () => void child.kill('SIGKILL'),
  };
}

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'weir-log-'));
});
afterEach(() => rmSync(directory, { recursive: true }));

async function contents(): Promise<readonly (readonly string[])[]> {
  const log = await openEmbeddedLog(directory);
  const reader = await log.reader('topic');
  const partitions = [await readAll(reader, 0), await readAll(reader, 1)];
  await log.close();
  for (const records of partitions) expect(records.map(({ offset }) => offset)).toEqual(records.map((_, i) => i));
  return partitions.map((records) => records.map(({ value }) => value!));
}

/** Every record once, each producer's in its order; `from` 0 to `to` exclusive. */
function valuesOf(producer: string, partition: number, to: number, records: number): readonly string[] {
  return Array.from({ length: to * records }, (_, i) => `${producer} ${partition} ${Math.floor(i / records)} ${i % records}`);
}

describe('several processes on one log', () => {
  it('append and read at the same time, and nothing is lost, doubled or out of order', async () => {
    const [appends, records] = [60, 7];
    const writers = ['a', 'b', 'c'].map((producer) => start('write', directory, producer, `${appends}`, `${records}`));
    const readers = [0, 1].map(() => start('read', directory, `${3 * appends * records}`));
    const ended = await Promise.all([...writers, ...readers].map(({ ended: end }) => end));
    expect(ended.map(({ code, signal, errors }) => ({ code, signal, errors }))).toEqual(ended.map(() => ({ code: 0, signal: null, errors: '' })));
    const partitions = await contents();
    for (const [partition, values] of partitions.entries()) {
      for (const producer of ['a', 'b', 'c']) {
        expect(values.filter((value) => value.startsWith(producer))).toEqual(valuesOf(producer, partition, appends, records));
      }
      expect(values.length).toBe(3 * appends * records);
      // The readers, which followed while it grew, saw what is there now.
      for (const { lines } of ended.slice(3)) expect(lines.filter((line) => line[2] === `${partition}`)).toEqual(values);
    }
  });

  it('that are killed in the middle of appends leave all that was acknowledged, in whole batches', async () => {
    const records = 40;
    const acknowledged = { a: 0, b: 0 };
    for (let round = 0; round < ROUNDS; round++) {
      const running = (['a', 'b'] as const).map((producer) => ({ producer, process: start('write', directory, producer, '1000000', `${records}`) }));
      await Promise.all(running.map(({ process: each }) => each.begun));
      await new Promise((resolve) => setTimeout(resolve, Math.random() * 100));
      for (const { process: each } of running) each.kill();
      for (const { producer, process: each } of running) {
        const { signal, lines, errors } = await each.ended;
        expect({ signal, errors }).toEqual({ signal: 'SIGKILL', errors: '' });
        if (lines.length > 0) acknowledged[producer] = Number(lines.at(-1)) + 1;
      }
      const partitions = await contents();
      const durable = { a: 0, b: 0 };
      for (const [partition, values] of partitions.entries()) {
        for (const producer of ['a', 'b'] as const) {
          const own = values.filter((value) => value.startsWith(producer));
          const batches = own.length / records;
          expect(own).toEqual(valuesOf(producer, partition, batches, records));
          if (partition === 0) durable[producer] = batches;
          // Both partitions are written in one transaction.
          else expect(batches).toBe(durable[producer]);
        }
      }
      // Of each producer one append may have become durable without its being told.
      for (const producer of ['a', 'b'] as const) {
        expect(durable[producer]).toBeGreaterThanOrEqual(acknowledged[producer]);
        expect(durable[producer]).toBeLessThanOrEqual(acknowledged[producer] + 1);
      }
    }
    expect(acknowledged.a + acknowledged.b).toBeGreaterThan(0);
  });

  it.skipIf(process.platform === 'win32')('that may write no more say so, and keep what they have', async () => {
    expect((await start('write', directory, 'a', '1', '40').ended).code).toBe(0);
    const { code, lines, errors } = await start('limited', directory, 'a', '1000000', '400').ended;
    expect({ code, says: errors.includes('LOG_WRITE_FAILED') }).toEqual({ code: 1, says: true });
    const [values] = await contents();
    expect(values!.length).toBe(40 + lines.length * 400);
    expect((await start('write', directory, 'a', '1', '40').ended).code).toBe(0);
  });

  it('end cleanly, also when they leave the log open', async () => {
    for (const last of ['close', 'leave open']) {
      const { code, signal, errors } = await start('write', directory, 'a', '3', '2', last).ended;
      expect({ code, signal, errors }).toEqual({ code: 0, signal: null, errors: '' });
    }
    expect((await contents())[0]).toEqual(valuesOf('a', 0, 6, 2));
  });
});
