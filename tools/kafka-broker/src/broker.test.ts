import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startBroker, whyNoBroker } from '@weir/kafka-broker';
import type { Broker } from '@weir/kafka-broker';

const why = await whyNoBroker();

describe.skipIf(why !== undefined)(`a real broker${why === undefined ? '' : ` (skipped: ${why})`}`, () => {
  let broker: Broker;
  beforeAll(async () => {
    broker = await startBroker();
  }, 240_000);
  afterAll(() => broker?.stop());

  it('keeps what it was given over a kill', async () => {
    const server = ['--bootstrap-server', broker.bootstrap];
    await broker.tool('org.apache.kafka.tools.TopicCommand', [...server, '--create', '--topic', 'lines', '--partitions', '2']);
    await broker.tool('org.apache.kafka.tools.ConsoleProducer', [...server, '--topic', 'lines'], 'one\ntwo\n');
    await broker.kill();
    await broker.restart();
    const read = await broker.tool('org.apache.kafka.tools.consumer.ConsoleConsumer', [...server, '--topic', 'lines', '--from-beginning', '--max-messages', '2', '--timeout-ms', '20000']);
    expect(read.trim().split('\n').sort()).toEqual(['one', 'two']);
  }, 120_000);
});
