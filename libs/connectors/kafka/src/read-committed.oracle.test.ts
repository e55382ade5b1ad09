import { startBroker, whyNoBroker } from '@weir/kafka-broker';
import type { Broker } from '@weir/kafka-broker';
import type { Log } from '@weir/connector-api';
import { RecordWalker, readHeader, viewOf } from '@weir/record-batch';
import { batchOf, cases } from '@weir/testkit';
import fc from 'fast-check';
import type { Kafka } from 'kafkajs';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { boundedRead, settledRead } from './fixtures/bounded-read.ts';
import { compressedBatch } from './fixtures/wire-batch.ts';
import { Players, schedules } from './fixtures/transaction-schedule.ts';
import type { Move } from './fixtures/transaction-schedule.ts';
import { committedByConsole, committedByKafkajs, ordinaryClient } from './fixtures/witness.ts';
import { Cluster } from './cluster.ts';
import { openKafkaLog } from './index.ts';
import { visibleBatches } from './visible-batches.ts';
import { FETCH, readFetch, writeFetch } from './wire/fetch.ts';
import { RequestWriter } from './wire/request-writer.ts';
import { ResponsePool } from './wire/response-pool.ts';

const why = await whyNoBroker();
let broker: Broker;
let kafka: Kafka;
let log: Log;
let players: Players;

const send = (producer: number, records = 2, isLarge = false): Move => ({ kind: 'send', producer, records, isLarge, isCompressed: false });
const end = (producer: number, isCommit: boolean): Move => ({ kind: 'end', producer, isCommit });

/** Tails and tangles that have gone wrong in other clients. */
const KNOWN: Readonly<Record<string, readonly Move[]>> = {
  'a tail that is a commit': [send(0), end(0, true)],
  'a tail that is an abort': [send(0), end(0, true), send(0), end(0, false)],
  'nothing but an abort': [send(0), end(0, false)],
  'an open transaction at the tail': [send(0), end(0, true), send(1), send(2), end(2, true)],
  'nothing but an open transaction': [send(0)],
  'several aborted transactions of one producer': [send(0), end(0, false), send(0), end(0, true), send(0), end(0, false), send(0), end(0, false), send(0), end(0, true)],
  'an aborted transaction around a committed one': [send(0), send(1), send(0), end(1, true), send(0), end(0, false), send(2), end(2, true)],
  'an aborted transaction longer than a fetch': [send(1), ...Array.from({ length: 9 }, () => send(0, 4, true)), end(1, true), end(0, false), { kind: 'plain', records: 2 }],
};

const COMPRESSION = { gzip: 1, snappy: 2, lz4: 3, zstd: 4 };

/** One fetch of a partition: the compression of each batch on the wire, and what the reader makes of it. */
async function fetchedOnce(address: string, topic: string, partition = 0): Promise<{ readonly compressions: readonly number[]; readonly bytes: Uint8Array }> {
  const cluster = new Cluster({ brokers: [address] });
  const [metadata] = await cluster.metadata([topic]);
  const connection = await cluster.dedicated(metadata!.leaders[partition]!.node, new ResponsePool());
  const partitions = [{ partition, offset: 0, leaderEpoch: -1, lastEpoch: -1, maxBytes: 1 << 20 }];
  const { bytes } = await connection.request(FETCH, [writeFetch(new RequestWriter(), { topicId: metadata!.id, partitions, waitMilliseconds: 0, maxBytes: 1 << 20 })], 10_000);
  const { records, aborted } = readFetch(bytes).partitions[0]!;
  const compressions: number[] = [];
  for (let at = 0; at < records.length; at += readHeader(viewOf(records), at).bytes) compressions.push(readHeader(viewOf(records), at).compression);
  connection.close();
  await cluster.close();
  return { compressions, bytes: visibleBatches(records, aborted, { checksums: true, place: topic }).bytes };
}

describe.skipIf(why !== undefined)(`a reader of committed records${why === undefined ? '' : ` (skipped: ${why})`}`, () => {
  beforeAll(async () => {
    broker = await startBroker();
    kafka = ordinaryClient(broker.bootstrap);
    players = new Players(kafka, 'player');
    log = await openKafkaLog({ brokers: [broker.bootstrap] });
  }, 240_000);
  afterAll(async () => {
    await players?.close();
    await log?.close();
    await broker?.stop();
  });

  it('sees what was committed, in tails and tangles that are known to be hard', async () => {
    const topic = 'known';
    const all = Object.values(KNOWN);
    await log.ensureTopic(topic, { partitions: all.length });
    const expected = [];
    const plain = await log.reader(topic);
    for (const [partition, moves] of all.entries()) {
      const committed = await players.play(topic, partition, moves);
      await settledRead(plain, partition, committed.length);
      expected.push(...committed.map((each) => ({ partition, ...each })));
    }
    const ours = [];
    for (const fetchBytes of [1, 700, 1 << 20]) {
      const small = await openKafkaLog({ brokers: [broker.bootstrap], fetchBytes });
      const reader = await small.reader(topic);
      for (const partition of all.keys()) {
        const { seen, position, end: last } = await boundedRead(reader, partition);
        expect(position, Object.keys(KNOWN)[partition]).toBe(last);
        ours.push(...seen);
        // From anywhere within, too: a fetch may begin inside aborted transactions.
        for (let from = 1; from < last; from += 3) expect((await boundedRead(reader, partition, { from, maxBytes: 300 })).seen).toEqual(seen.filter(({ offset }) => offset >= from));
      }
      expect(ours.splice(0).map(({ partition, key, value }) => ({ partition, key, value }))).toEqual(expected);
      await small.close();
    }
    for (const partition of all.keys()) ours.push(...(await boundedRead(plain, partition)).seen);
    expect(await committedByConsole(broker, topic)).toEqual(ours);
    expect(await committedByKafkajs(kafka, topic, expected.length)).toEqual(ours);
  }, 120_000);

  it.each(['gzip', 'snappy', 'lz4', 'zstd'] as const)('reads what Java compressed with %s: headers, keys, tombstones', async (codec) => {
    const topic = `compressed-${codec}`;
    const messages = Array.from({ length: 50 }, (_, i) => ({
      key: i % 3 === 0 ? null : Buffer.from([i, 0, 255]),
      value: i % 5 === 0 ? null : Buffer.from(`value ${i} `.repeat(i * 20)),
      headers: i % 2 === 0 ? {} : { trace: Buffer.from([1, 2, i]), 'two of them': ['x', 'y'], empty: '' },
      timestamp: String(1_700_000_000_000 + i),
    }));
    const admin = kafka.admin();
    await admin.createTopics({ topics: [{ topic, numPartitions: 1, configEntries: [{ name: 'compression.type', value: codec }] }] });
    await admin.disconnect();
    const producer = kafka.producer();
    await producer.connect();
    await producer.send({ topic, messages });
    await producer.disconnect();
    const { compressions, bytes } = await fetchedOnce(broker.bootstrap, topic);
    expect(compressions).toEqual([COMPRESSION[codec]]);
    const walker = new RecordWalker();
    walker.walk(bytes, 0, Number.POSITIVE_INFINITY, { checksum: true });
    const part = (start: number, stop: number): Buffer | null => (start < 0 ? null : Buffer.from(bytes.subarray(start, stop)));
    const read = Array.from({ length: walker.count }, (_, i) => ({
      key: part(walker.keyStarts[i]!, walker.keyEnds[i]!),
      value: part(walker.valueStarts[i]!, walker.valueEnds[i]!),
      headers: walker.headers(i).map(({ key, value }) => [key, Buffer.from(value!).toString('hex')]),
      timestamp: String(walker.timestamps[i]!),
    }));
    const sent = messages.map(({ headers, ...rest }) => ({
      ...rest,
      headers: Object.entries(headers).flatMap(([key, values]) => [values].flat().map((value) => [key, Buffer.from(value as string).toString('hex')])),
    }));
    expect(read).toEqual(sent);
  });

  it('reads what is written with any compression, and so does Java', async () => {
    const codecs = Object.keys(COMPRESSION) as (keyof typeof COMPRESSION)[];
    const text = (partition: number): string => `${codecs[partition]} `.repeat(200);
    for (const [partition, compression] of codecs.entries()) {
      const topic = 'squeezed';
      const other = await openKafkaLog({ brokers: [broker.bootstrap], compression });
      await other.ensureTopic(topic, { partitions: codecs.length });
      const writer = await other.writer();
      // The second is too short to become shorter, and the third is compressed already.
      const batches = [batchOf([1, 2], [text(partition), null]), batchOf([3], ['x']), compressedBatch(batchOf([4], [text(partition)]), COMPRESSION.gzip, (records) => gzipSync(records))];
      await writer.append(batches.map((batch) => ({ topic, partition, batch })));
      await other.close();
      const { compressions, bytes } = await fetchedOnce(broker.bootstrap, topic, partition);
      expect(compressions.slice(0, 3)).toEqual([COMPRESSION[compression], 0, COMPRESSION.gzip]);
      expect(bytes.length).toBeGreaterThan(text(partition).length * 2);
    }
    const seen = await committedByConsole(broker, 'squeezed');
    expect(seen.map(({ partition, value }) => [partition, value])).toEqual(codecs.flatMap((_, partition) => [text(partition), null, 'x', text(partition)].map((value) => [partition, value])));
    const reader = await log.reader('squeezed');
    const ours = await Promise.all(codecs.map(async (_, partition) => (await boundedRead(reader, partition)).seen));
    expect(ours.flat()).toEqual(seen);
  });

  it('sees what Kafka\'s own consumer sees, whatever producers do', async () => {
    const runs = cases(16);
    const topic = 'any';
    await log.ensureTopic(topic, { partitions: runs });
    const reader = await log.reader(topic);
    const ours: unknown[] = [];
    let partition = 0;
    await fc.assert(
      fc.asyncProperty(schedules, fc.constantFrom(1, 400, 1 << 20), fc.constantFrom(1, 1_000, 1 << 20), async (moves, fetchBytes, maxBytes) => {
        const expected = await players.play(topic, partition, moves);
        const settled = await settledRead(reader, partition, expected.length);
        const other = await openKafkaLog({ brokers: [broker.bootstrap], fetchBytes });
        const { seen, position, end: last } = await boundedRead(await other.reader(topic), partition, { maxBytes });
        await other.close();
        expect(seen.map(({ key, value }) => ({ key, value }))).toEqual(expected);
        expect(position).toBe(last);
        expect(seen).toEqual(settled.seen);
        ours.push(...seen);
        partition++;
      }),
      // A partition that a failed run has written is not used again.
      { numRuns: runs, endOnFailure: true },
    );
    expect(await committedByConsole(broker, topic)).toEqual(ours);
  }, 120_000 + cases(16) * 2_000);
});
