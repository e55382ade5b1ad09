import { startJvmBroker, whyNoJvmBroker } from '@weir/kafka-broker';
import type { JvmBroker } from '@weir/kafka-broker';
import type { Log } from '@weir/connector-api';
import { batchOf } from '@weir/testkit';
import type { Admin } from 'kafkajs';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { boundedRead } from './fixtures/bounded-read.ts';
import { copyingJob, itemBatch, numberIn } from './fixtures/copying-job.ts';
import { Load, sequence, until } from './fixtures/load.ts';
import { committedByConsole, ordinaryClient } from './fixtures/witness.ts';
import { openKafkaLog } from './index.ts';

const why = await whyNoJvmBroker();

/** Two replicas of everything, and a broker that is gone is noticed soon. */
const PROPERTIES = {
  'default.replication.factor': '2',
  'min.insync.replicas': '1',
  'offsets.topic.replication.factor': '2',
  'transaction.state.log.replication.factor': '2',
  'broker.session.timeout.ms': '3000',
  'broker.heartbeat.interval.ms': '500',
  'auto.leader.rebalance.enable': 'false',
};

let first: JvmBroker;
let second: JvmBroker;
let admin: Admin;
let log: Log;
let directory: string;

interface Partition {
  readonly leader: number;
  readonly isr: readonly number[];
}

/** The partitions of a topic in order, as the ordinary client is told. */
async function partitionsOf(topic: string): Promise<readonly Partition[]> {
  const { topics } = await admin.fetchTopicMetadata({ topics: [topic] });
  return [...topics[0]!.partitions].sort((a, b) => a.partitionId - b.partitionId);
}

describe.skipIf(why !== undefined)(`a cluster of two brokers${why === undefined ? '' : ` (skipped: ${why})`}`, () => {
  beforeAll(async () => {
    first = await startJvmBroker({ properties: PROPERTIES });
    second = await startJvmBroker({ properties: PROPERTIES, joins: first });
    admin = ordinaryClient(first.bootstrap).admin();
    await admin.connect();
    await until(async () => (await admin.describeCluster()).brokers.length === 2, 'both brokers are there');
    // Of the two, the log is told of one: the other it has to find.
    log = await openKafkaLog({ brokers: [first.bootstrap] });
    directory = mkdtempSync(join(tmpdir(), 'weir-kafka-cluster-'));
  }, 240_000);
  afterAll(async () => {
    await admin?.disconnect();
    await log?.close();
    await second?.stop();
    await first?.stop();
    if (directory !== undefined) rmSync(directory, { recursive: true });
  });

  it('takes a topic that was just made, though not each of them knows it yet', async () => {
    const partitions = 4;
    for (let round = 0; round < 3; round++) {
      const topic = `new-${round}`;
      await log.ensureTopic(topic, { partitions });
      const [writer, reader] = [await log.writer(), await log.reader(topic)];
      await writer.append(sequence(partitions).map((partition) => ({ topic, partition, batch: batchOf([partition]) })));
      for (let partition = 0; partition < partitions; partition++) expect((await boundedRead(reader, partition)).seen).toHaveLength(1);
      await Promise.all([writer.close(), reader.close()]);
    }
    expect(new Set((await partitionsOf('new-0')).map(({ leader }) => leader))).toEqual(new Set([1, 2]));
  }, 60_000);

  it('loses and doubles nothing when leaders change under load: by the end of one, and by election', async () => {
    const partitions = 4;
    await log.ensureTopic('in', { partitions });
    await log.ensureTopic('out', { partitions: 2 });
    // Each of its two partitions is on one broker only.
    await admin.createTopics({ topics: [{ topic: 'half', numPartitions: -1, replicationFactor: -1, replicaAssignment: [{ partition: 0, replicas: [2] }, { partition: 1, replicas: [1] }] }] });
    const half = await log.reader('half');
    const writer = await log.writer();
    await writer.append([0, 1].map((partition) => ({ topic: 'half', partition, batch: batchOf([partition]) })));
    for (const partition of [0, 1]) expect((await boundedRead(half, partition)).position).toBe(2);

    const load = new Load(log, 'in', partitions);
    const loading = load.run();
    const { job } = await copyingJob(log, 'in', 'out', directory, 1);
    const running = job.run();
    await load.more(100);
    const before = await partitionsOf('in');
    expect(new Set(before.map(({ leader }) => leader))).toEqual(new Set([1, 2]));

    await second.kill();
    await until(async () => (await partitionsOf('in')).every(({ leader }) => leader === 1), 'the other broker leads all');
    await load.more(100);
    // A partition that nobody leads keeps nobody from the others of its topic, nor from other topics.
    const waiting = half.offsets(0);
    await expect(half.read(0, 2, 1, 0)).rejects.toMatchObject({ retryable: true });
    expect((await boundedRead(half, 1)).seen).toHaveLength(1);
    expect((await log.topics()).map(({ topic }) => topic)).toContain('half');
    await writer.append([{ topic: 'half', partition: 1, batch: batchOf([1]) }]);
    expect((await boundedRead(half, 1)).seen).toHaveLength(2);
    const impatient = await openKafkaLog({ brokers: [first.bootstrap], retryMilliseconds: 300 });
    await expect(impatient.reader('half')).rejects.toMatchObject({ code: 'KAFKA_UNAVAILABLE', message: expect.stringContaining('half') as string });
    await impatient.close();

    await second.restart();
    await until(async () => (await partitionsOf('in')).every(({ isr }) => isr.length === 2), 'the replicas are in sync');
    expect(await waiting).toEqual({ logStart: 0, highWatermark: 2 });
    expect((await boundedRead(half, 0)).seen).toHaveLength(1);
    await first.tool('org.apache.kafka.tools.LeaderElectionCommand', ['--bootstrap-server', first.bootstrap, '--election-type', 'preferred', '--all-topic-partitions']);
    await until(async () => (await partitionsOf('in')).every(({ leader }, partition) => leader === before[partition]!.leader), 'leaders are where they were');
    await load.more(100);
    load.stop();
    await loading;
    await until(() => job.state('copying').books.records >= load.acknowledged, 'the job is at the end');
    job.stop();
    await running;
    const all = sequence(load.acknowledged);
    for (const topic of ['in', 'out']) expect((await committedByConsole(first, topic)).map(({ value }) => numberIn(value)).sort((a, b) => a - b)).toEqual(all);
  }, 180_000);

  it('goes on with the partitions that have a leader while others have none, and copies those when they have one again', async () => {
    // Each partition is on one broker only.
    const replicaAssignment = [1, 2, 1, 2].map((broker, partition) => ({ partition, replicas: [broker] }));
    // The items are older than what a broker keeps by itself.
    await admin.createTopics({ waitForLeaders: false, topics: [{ topic: 'apart', numPartitions: -1, replicationFactor: -1, replicaAssignment, configEntries: [{ name: 'retention.ms', value: '-1' }] }] });
    await log.ensureTopic('apart', { partitions: 4 });
    await log.ensureTopic('together', { partitions: 1 });
    const writer = await log.writer();
    let numbers = 0;
    const append = (partitions: readonly number[]): Promise<unknown> => writer.append(partitions.map((partition) => ({ topic: 'apart', partition, batch: itemBatch([numbers++, numbers++]) })));
    const { job, warnings } = await copyingJob(log, 'apart', 'together', join(directory, 'apart'), 1);
    const running = job.run();
    const state = () => job.state('copying');
    await append([0, 1, 2, 3]);
    await until(() => state().books.records === numbers, 'all partitions are copied');

    await second.kill();
    await until(async () => (await partitionsOf('together'))[0]!.leader === 1, 'the other broker leads the output');
    for (let round = 0; round < 3; round++) {
      await append([0, 2]);
      const { epoch } = state();
      await until(() => state().books.records === numbers && state().epoch > epoch, 'the others are copied, and checkpointed');
    }
    await until(() => state().partitions.every(({ damage }, partition) => (damage !== undefined) === (partition % 2 === 1)), 'it says which are not read');
    expect(state().partitions[1]!.damage).toMatch(/^KAFKA_(UNAVAILABLE|CONNECTION): /);

    await second.restart();
    await until(() => state().partitions.every(({ damage }) => damage === undefined), 'all are read again');
    await append([0, 1, 2, 3]);
    await until(() => state().books.records === numbers, 'all partitions are copied again');
    job.stop();
    await running;
    for (const partition of [1, 3]) for (const what of ['HELD', 'READ AGAIN']) expect(warnings.filter((warning) => warning.startsWith(`${what} apart/${partition}`))).toHaveLength(1);
    for (const topic of ['apart', 'together']) expect((await committedByConsole(first, topic)).map(({ value }) => numberIn(value)).sort((a, b) => a - b)).toEqual(sequence(numbers));
  }, 180_000);
});
