import { startBroker, whyNoBroker } from '@weir/kafka-broker';
import type { Broker } from '@weir/kafka-broker';
import { logContract } from '@weir/testkit';
import type { LogUnderTest } from '@weir/testkit';
import { afterAll, beforeAll, describe, it } from 'vitest';
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
});
