import { startJvmBroker, whyNoJvmBroker } from '@weir/kafka-broker';
import type { JvmBroker } from '@weir/kafka-broker';
import type { Log } from '@weir/connector-api';
import { readHeader, viewOf } from '@weir/record-batch';
import { replay, scan } from '@weir/runtime';
import { batchOf, cases } from '@weir/testkit';
import type { Admin, Consumer, Kafka } from 'kafkajs';
import { cpSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { boundedRead } from './fixtures/bounded-read.ts';
import { copying, copyingJob, itemBatch, itemCodec, numberIn } from './fixtures/copying-job.ts';
import { damage } from './fixtures/damaged-segment.ts';
import { deleteRecords } from './fixtures/delete-records.ts';
import { Load, sequence, until } from './fixtures/load.ts';
import { BRISK, committedByConsole, ordinaryClient } from './fixtures/witness.ts';
import { openKafkaLog } from './index.ts';

/** In deep runs more. */
const KILLS = Math.min(10, cases(1));
const why = await whyNoJvmBroker();
let broker: JvmBroker;
let kafka: Kafka;
let admin: Admin;
let log: Log;
let directory: string;

describe.skipIf(why !== undefined)(`a broker that fails${why === undefined ? '' : ` (skipped: ${why})`}`, () => {
  beforeAll(async () => {
    broker = await startJvmBroker();
    kafka = ordinaryClient(broker.bootstrap);
    admin = kafka.admin();
    await admin.connect();
    log = await openKafkaLog({ brokers: [broker.bootstrap] });
    directory = mkdtempSync(join(tmpdir(), 'weir-kafka-jobs-'));
  }, 240_000);
  afterAll(async () => {
    await admin?.disconnect();
    await log?.close();
    await broker?.stop();
    if (directory !== undefined) rmSync(directory, { recursive: true });
  });

  it('loses nothing that was acknowledged and doubles nothing that was committed, when it is killed under load', async () => {
    await log.ensureTopic('in', { partitions: 2 });
    await log.ensureTopic('out', { partitions: 1 });
    const places = new Map<number, Set<string>>();
    const auditor: Consumer = kafka.consumer({ groupId: 'auditor', ...BRISK });
    await auditor.connect();
    await auditor.subscribe({ topic: 'out', fromBeginning: true });
    await auditor.run({
      autoCommit: false,
      eachMessage: async ({ message }) => {
        const n = numberIn(message.value!.toString());
        places.set(n, (places.get(n) ?? new Set()).add(message.offset));
      },
    });
    const load = new Load(log, 'in', 2);
    const loading = load.run();
    const { job } = await copyingJob(log, 'in', 'out', directory, 1);
    const running = job.run();
    for (let kill = 0; kill < KILLS; kill++) {
      const before = load.acknowledged;
      await until(() => load.acknowledged >= before + 100, 'there is load');
      await broker.kill();
      await broker.restart();
    }
    const last = load.acknowledged;
    await until(() => load.acknowledged >= last + 50, 'there is load again');
    load.stop();
    await loading;
    await until(() => job.state('copying').books.records >= load.acknowledged, 'the job is at the end');
    job.stop();
    await running;
    await until(() => places.size >= load.acknowledged, 'the auditor is at the end');
    await auditor.disconnect();
    const all = sequence(load.acknowledged);
    const sorted = (topic: readonly { readonly value: string | null }[]): readonly number[] => topic.map(({ value }) => numberIn(value)).sort((a, b) => a - b);
    expect(sorted(await committedByConsole(broker, 'in'))).toEqual(all);
    expect(sorted(await committedByConsole(broker, 'out'))).toEqual(all);
    expect([...places].filter(([, at]) => at.size !== 1)).toEqual([]);
  }, 120_000 + KILLS * 60_000);

  it('drops records: the live job reports a gap, ends with it or keeps it, as it is told', async () => {
    await log.ensureTopic('dropped', { partitions: 1 });
    await log.ensureTopic('kept', { partitions: 1 });
    const writer = await log.writer();
    await writer.append(sequence(6).map((i) => ({ topic: 'dropped', partition: 0, batch: itemBatch([2 * i, 2 * i + 1]) })));
    await deleteRecords(broker.bootstrap, 'dropped', 0, 5);
    const reader = await log.reader('dropped');
    await expect(reader.read(0, 3, 1)).rejects.toMatchObject({ code: 'LOG_OFFSET_OUT_OF_RANGE', message: expect.stringContaining('Offset 3 of dropped/0 is no longer in the log, which begins at 5') as string });
    const failing = await copyingJob(log, 'dropped', 'kept', join(directory, 'dropped'), 1);
    await expect(failing.job.run()).rejects.toMatchObject({ code: 'LOG_GAP' });
    const { job, warnings } = await copyingJob(log, 'dropped', 'kept', join(directory, 'dropped'), 2, { onGap: 'resume' });
    const running = job.run();
    await until(() => job.state('copying').books.records === 7, 'the rest is copied');
    job.stop();
    await running;
    expect(job.state('copying')).toMatchObject({ skipped: 5, gaps: [{ source: 'items', partition: 0, from: 0, to: 5 }] });
    expect(warnings.some((warning) => warning.startsWith('GAP copying'))).toBe(true);
    expect((await boundedRead(await log.reader('kept'), 0)).seen.map(({ value }) => numberIn(value))).toEqual([5, 6, 7, 8, 9, 10, 11]);
  }, 60_000);

  it('has a damaged segment: its partition is held where that is allowed, the others go on, and it does when the segment is mended', async () => {
    await log.ensureTopic('rotten', { partitions: 2 });
    await log.ensureTopic('mended', { partitions: 1 });
    const writer = await log.writer();
    const batches = [[0, 1], [2, 3], [4, 5]];
    for (const numbers of batches) await writer.append([0, 1].map((partition) => ({ topic: 'rotten', partition, batch: itemBatch(numbers.map((n) => 10 * partition + n)) })));
    const mend = damage(join(broker.data, 'rotten-1'), '"n":12');
    const strict = await copyingJob(log, 'rotten', 'mended', join(directory, 'strict'), 1);
    await expect(strict.job.run()).rejects.toMatchObject({ code: 'RECORD_BATCH_CORRUPT', message: expect.stringContaining('The batch of rotten/1 at offset') as string });

    const { job, warnings } = await copyingJob(log, 'rotten', 'mended', join(directory, 'rotten'), 2, { onDamage: 'hold', retryDamageEveryMilliseconds: 50 });
    const running = job.run();
    const state = () => job.state('copying');
    // All of one partition, and what lies in front of the damage in the other.
    await until(() => state().books.records === 8 && state().partitions[1]!.damage !== undefined, 'the others are copied');
    mend();
    await until(() => state().books.records === 12, 'the rest is copied');
    job.stop();
    await running;
    expect(state()).toMatchObject({ skipped: 0, gaps: [] });
    expect(warnings.filter((warning) => warning.startsWith('HELD rotten/1'))).toHaveLength(1);
    const copied = (await boundedRead(await log.reader('mended'), 0)).seen.map(({ value }) => numberIn(value));
    expect([...new Set(copied)].sort((a, b) => a - b)).toEqual([0, 1, 2, 3, 4, 5, 10, 11, 12, 13, 14, 15]);
  }, 60_000);

  it('drops records ahead of a replay and under it: LOG_RANGE_MISSING, and behind it: nothing', async () => {
    await log.ensureTopic('replayed', { partitions: 1 });
    const writer = await log.writer();
    // Larger than what is fetched at once, so that the replay cannot have it all before they are dropped.
    await writer.append(sequence(8).map((i) => ({ topic: 'replayed', partition: 0, batch: itemBatch(sequence(8_000).map((n) => 8_000 * i + n)) })));
    const small = await openKafkaLog({ brokers: [broker.bootstrap], fetchBytes: 1 });
    const topologies = [copying];
    const bindings = async () => ({ items: { reader: await small.reader('replayed'), codec: itemCodec } });
    const range = { items: [{ from: 0, to: 64_000 }] };
    const sink = { pending: 0, open: async () => {}, write: () => {}, flush: async () => {}, close: async () => {} };
    const dropTo = (offset: number): Promise<void> => deleteRecords(broker.bootstrap, 'replayed', 0, offset);

    const segments = await scan({ topologies, sources: await bindings(), range });
    let steps = 0;
    const behind = await bindings();
    const slow = { items: { ...behind.items, reader: droppingAt(behind.items.reader, () => (++steps === 4 ? dropTo(8_000) : undefined)) } };
    expect((await replay({ topology: copying, sinks: { copies: sink }, sources: slow, range, segments })).books.records).toBe(64_000);
    await expect(scan({ topologies, sources: await bindings(), range })).rejects.toMatchObject({ code: 'LOG_RANGE_MISSING', message: expect.stringContaining('Offsets 0 to 8000 ') as string });

    steps = 0;
    const ahead = await bindings();
    const late = { items: { ...ahead.items, reader: droppingAt(ahead.items.reader, () => (++steps === 2 ? dropTo(60_000) : undefined)) } };
    const rest = { items: [{ from: 8_000, to: 64_000 }] };
    await expect(replay({ topology: copying, sinks: { copies: sink }, sources: late, range: rest })).rejects.toMatchObject({ code: 'LOG_RANGE_MISSING' });
    await small.close();
  }, 60_000);

  it('is not taken for the one before when the topic was made anew', async () => {
    await log.ensureTopic('renewed', { partitions: 1 });
    const writer = await log.writer();
    await writer.append([{ topic: 'renewed', partition: 0, batch: batchOf([1, 2, 3]) }]);
    const reader = await log.reader('renewed');
    await boundedRead(reader, 0);
    await admin.deleteTopics({ topics: ['renewed'] });
    await until(async () => (await log.topics()).every(({ topic }) => topic !== 'renewed'), 'it is gone');
    await expect(reader.read(0, 4, 1)).rejects.toMatchObject({ code: 'LOG_TOPIC_MISSING' });
    await log.ensureTopic('renewed', { partitions: 1 });
    await expect(reader.read(0, 4, 1)).rejects.toMatchObject({ code: 'LOG_TOPIC_REPLACED' });
  }, 60_000);

  it('is given more partitions: LOG_PARTITION_MISMATCH, as their records would be missed', async () => {
    await log.ensureTopic('grown', { partitions: 1 });
    const attentive = await openKafkaLog({ brokers: [broker.bootstrap], metadataMilliseconds: 0 });
    const reader = await attentive.reader('grown');
    expect((await reader.read(0, 0, 1)).highWatermark).toBe(0);
    await admin.createPartitions({ topicPartitions: [{ topic: 'grown', count: 2 }] });
    await until(async () => (await log.topics()).some(({ topic, partitions }) => topic === 'grown' && partitions === 2), 'it has grown');
    await expect(reader.read(0, 0, 1)).rejects.toMatchObject({ code: 'LOG_PARTITION_MISMATCH', message: expect.stringContaining('grown has 2 partitions now, and had 1') as string });
    await attentive.close();
  });

  it('has lost records that were read: LOG_TRUNCATED for a reader that goes on and for one that begins at a checkpoint', async () => {
    await log.ensureTopic('lost', { partitions: 1 });
    const producer = kafka.producer();
    await producer.connect();
    const produce = (from: number, to: number): Promise<unknown> => producer.send({ topic: 'lost', messages: sequence(to - from).map((n) => ({ value: String(from + n) })) });
    const copy = mkdtempSync(join(tmpdir(), 'weir-kafka-copy-'));
    const reader = await log.reader('lost');
    await log.ensureTopic('far', { partitions: 1 });
    await producer.send({ topic: 'far', messages: [{ value: 'a' }, { value: 'b' }, { value: 'c' }] });
    try {
      await produce(0, 10);
      cpSync(join(broker.data, 'lost-0'), copy, { recursive: true });
      await produce(10, 20);
      expect((await boundedRead(reader, 0)).position).toBe(20);
      const { leaderEpoch } = readHeader(viewOf((await reader.read(0, 19, 1)).bytes), 0);
      await reader.verify!(0, 20, leaderEpoch);
      // As of brokers that are older than what was read.
      await expect(reader.verify!(0, 20, leaderEpoch + 7)).rejects.toMatchObject({ code: 'LOG_TRUNCATED' });
      await broker.kill();
      moveTo(join(broker.data, 'far-0'), FAR);
      rmSync(join(broker.data, 'lost-0'), { recursive: true });
      cpSync(copy, join(broker.data, 'lost-0'), { recursive: true });
      await broker.restart();
      await until(() => produce(20, 45).then(() => true, () => false), 'it is written over');
      await expect(reader.read(0, 20, 1)).rejects.toMatchObject({ code: 'LOG_TRUNCATED', message: expect.stringContaining('lost offsets 10 to 20 of lost/0') as string });
      await expect(reader.verify!(0, 20, leaderEpoch)).rejects.toMatchObject({ code: 'LOG_TRUNCATED' });
      await (await log.reader('lost')).verify!(0, 10, 0);
      await readsAndWritesFar();
    } finally {
      await producer.disconnect();
      rmSync(copy, { recursive: true });
    }
  }, 120_000);
});

/** Beyond what fits in 32 bits, and in 31 twice over. */
const FAR = 5_000_000_000;

/** Moves the only batch of a partition, whose broker does not run, to another offset. */
function moveTo(partition: string, offset: number): void {
  const segment = readFileSync(join(partition, '00000000000000000000.log'));
  segment.writeBigInt64BE(BigInt(offset));
  for (const name of readdirSync(partition)) if (name !== 'partition.metadata') rmSync(join(partition, name));
  writeFileSync(join(partition, `${String(offset).padStart(20, '0')}.log`), segment);
}

async function readsAndWritesFar(): Promise<void> {
  const [reader, writer] = [await log.reader('far'), await log.writer()];
  expect(await reader.offsets(0)).toEqual({ logStart: FAR, highWatermark: FAR + 3 });
  const commit = { group: 'far', offsets: [{ topic: 'far', partition: 0, offset: FAR + 3 }], metadata: 'm' };
  expect(await writer.append([{ topic: 'far', partition: 0, batch: itemBatch([4]) }], commit)).toEqual([FAR + 3]);
  expect(await writer.committed('far', 'far', 0)).toEqual({ offset: FAR + 3, metadata: 'm' });
  expect((await boundedRead(reader, 0, { from: FAR + 1 })).seen.map(({ offset }) => offset)).toEqual([FAR + 1, FAR + 2, FAR + 3]);
  expect(await reader.offsetFor(0, 0)).toBe(FAR);
  await expect(reader.read(0, 3, 1)).rejects.toMatchObject({ code: 'LOG_OFFSET_OUT_OF_RANGE', message: expect.stringContaining(`begins at ${FAR}`) as string });
}

/** A reader in front of whose reads something happens. */
function droppingAt(reader: Awaited<ReturnType<Log['reader']>>, before: () => Promise<void> | undefined): typeof reader {
  return {
    topic: reader.topic,
    partitions: reader.partitions,
    read: async (...place) => {
      await before();
      return reader.read(...place);
    },
    offsets: (partition) => reader.offsets(partition),
    offsetFor: (...place) => reader.offsetFor(...place),
    close: () => reader.close(),
  };
}
