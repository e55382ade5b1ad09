import { startBroker, whyNoBroker } from '@weir/kafka-broker';
import type { Broker } from '@weir/kafka-broker';
import type { Log } from '@weir/connector-api';
import { batchOf } from '@weir/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Cluster } from './cluster.ts';
import { Coordinators } from './coordinators.ts';
import { addOffsets } from './group-offsets.ts';
import { openKafkaLog } from './index.ts';
import { KnownTopics } from './known-topics.ts';
import { TransactionalProducer } from './transactional-producer.ts';

const why = await whyNoBroker();
const TOPIC = 'held';
let broker: Broker;
let cluster: Cluster;
let log: Log;

describe.skipIf(why !== undefined)(`offsets that a transaction holds${why === undefined ? '' : ` (skipped: ${why})`}`, () => {
  beforeAll(async () => {
    broker = await startBroker();
    cluster = new Cluster({ brokers: [broker.bootstrap] });
    log = await openKafkaLog({ brokers: [broker.bootstrap], retryMilliseconds: 1_500 });
    await log.ensureTopic(TOPIC, { partitions: 1 });
  }, 240_000);
  afterAll(async () => {
    await log?.close();
    await cluster?.close();
    await broker?.stop();
  });

  const stranger = (coordinators: Coordinators): Promise<TransactionalProducer> =>
    TransactionalProducer.open(cluster, coordinators, new KnownTopics(cluster), { id: 'stranger', transactionMilliseconds: 60_000 });

  it('are waited for; then the error names them and what shows and ends the transaction, and what was asked goes on when it has ended', async () => {
    const coordinators = new Coordinators(cluster);
    const open = await stranger(coordinators);
    const offsets = ['task', 'weir.producer'].map((group) => ({ group, topic: TOPIC, partition: 0, offset: 7, metadata: 'm' }));
    await addOffsets(cluster, coordinators, 'stranger', open.identity, offsets);
    const writer = await log.writer();
    const append = { topic: TOPIC, partition: 0, batch: batchOf([1], ['x']), idempotence: { producer: 'producer', sequence: 0 } };
    const remedy = expect.stringMatching(/KAFKA-20734.*find-hanging.*abort --topic.*__consumer_offsets last/s) as string;
    const message = (group: string): string => expect.stringMatching(new RegExp(`The offset of ${group} for ${TOPIC}/0 is held by an open transaction, for \\d+\\.\\d s now\\.`)) as string;
    await expect(writer.committed('task', TOPIC, 0)).rejects.toMatchObject({ code: 'LOG_OFFSETS_UNSTABLE', message: message('task'), remedy, retryable: true });
    await expect(writer.append([append])).rejects.toMatchObject({ code: 'LOG_OFFSETS_UNSTABLE', message: message('weir.producer'), remedy });
    // The successor of that id aborts what it left open.
    (await stranger(coordinators)).close();
    expect(await writer.committed('task', TOPIC, 0)).toBeUndefined();
    expect(await writer.append([append])).toHaveLength(1);
    await writer.close();
  }, 60_000);
});
