import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Append } from '@weir/connector-api';
import { openKafkaLog } from '@weir/connector-kafka';
import { startBroker, whyNoBroker } from '@weir/kafka-broker';
import type { Broker } from '@weir/kafka-broker';
import { RecordBatchBuilder, RecordWalker } from '@weir/record-batch';
import { KafkajsWriter } from './kafkajs-writer.ts';

const reason = await whyNoBroker();
const PARTITIONS = 2;

/** One append for each partition, with numbered values, as of one producer. */
function round(topic: string, producer: string, sequence: number, records = 3): readonly Append[] {
  return Array.from({ length: PARTITIONS }, (_, partition) => {
    const builder = new RecordBatchBuilder(1 << 16);
    for (let i = 0; i < records; i++) builder.append(1_000 * sequence + i, i === 0 ? null : Buffer.from(`k${i}`), i === 1 ? null : Buffer.from(`${sequence}:${i}`));
    return { topic, partition, batch: builder.build(), idempotence: { producer, sequence } };
  });
}

describe.skipIf(reason !== undefined)('records written by the ordinary client', () => {
  let broker: Broker;
  beforeAll(async () => {
    broker = await startBroker();
  });
  afterAll(async () => {
    await broker.stop();
  });

  async function topic(): Promise<string> {
    const name = `orders-${randomUUID()}`;
    const log = await openKafkaLog({ brokers: [broker.bootstrap] });
    await log.ensureTopic(name, { partitions: PARTITIONS });
    await log.close();
    return name;
  }

  /** What Weir's own connector reads: `timestamp key=value` of each record, by partition. */
  async function read(name: string): Promise<readonly (readonly string[])[]> {
    const log = await openKafkaLog({ brokers: [broker.bootstrap] });
    const reader = await log.reader(name);
    const walker = new RecordWalker();
    const seen: string[][] = [];
    for (let partition = 0; partition < PARTITIONS; partition++) {
      const records: string[] = [];
      const { highWatermark } = await reader.offsets(partition);
      for (let at = 0; at < highWatermark; ) {
        const { bytes } = await reader.read(partition, at, 1 << 20);
        if (bytes.length === 0) break;
        walker.walk(bytes, at, Number.MAX_SAFE_INTEGER, { checksum: true });
        const text = (start: number, end: number): string => (start < 0 ? 'null' : Buffer.from(bytes.subarray(start, end)).toString());
        for (let i = 0; i < walker.count; i++) records.push(`${walker.timestamps[i]} ${text(walker.keyStarts[i]!, walker.keyEnds[i]!)}=${text(walker.valueStarts[i]!, walker.valueEnds[i]!)}`);
        if (walker.count === 0) break;
        at = walker.offsets[walker.count - 1]! + 1;
      }
      seen.push(records);
    }
    await log.close();
    return seen;
  }

  const written = (...sequences: readonly number[]): readonly string[] => sequences.flatMap((sequence) => [`${sequence * 1_000} null=${sequence}:0`, `${sequence * 1_000 + 1} k1=null`, `${sequence * 1_000 + 2} k2=${sequence}:2`]);

  it('are read as they were placed, several batches of a partition in one transaction', async () => {
    const name = await topic();
    const writer = new KafkajsWriter({ brokers: [broker.bootstrap] });
    expect(await writer.lastSequence('shop-a', name, 0)).toBe(-1);
    await writer.append([...round(name, 'shop-a', 5), ...round(name, 'shop-a', 9)]);
    await writer.append(round(name, 'shop-a', 12));
    await writer.close();
    expect(await read(name)).toEqual([written(5, 9, 12), written(5, 9, 12)]);
  });

  it('go on in the next producer where the last one has ended', async () => {
    const name = await topic();
    const first = new KafkajsWriter({ brokers: [broker.bootstrap] });
    await first.append(round(name, 'shop-b', 7));
    await first.close();
    const second = new KafkajsWriter({ brokers: [broker.bootstrap] });
    expect(await second.lastSequence('shop-b', name, 1)).toBe(7);
    await second.close();
  });

  it('stop in a producer whose place another one has taken', async () => {
    const name = await topic();
    const first = new KafkajsWriter({ brokers: [broker.bootstrap] });
    await first.append(round(name, 'shop-c', 0));
    const second = new KafkajsWriter({ brokers: [broker.bootstrap] });
    await second.append(round(name, 'shop-c', 1));
    await expect(first.append(round(name, 'shop-c', 2))).rejects.toMatchObject({ code: 'LOG_WRITER_FENCED' });
    await Promise.all([first.close(), second.close()]);
    expect(await read(name)).toEqual([written(0, 1), written(0, 1)]);
  });

  it('are refused at once when no attempt can succeed', async () => {
    const name = await topic();
    const writer = new KafkajsWriter({ brokers: [broker.bootstrap] });
    const builder = new RecordBatchBuilder(1 << 21);
    builder.append(1, null, Buffer.alloc(1_500_000, 7));
    await expect(writer.append([{ topic: name, partition: 0, batch: builder.build(), idempotence: { producer: 'shop-d', sequence: 0 } }])).rejects.toMatchObject({ code: 'GENERATOR_PRODUCER' });
    await writer.close();
  });

  it('are there once each when the broker is killed while they are written', { timeout: 60_000 }, async () => {
    const name = await topic();
    const writer = new KafkajsWriter({ brokers: [broker.bootstrap] });
    const ROUNDS = 60;
    let restarted: Promise<void> | undefined;
    for (let sequence = 0; sequence < ROUNDS; sequence++) {
      if (sequence === 20) restarted = broker.kill().then(() => broker.restart());
      await writer.append(round(name, 'shop-e', sequence));
    }
    await restarted;
    await writer.close();
    const all = written(...Array.from({ length: ROUNDS }, (_, sequence) => sequence));
    expect(await read(name)).toEqual([all, all]);
  });
});
