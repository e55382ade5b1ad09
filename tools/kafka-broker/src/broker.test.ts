import { once } from 'node:events';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
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

  it('answers nothing while it stands still, and then what it was asked', async () => {
    const { hostname, port } = new URL(`kafka://${broker.bootstrap}`);
    const socket = connect({ host: hostname, port: Number(port) });
    await once(socket, 'connect');
    await broker.pause();
    const answer = once(socket, 'data') as Promise<[Buffer]>;
    // ApiVersions 0 with correlation id 7, of a client without a name.
    socket.write(Buffer.from([0, 0, 0, 10, 0, 18, 0, 0, 0, 0, 0, 7, 255, 255]));
    expect(await Promise.race([answer, sleep(300, 'nothing')])).toBe('nothing');
    await broker.resume();
    expect((await answer)[0].readInt32BE(4)).toBe(7);
    socket.destroy();
  }, 60_000);
});
