import type { Rejection } from '@weir/connector-api';
import { describe, expect, it } from 'vitest';
import { DeadLetters } from './dead-letters.ts';
import type { DeadLetterPolicy } from './dead-letters.ts';
import { MemoryLog } from './fixtures/memory-log.ts';

function rejection(offset: number, parts: Partial<Rejection> = {}): Rejection {
  return { offset, code: 'JSON_SYNTAX', message: 'The value is not JSON.', key: null, value: Buffer.from(`raw ${offset}`), logTimestamp: 1_000 + offset, ...parts };
}

async function deadLetters(log: MemoryLog, policy: DeadLetterPolicy = { on: 'dead-letter' }): Promise<DeadLetters> {
  await log.ensureTopic('dead', { partitions: 1 });
  return new DeadLetters({ pipeline: 'hourly', policy, writer: await log.writer(), topic: 'dead' });
}

describe('dead letters', () => {
  it('hold the raw record, its place and the reason', async () => {
    const log = new MemoryLog();
    const letters = await deadLetters(log);
    letters.take('sales', 3, [rejection(7, { key: Buffer.from('k') }), rejection(9, { value: null, logTimestamp: Number.NaN })], 2, 10);
    expect(letters.pending).toBe(2);
    expect(log.records('dead')).toEqual([]);
    await letters.flush();
    expect(letters.pending).toBe(0);
    const headers = { pipeline: 'hourly', topic: 'sales', partition: '3', code: 'JSON_SYNTAX', message: 'The value is not JSON.' };
    expect(log.records('dead')).toEqual([
      { offset: 0, timestamp: 1_007, key: 'k', value: 'raw 7', headers: { ...headers, offset: '7' } },
      { offset: 1, timestamp: 0, key: null, value: null, headers: { ...headers, offset: '9' } },
    ]);
  });

  it('are written once, however often a replay meets them', async () => {
    const log = new MemoryLog();
    for (const offsets of [[1, 2], [1, 2, 5], [5]]) {
      const letters = await deadLetters(log);
      letters.take('sales', 0, offsets.map((offset) => rejection(offset)), 1, 10);
      letters.take('sales', 1, [rejection(1)], 1, 10);
      await letters.flush();
    }
    expect(log.records('dead').map(({ headers }) => `${headers['partition']}@${headers['offset']}`)).toEqual(['0@1', '0@2', '1@1', '0@5']);
  });

  it('have a budget: a share after the first thousand records, and a total', async () => {
    const take = async (policy: DeadLetterPolicy, total: number, records: number): Promise<void> => (await deadLetters(new MemoryLog(), policy)).take('sales', 0, [rejection(1)], total, records);
    const budget: unknown = expect.objectContaining({ code: 'DEAD_LETTER_BUDGET' });
    await expect(take({ on: 'dead-letter' }, 1_000, 1_000)).resolves.toBeUndefined();
    await expect(take({ on: 'dead-letter' }, 12, 1_101)).rejects.toEqual(budget);
    await expect(take({ on: 'dead-letter' }, 11, 1_101)).resolves.toBeUndefined();
    await expect(take({ on: 'dead-letter' }, 10_001, 10_000_000)).rejects.toEqual(budget);
    await expect(take({ on: 'dead-letter' }, 10_000, 10_000_000)).resolves.toBeUndefined();
    await expect(take({ on: 'dead-letter', maxShare: 0.5, maxTotal: 3 }, 4, 100)).rejects.toEqual(budget);
    await expect(take({ on: 'dead-letter', maxShare: 0.5 }, 500, 1_001)).resolves.toBeUndefined();
  });

  it('are not made where the first rejected record stops the job, nor where it is dropped', async () => {
    const log = new MemoryLog();
    const strict = await deadLetters(log, { on: 'fail' });
    expect(() => strict.take('sales', 2, [rejection(4)], 1, 1)).toThrow(/sales\/2@4.*JSON_SYNTAX/);
    const loose = await deadLetters(log, { on: 'drop' });
    loose.take('sales', 2, [rejection(4)], 99_999, 100_000);
    await loose.flush();
    expect(log.records('dead')).toEqual([]);
  });
});
