import { startBroker, whyNoBroker } from '@weir/kafka-broker';
import type { Broker } from '@weir/kafka-broker';
import { RecordBatchBuilder } from '@weir/record-batch';
import { logContract } from '@weir/testkit';
import type { LogUnderTest } from '@weir/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Ledger, dense } from './fixtures/dense-log.ts';
import { namespaced } from './fixtures/namespaced-log.ts';
import { openKafkaLog } from './index.ts';

const why = await whyNoBroker();
let broker: Broker;
let logs = 0;

async function open(): Promise<LogUnderTest> {
  const prefix = `log-${logs++}`;
  const ledger = new Ledger();
  let log = await openKafkaLog({ brokers: [broker.bootstrap] });
  return {
    log: dense(namespaced(log, prefix), ledger),
    reopen: async () => {
      await log.close();
      log = await openKafkaLog({ brokers: [broker.bootstrap] });
      return dense(namespaced(log, prefix), ledger);
    },
    dispose: () => log.close(),
  };
}

describe.skipIf(why !== undefined)(`Kafka, as every log,${why === undefined ? '' : ` (skipped: ${why})`}`, () => {
  beforeAll(async () => {
    broker = await startBroker();
  }, 240_000);
  afterAll(() => broker?.stop());
  it.each(Object.entries(logContract(open, { ordersWriters: false, leastTime: 0 })))('%s', (_, check) => check());

  it('is waited for: with those partitions that got something, and with none when the time is over', async () => {
    const log = await openKafkaLog({ brokers: [broker.bootstrap] });
    try {
      await log.ensureTopic('waited-for', { partitions: 3 });
      const reader = await log.reader('waited-for');
      const writer = await log.writer();
      const builder = new RecordBatchBuilder(64);
      const append = (partition: number): Promise<unknown> => {
        builder.append(1, null, Buffer.from('x'));
        return writer.append([{ topic: 'waited-for', partition, batch: builder.build() }]);
      };
      // What was never read may hold something.
      expect(await reader.wait!([0, 1, 2], 10_000)).toEqual([0, 1, 2]);
      for (const partition of [0, 1, 2]) expect((await reader.read(partition, 0, 1_000)).bytes).toHaveLength(0);
      expect(await reader.wait!([0, 1, 2], 20)).toEqual([]);
      const waiting = reader.wait!([0, 1, 2], 5_000);
      await append(1);
      expect(await waiting).toEqual([1]);
      expect(await reader.wait!([0, 1, 2], 0)).toEqual([1]);
      const { bytes, highWatermark } = await reader.read(1, 0, 1_000);
      expect(bytes.length).toBeGreaterThan(0);
      // Behind the record is the marker of its transaction.
      expect(highWatermark).toBe(2);
    } finally {
      await log.close();
    }
  });
});
