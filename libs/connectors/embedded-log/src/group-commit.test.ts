import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { batchOf } from '@weir/testkit';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { checkAppend } from './append.ts';
import type { CheckedAppend } from './append.ts';
import { GroupCommit } from './group-commit.ts';
import { openStore } from './store.ts';
import type { Store } from './store.ts';

let directory: string;
let store: Store;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'weir-log-'));
  store = openStore(directory, 0);
  store.topics.putSync('topic', { id: 1, partitions: 1 });
});
afterEach(async () => {
  await store.root.close();
  rmSync(directory, { recursive: true });
});

const append = (value = 'x'): CheckedAppend => checkAppend(store, { topic: 'topic', partition: 0, batch: batchOf([1], [value]), idempotence: { producer: 'p', sequence: next++ } });
let next = 0;

describe('a group of appends', () => {
  it('shares one transaction', async () => {
    const commits = new GroupCommit(store, 0);
    const transactions = vi.spyOn(store.root, 'transactionSync');
    expect(await Promise.all([commits.add([append()]), commits.add([append(), append()]), commits.add([])])).toEqual([[0], [1, 2], []]);
    expect(transactions).toHaveBeenCalledTimes(1);
  });

  it('is cut where it grows too large', async () => {
    const commits = new GroupCommit(store, 0);
    const transactions = vi.spyOn(store.root, 'transactionSync');
    const large = 'x'.repeat(7 * 1024 * 1024);
    const answers = await Promise.all(Array.from({ length: 6 }, () => commits.add([append(large)])));
    expect(answers.flat()).toEqual([0, 1, 2, 3, 4, 5]);
    expect(transactions).toHaveBeenCalledTimes(2);
  });

  it('is refused whole where the disk has no room, and leaves nothing', async () => {
    const full = new GroupCommit(store, 2 ** 60);
    const first = append();
    const outcomes = await Promise.allSettled([full.add([first]), full.add([append()])]);
    expect(outcomes.map((outcome) => (outcome.status === 'rejected' ? (outcome.reason as { code: string }).code : 'appended'))).toEqual(['LOG_DISK_FULL', 'LOG_DISK_FULL']);
    expect(await new GroupCommit(store, 0).add([first])).toEqual([0]);
  });

  it('is all or none when the transaction fails', async () => {
    const commits = new GroupCommit(store, 0);
    const checked = append();
    // A key that LMDB cannot take stands for any failure on the way.
    const failing = { ...checked, append: { ...checked.append, idempotence: { producer: 'p'.repeat(5_000), sequence: 1 } } };
    await expect(commits.add([append(), failing])).rejects.toThrow('does not fit');
    expect(store.partitions.get([1, 0])).toBeUndefined();
    expect(await commits.add([append()])).toEqual([0]);
  });
});
