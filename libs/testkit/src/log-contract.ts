import { deepStrictEqual, ok, strictEqual } from 'node:assert';
import type { Append, Log, SourceCommit } from '@weir/connector-api';
import { WeirError } from '@weir/model';
import { logMatchesModel, offsetForMatchesModel } from './log-model.ts';
import { batchOf, readAll, recordsIn } from './logged-records.ts';

/** A log to be tested, fresh and empty, and the ways of its adapter. */
export interface LogUnderTest {
  readonly log: Log;
  /** Closes the log and opens it over the same data. */
  reopen(): Promise<Log>;
  /** Closes the log and removes its data. */
  dispose(): Promise<void>;
}

export interface LogTraits {
  /** Whether appends drop what retention no longer asks for; a log may also do it at leisure. Default false. */
  readonly dropsOnAppend?: boolean;
  /** Whether appends of several writers are in the order in which they were called; those of one always are. Default true. */
  readonly ordersWriters?: boolean;
  /** The least record timestamp that it can look up; default any. */
  readonly leastTime?: number;
}

/** What the log does that is checked, and the check, which rejects if it does not. */
export type LogContract = Readonly<Record<string, () => Promise<void>>>;

type Check = (under: LogUnderTest) => Promise<void>;

/** What every adapter of a log must hold to. Each check opens a log of its own. */
export function logContract(open: () => Promise<LogUnderTest>, { dropsOnAppend = false, ordersWriters = true, leastTime = Number.NEGATIVE_INFINITY }: LogTraits = {}): LogContract {
  const checks: Record<string, Check> = { ...reading, ...appending, ...inOrder(ordersWriters), ...sequences, ...commits, ...topics, ...times(leastTime), ...(dropsOnAppend ? retention : {}) };
  return Object.fromEntries(
    Object.entries(checks).map(([name, check]) => [
      name,
      async () => {
        const under = await open();
        try {
          await check(under);
        } finally {
          await under.dispose();
        }
      },
    ]),
  );
}

/** Fails unless the promise rejects with this code. */
async function refused(code: string, promise: Promise<unknown>): Promise<void> {
  const outcome: unknown = await promise.then(
    () => 'nothing',
    (error: unknown) => error,
  );
  ok(outcome instanceof WeirError, `expected ${code}, got ${String(outcome)}`);
  strictEqual(outcome.code, code);
}

async function withTopic(log: Log, partitions = 2): Promise<Log> {
  await log.ensureTopic('topic', { partitions });
  return log;
}

const to = (partition: number, batch: Uint8Array, topic = 'topic'): Append => ({ topic, partition, batch });

const reading: Record<string, Check> = {
  'gives back records as they went in, numbered without gaps': async ({ log }) => {
    const writer = await (await withTopic(log)).writer();
    deepStrictEqual(await writer.append([to(0, batchOf([5, 3], ['a', null])), to(1, batchOf([7])), to(0, batchOf([-1, 0, 1]))]), [0, 0, 2]);
    const reader = await log.reader('topic');
    deepStrictEqual([reader.topic, reader.partitions], ['topic', 2]);
    const got = await readAll(reader, 0);
    deepStrictEqual(got.map(({ offset, timestamp, value }) => [offset, timestamp, value]), [[0, 5, 'a'], [1, 3, null], [2, -1, 'value 0'], [3, 0, 'value 1'], [4, 1, 'value 2']]);
    strictEqual(got[1]!.key, 'key 1');
    deepStrictEqual((await readAll(reader, 1)).map(({ timestamp }) => timestamp), [7]);
  },
  'begins a read with the batch that holds the offset': async ({ log }) => {
    const writer = await (await withTopic(log)).writer();
    await writer.append([to(0, batchOf([1, 2, 3])), to(0, batchOf([4, 5]))]);
    const reader = await log.reader('topic');
    const { bytes, highWatermark, logStart } = await reader.read(0, 2, 1);
    deepStrictEqual(recordsIn(bytes).map(({ offset }) => offset), [0, 1, 2]);
    deepStrictEqual([logStart, highWatermark], [0, 5]);
    deepStrictEqual(recordsIn((await reader.read(0, 3, 1)).bytes).map(({ offset }) => offset), [3, 4]);
  },
  'reads at least one batch, and then while they fit': async ({ log }) => {
    const writer = await (await withTopic(log)).writer();
    const batch = batchOf([1, 2, 3]);
    await writer.append([to(0, batch), to(0, batch), to(0, batch)]);
    const reader = await log.reader('topic');
    for (const [maxBytes, batches] of [[0, 1], [1, 1], [2 * batch.length - 1, 1], [2 * batch.length, 2], [1e9, 3]] as const) {
      strictEqual((await reader.read(0, 0, maxBytes)).bytes.length, batches * batch.length, `with at most ${maxBytes} bytes`);
    }
  },
  'reads nothing at the end, and what is below the start is out of range': async ({ log }) => {
    const reader = await (await withTopic(log)).reader('topic');
    deepStrictEqual(await reader.offsets(0), { logStart: 0, highWatermark: 0 });
    strictEqual((await reader.read(0, 0, 100)).bytes.length, 0);
    await (await log.writer()).append([to(0, batchOf([1, 2]))]);
    strictEqual((await reader.read(0, 2, 100)).bytes.length, 0);
    strictEqual((await reader.read(0, 1_000, 100)).highWatermark, 2);
    await refused('LOG_OFFSET_OUT_OF_RANGE', reader.read(0, -1, 100));
  },
  'has all that was appended after it is opened again': async ({ log, reopen }) => {
    const writer = await (await withTopic(log)).writer();
    await writer.append([to(1, batchOf([1, 2]))]);
    const again = await reopen();
    deepStrictEqual(await (await again.writer()).append([to(1, batchOf([3]))]), [2]);
    deepStrictEqual((await readAll(await again.reader('topic'), 1)).map(({ timestamp }) => timestamp), [1, 2, 3]);
    await again.close();
  },
  'shows a reader what others have appended since': async ({ log }) => {
    const reader = await (await withTopic(log)).reader('topic');
    const writer = await log.writer();
    for (let round = 0; round < 20; round++) {
      strictEqual((await reader.offsets(0)).highWatermark, round);
      await writer.append([to(0, batchOf([round]))]);
      strictEqual((await reader.read(0, round, 1)).bytes.length > 0, true);
    }
  },
  'equals a list, whatever is appended and read': async ({ log }) => logMatchesModel(await withTopic(log)),
};

const appending: Record<string, Check> = {
  'appends to several partitions all or none': async ({ log }) => {
    const writer = await (await withTopic(log)).writer();
    const damaged = batchOf([1, 2]);
    damaged[damaged.length - 1]! ^= 1;
    await refused('RECORD_BATCH_CORRUPT', writer.append([to(0, batchOf([1])), to(1, damaged)]));
    await refused('LOG_TOPIC_MISSING', writer.append([to(0, batchOf([1])), to(0, batchOf([1]), 'elsewhere')]));
    await refused('LOG_PARTITION_MISSING', writer.append([to(0, batchOf([1])), to(2, batchOf([1]))]));
    await refused('LOG_PARTITION_MISSING', writer.append([{ ...to(0, batchOf([1])), idempotence: { producer: 'p', sequence: 1 } }, to(-1, batchOf([1]))]));
    const reader = await log.reader('topic');
    deepStrictEqual([(await reader.offsets(0)).highWatermark, (await reader.offsets(1)).highWatermark], [0, 0]);
    strictEqual(await writer.lastSequence('p', 'topic', 0), -1);
  },
  'refuses a batch that is too large': async ({ log }) => {
    const writer = await (await withTopic(log)).writer();
    await refused('LOG_RECORD_TOO_LARGE', writer.append([to(0, batchOf([1], ['x'.repeat(9 * 1024 * 1024)]))]));
    deepStrictEqual(await writer.append([to(0, batchOf([1], ['x'.repeat(900_000)]))]), [0]);
  },
  'tells only the append that was wrong, when others wait with it': async ({ log }) => {
    const writer = await (await withTopic(log)).writer();
    const outcomes = await Promise.allSettled([writer.append([to(0, batchOf([1]))]), writer.append([to(9, batchOf([1]))]), writer.append([to(0, batchOf([1]))])]);
    deepStrictEqual(outcomes.map(({ status }) => status), ['fulfilled', 'rejected', 'fulfilled']);
    strictEqual((await readAll(await log.reader('topic'), 0)).length, 2);
  },
};

const inOrder = (isOrdered: boolean): Record<string, Check> => ({
  'keeps the order of appends that wait together, and the caller its bytes': async ({ log }) => {
    const first = await (await withTopic(log)).writer();
    const writers = [first, isOrdered ? await log.writer() : first];
    const batch = batchOf([1, 2]);
    const before = batch.slice();
    const answers = await Promise.all(Array.from({ length: 50 }, (_, i) => writers[i % 2]!.append([to(0, batch), to(1, batch)])));
    deepStrictEqual(answers, Array.from({ length: 50 }, (_, i) => [2 * i, 2 * i]));
    deepStrictEqual(batch, before);
    deepStrictEqual(await writers[0]!.append([]), []);
  },
});

const sequences: Record<string, Check> = {
  'discards what a producer appends twice, also after it is opened again': async ({ log, reopen }) => {
    const writer = await (await withTopic(log)).writer();
    const numbered = (partition: number, sequence: number, producer = 'p'): Append => ({ ...to(partition, batchOf([sequence])), idempotence: { producer, sequence } });
    strictEqual(await writer.lastSequence('p', 'topic', 0), -1);
    deepStrictEqual(await writer.append([numbered(0, 0), numbered(0, 7), numbered(0, 7), numbered(0, 3), numbered(1, 3), numbered(0, 3, 'q')]), [0, 1, -1, -1, 0, 2]);
    deepStrictEqual([await writer.lastSequence('p', 'topic', 0), await writer.lastSequence('p', 'topic', 1), await writer.lastSequence('q', 'topic', 1)], [7, 3, -1]);
    const again = await reopen();
    const later = await again.writer();
    deepStrictEqual(await later.append([numbered(0, 7), numbered(0, 8), to(0, batchOf([9]))]), [-1, 3, 4]);
    strictEqual(await later.lastSequence('p', 'topic', 0), 8);
    deepStrictEqual((await readAll(await again.reader('topic'), 0)).map(({ timestamp }) => timestamp), [0, 7, 3, 8, 9]);
    await again.close();
  },
  'refuses names and sequences that it could not keep': async ({ log }) => {
    const writer = await (await withTopic(log)).writer();
    for (const [producer, sequence] of [['', 0], ['p'.repeat(5_000), 0], ['p', -1], ['p', 0.5], ['p', 2 ** 53]] as const) {
      await refused('LOG_SEQUENCE_INVALID', writer.append([to(1, batchOf([1])), { ...to(0, batchOf([1])), idempotence: { producer, sequence } }]));
    }
    await refused('LOG_SEQUENCE_INVALID', writer.lastSequence('', 'topic', 0));
    strictEqual((await (await log.reader('topic')).offsets(1)).highWatermark, 0);
  },
};

const commits: Record<string, Check> = {
  'commits offsets of sources with what was appended, or neither': async ({ log, reopen }) => {
    const writer = await (await withTopic(log)).writer();
    const until = (offset: number, metadata: string, group = 'task', partition = 0): SourceCommit => ({ group, offsets: [{ topic: 'topic', partition, offset }], metadata });
    strictEqual(await writer.committed('task', 'topic', 0), undefined);
    deepStrictEqual(await writer.append([to(1, batchOf([1]))], until(5, 'manifest 1')), [0]);
    deepStrictEqual(await writer.committed('task', 'topic', 0), { offset: 5, metadata: 'manifest 1' });
    deepStrictEqual(await writer.append([], until(7, 'manifest 2')), []);
    await writer.append([to(1, batchOf([2]))], until(3, 'other', 'other task'));
    await writer.append([to(1, batchOf([3]))], until(4, '', 'task', 1));
    await refused('LOG_PARTITION_MISSING', writer.append([to(1, batchOf([4])), to(9, batchOf([4]))], until(8, 'manifest 3')));
    await refused('LOG_PARTITION_MISSING', writer.append([to(1, batchOf([4]))], until(8, 'manifest 3', 'task', 9)));
    const again = await reopen();
    const later = await again.writer();
    deepStrictEqual(await later.committed('task', 'topic', 0), { offset: 7, metadata: 'manifest 2' });
    deepStrictEqual(await later.committed('other task', 'topic', 0), { offset: 3, metadata: 'other' });
    deepStrictEqual(await later.committed('task', 'topic', 1), { offset: 4, metadata: '' });
    deepStrictEqual((await readAll(await again.reader('topic'), 1)).map(({ timestamp }) => timestamp), [1, 2, 3]);
    await again.close();
  },
  'refuses offsets that it could not keep': async ({ log }) => {
    const writer = await (await withTopic(log)).writer();
    for (const [group, offset, metadata] of [['', 0, ''], ['g', -1, ''], ['g', 0.5, ''], ['g', 0, 'x'.repeat(4_097)]] as const) {
      await refused('LOG_COMMIT_INVALID', writer.append([to(0, batchOf([1]))], { group, offsets: [{ topic: 'topic', partition: 0, offset }], metadata }));
    }
    await refused('LOG_TOPIC_MISSING', writer.append([to(0, batchOf([1]))], { group: 'g', offsets: [{ topic: 'nowhere', partition: 0, offset: 1 }], metadata: '' }));
    await refused('LOG_COMMIT_INVALID', writer.committed('', 'topic', 0));
    strictEqual((await (await log.reader('topic')).offsets(0)).highWatermark, 0);
  },
};

const topics: Record<string, Check> = {
  'keeps the partitions of a topic': async ({ log, reopen }) => {
    await log.ensureTopic('topic', { partitions: 3 });
    await log.ensureTopic('other.topic-1_a', { partitions: 1 });
    await log.ensureTopic('topic', { partitions: 3 });
    await refused('LOG_PARTITION_MISMATCH', log.ensureTopic('topic', { partitions: 4 }));
    const again = await reopen();
    const named = [...(await again.topics())].sort((a, b) => (a.topic < b.topic ? -1 : 1));
    deepStrictEqual(named, [{ topic: 'other.topic-1_a', partitions: 1 }, { topic: 'topic', partitions: 3 }]);
    await again.close();
  },
  'names what is missing': async ({ log }) => {
    await refused('LOG_TOPIC_MISSING', log.reader('nowhere'));
    const writer = await (await withTopic(log)).writer();
    await refused('LOG_TOPIC_MISSING', writer.append([to(0, batchOf([1]), 'nowhere')]));
    await refused('LOG_TOPIC_MISSING', writer.lastSequence('p', 'nowhere', 0));
    const reader = await log.reader('topic');
    for (const partition of [-1, 2, 0.5]) {
      await refused('LOG_PARTITION_MISSING', reader.read(partition, 0, 1));
      await refused('LOG_PARTITION_MISSING', reader.offsets(partition));
      await refused('LOG_PARTITION_MISSING', reader.offsetFor(partition, 0));
    }
    for (const [topic, partitions] of [['', 1], ['a b', 1], ['..', 1], ['a', 0], ['a', 1.5]] as const) {
      await refused('LOG_TOPIC_INVALID', log.ensureTopic(topic, { partitions }));
    }
  },
};

const times = (leastTime: number): Record<string, Check> => ({
  'finds the first record at a time or later, in any order of times': async ({ log }) => offsetForMatchesModel(log, leastTime),
});

const retention: Record<string, Check> = {
  'drops the oldest batches while there are too many bytes': async ({ log }) => {
    const batch = batchOf([1, 2]);
    await log.ensureTopic('topic', { partitions: 1, retentionBytes: 2.5 * batch.length });
    const [writer, reader] = [await log.writer(), await log.reader('topic')];
    for (let i = 0; i < 5; i++) await writer.append([to(0, batch)]);
    deepStrictEqual(await reader.offsets(0), { logStart: 6, highWatermark: 10 });
    await refused('LOG_OFFSET_OUT_OF_RANGE', reader.read(0, 5, 1));
    deepStrictEqual((await readAll(reader, 0, 6)).map(({ offset }) => offset), [6, 7, 8, 9]);
    strictEqual(await reader.offsetFor(0, 0), 6);
    strictEqual(await reader.offsetFor(0, 2), 7);
    deepStrictEqual(await writer.append([to(0, batchOf([9], ['x'.repeat(100_000)]))]), [10]);
    deepStrictEqual(await reader.offsets(0), { logStart: 10, highWatermark: 11 });
  },
  'drops batches that are older than the newest record by more than it keeps': async ({ log }) => {
    await log.ensureTopic('topic', { partitions: 1, retentionMilliseconds: 10 });
    const [writer, reader] = [await log.writer(), await log.reader('topic')];
    await writer.append([to(0, batchOf([1, 5])), to(0, batchOf([12])), to(0, batchOf([3]))]);
    strictEqual((await reader.offsets(0)).logStart, 0);
    await writer.append([to(0, batchOf([15]))]);
    strictEqual((await reader.offsets(0)).logStart, 0);
    await writer.append([to(0, batchOf([16]))]);
    strictEqual((await reader.offsets(0)).logStart, 2);
    // The third batch is old, but the second, in front of it, is not.
    strictEqual(await reader.offsetFor(0, 4), 2);
    await writer.append([to(0, batchOf([23]))]);
    strictEqual((await reader.offsets(0)).logStart, 4);
    strictEqual(await reader.offsetFor(0, 13), 4);
  },
};
