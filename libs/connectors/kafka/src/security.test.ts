import { startJvmBroker, whyNoJvmBroker } from '@weir/kafka-broker';
import type { JvmBroker } from '@weir/kafka-broker';
import { WeirError } from '@weir/model';
import { readHeader, viewOf } from '@weir/record-batch';
import { batchOf, recordsIn } from '@weir/testkit';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { AclOperationTypes, AclPermissionTypes, AclResourceTypes, ResourcePatternTypes } from 'kafkajs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Cluster } from './cluster.ts';
import { boundedRead } from './fixtures/bounded-read.ts';
import { damage } from './fixtures/damaged-segment.ts';
import { LostEndMaker } from './fixtures/lost-end.ts';
import { ordinaryClient } from './fixtures/witness.ts';
import { openKafkaLog } from './index.ts';
import type { KafkaLogOptions } from './index.ts';
import type { Sasl } from './wire/sasl.ts';

const why = await whyNoJvmBroker();
let broker: JvmBroker;
let directory: string;
let ca: string;

const PASSWORD = 'p@ss word!';
const weir = (mechanism: Sasl['mechanism'], password = mechanism === 'PLAIN' ? 'plain' : PASSWORD, username = 'weir'): Sasl => ({ mechanism, username, password });

/** `CODE: message` of what opening a log with these options fails with. */
async function failureOf(options: Partial<KafkaLogOptions>): Promise<string> {
  const opened = await openKafkaLog({ brokers: [broker?.bootstrap ?? ''], openMilliseconds: 300, ...options }).catch((error: unknown) => error);
  if (opened instanceof WeirError) return opened.message;
  if (opened instanceof Error) throw opened;
  await (opened as Awaited<ReturnType<typeof openKafkaLog>>).close();
  return 'nothing';
}

/** Writes and reads a record. */
async function roundTrip(options: Partial<KafkaLogOptions>, topic: string): Promise<void> {
  const log = await openKafkaLog({ brokers: [], ...options });
  try {
    await log.ensureTopic(topic, { partitions: 1 });
    await (await log.writer()).append([{ topic, partition: 0, batch: batchOf([1], ['x'.repeat(500_000)]) }]);
    expect((await boundedRead(await log.reader(topic), 0)).seen).toHaveLength(1);
  } finally {
    await log.close();
  }
}

async function listen(answer: (socket: Socket, request: Buffer) => void): Promise<{ readonly address: string; close(): void }> {
  const server = createServer((socket) => socket.on('error', () => undefined).on('data', (request: Buffer) => answer(socket, request)));
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
  return { address: `127.0.0.1:${(server.address() as AddressInfo).port}`, close: () => void server.close() };
}

describe('a Kafka cluster that cannot be used', () => {
  it.each([['kafka'], ['kafka:'], [':9092'], ['kafka:port'], ['kafka:99999'], ['']])("with the address '%s' is told as KAFKA_ADDRESS", async (address) => {
    expect(await failureOf({ brokers: [address] })).toMatch(/^KAFKA_ADDRESS: /);
  });

  it('without any address, too', async () => {
    expect(await failureOf({ brokers: [] })).toMatch(/^KAFKA_ADDRESS: /);
  });

  it('at a port where nobody listens is told as KAFKA_CONNECTION', async () => {
    expect(await failureOf({ brokers: ['127.0.0.1:1'] })).toMatch(/^KAFKA_CONNECTION: The connection to 127\.0\.0\.1:1 broke: connect ECONNREFUSED.* Check the address/);
  });

  it('that does not speak the protocol is told as KAFKA_CONNECTION', async () => {
    const other = await listen((socket) => socket.write('HTTP/1.1 400 Bad Request\r\n\r\n'));
    expect(await failureOf({ brokers: [other.address] })).toMatch(/^KAFKA_CONNECTION: .*does not speak the protocol of Kafka/);
    other.close();
  });

  it('that does not answer is told as KAFKA_CONNECTION', async () => {
    const mute = await listen(() => undefined);
    expect(await failureOf({ brokers: [mute.address], requestMilliseconds: 300 })).toMatch(/^KAFKA_CONNECTION: .*did not answer in time/);
    mute.close();
  });

  it.each([
    ['too old and says so', [0, 35, 0, 0, 0, 1, 0, 18, 0, 0, 0, 3], /^KAFKA_BROKER_TOO_OLD: .* Use Apache Kafka 3\.5 or later/],
    ['too old, as one request shows', versions({ 2: [0, 6] }), /^KAFKA_BROKER_TOO_OLD: .*speaks ListOffsets up to version 6; version 7 is needed.* Use Apache Kafka 3\.5 or later/],
    ['too old, as it does not know a request', versions({ 65: undefined }), /^KAFKA_BROKER_TOO_OLD: .*speaks no DescribeTransactions; version 0 is needed/],
    ['too new, as one request shows', versions({ 0: [10, 20] }), /^KAFKA_BROKER_TOO_NEW: .*speaks Produce from version 10 on; version 9 is needed.* Use a newer Weir/],
    ['of a kind that does not finish its sentences', [0, 0, 50, 0, 1], /^KAFKA_CONNECTION: A broker sent an answer that cannot be read/],
  ])('whose broker is %s is told with its code', async (_, body, told) => {
    let ends = 0;
    const other = await listen((socket, request) => {
      socket.once('close', () => ends++);
      const answer = Buffer.concat([Buffer.alloc(4), request.subarray(8, 12), Buffer.from(body)]);
      answer.writeInt32BE(answer.length - 4);
      socket.write(answer);
    });
    expect(await failureOf({ brokers: [other.address] })).toMatch(told);
    // Nothing is left open, which would keep the process from its end.
    await expect.poll(() => ends).toBeGreaterThan(0);
    other.close();
  });
});

/** What Kafka 3.5 answers about its versions, with changes: by the number of a request, its oldest and newest, or undefined when it is not known. */
function versions(changes: Readonly<Record<number, readonly [number, number] | undefined>>): readonly number[] {
  const known: Readonly<Record<number, readonly [number, number]>> = { 0: [0, 9], 1: [0, 15], 2: [0, 8], 3: [0, 12], 9: [0, 8], 10: [0, 4], 19: [0, 7], 22: [0, 4], 23: [0, 4], 24: [0, 4], 25: [0, 3], 26: [0, 3], 27: [0, 1], 28: [0, 3], 61: [0, 0], 65: [0, 0] };
  const all = Object.entries({ ...known, ...changes }).filter((each): each is [string, readonly [number, number]] => each[1] !== undefined);
  return [0, 0, all.length + 1, ...all.flatMap(([key, [oldest, newest]]) => [0, Number(key), 0, oldest, 0, newest, 0]), 0, 0, 0, 0, 0];
}

describe.skipIf(why !== undefined)(`a broker with TLS and users${why === undefined ? '' : ` (skipped: ${why})`}`, () => {
  beforeAll(async () => {
    directory = mkdtempSync(join(tmpdir(), 'weir-keys-'));
    const keystore = join(directory, 'broker.p12');
    const keytool = (...args: string[]): string => execFileSync('keytool', [...args, '-keystore', keystore, '-storepass', 'changeit'], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
    keytool('-genkeypair', '-alias', 'broker', '-keyalg', 'EC', '-dname', 'CN=localhost', '-ext', 'SAN=IP:127.0.0.1,DNS:localhost', '-storetype', 'PKCS12', '-validity', '2');
    ca = keytool('-exportcert', '-rfc', '-alias', 'broker');
    const scram = 'org.apache.kafka.common.security.scram.ScramLoginModule required;';
    const plain = 'org.apache.kafka.common.security.plain.PlainLoginModule required user_weir="plain" user_guest="guest";';
    broker = await startJvmBroker({
      listeners: ['TLS', 'USERS', 'BOTH'],
      scramUsers: ['SCRAM-SHA-256', 'SCRAM-SHA-512'].map((mechanism) => `${mechanism}=[name=weir,password=${PASSWORD}]`),
      properties: {
        'listener.security.protocol.map': 'CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT,TLS:SSL,USERS:SASL_PLAINTEXT,BOTH:SASL_SSL',
        'ssl.keystore.location': keystore,
        'ssl.keystore.password': 'changeit',
        'ssl.keystore.type': 'PKCS12',
        'authorizer.class.name': 'org.apache.kafka.metadata.authorizer.StandardAuthorizer',
        // So that ends of transactions can be lost on purpose.
        'transaction.partition.verification.enable': 'false',
        // Everybody but the guest.
        'super.users': 'User:ANONYMOUS;User:weir',
        'sasl.enabled.mechanisms': 'PLAIN,SCRAM-SHA-256,SCRAM-SHA-512',
        ...Object.fromEntries(['users', 'both'].flatMap((name) => [
          [`listener.name.${name}.plain.sasl.jaas.config`, plain],
          [`listener.name.${name}.scram-sha-256.sasl.jaas.config`, scram],
          [`listener.name.${name}.scram-sha-512.sasl.jaas.config`, scram],
        ])),
      },
    });
  }, 240_000);
  afterAll(async () => {
    await broker?.stop();
    rmSync(directory, { recursive: true, force: true });
  });

  it('is used over TLS', async () => {
    await roundTrip({ brokers: [broker.address('TLS')], tls: { ca } }, 'tls');
  });

  it.each(['PLAIN', 'SCRAM-SHA-256', 'SCRAM-SHA-512'] as const)('is used as a user, by %s', async (mechanism) => {
    await roundTrip({ brokers: [broker.address('USERS')], sasl: weir(mechanism) }, `user-${mechanism}`);
    await roundTrip({ brokers: [broker.address('BOTH')], tls: { ca }, sasl: weir(mechanism) }, `both-${mechanism}`);
  });

  it.each(['PLAIN', 'SCRAM-SHA-256', 'SCRAM-SHA-512'] as const)('refuses wrong users and passwords by %s, and the password is in no message', async (mechanism) => {
    for (const sasl of [weir(mechanism, 'not the password'), weir(mechanism, PASSWORD, 'nobody')]) {
      const failure = await failureOf({ brokers: [broker.address('USERS')], sasl });
      expect(failure).toMatch(/^KAFKA_CREDENTIALS: .*SASL_AUTHENTICATION_FAILED.* Check the user name and the password/);
      expect(failure).not.toContain(sasl.password);
    }
  });

  it('is told apart where the listener does not take the mechanism, or no user at all', async () => {
    expect(await failureOf({ brokers: [broker.address('USERS')], sasl: weir('SCRAM-SHA-1' as 'PLAIN') })).toMatch(/^KAFKA_CREDENTIALS: .*UNSUPPORTED_SASL_MECHANISM/);
    expect(await failureOf({ brokers: [broker.bootstrap], sasl: weir('PLAIN') })).toMatch(/^KAFKA_CREDENTIALS: /);
    expect(await failureOf({ brokers: [broker.address('USERS')] })).toMatch(/^KAFKA_CONNECTION: .*whether the listener wants TLS or a user/);
  });

  it('is told which right is missing', async () => {
    const owners = await openKafkaLog({ brokers: [broker.bootstrap] });
    await owners.ensureTopic('private', { partitions: 1 });
    await owners.close();
    const guests = await openKafkaLog({ brokers: [broker.address('USERS')], sasl: weir('PLAIN', 'guest', 'guest') });
    await expect(guests.reader('private')).rejects.toMatchObject({ code: 'KAFKA_NOT_AUTHORIZED', message: expect.stringMatching(/TOPIC_AUTHORIZATION_FAILED.*private.*Give the user the rights to the topic/) as string });
    await expect(guests.ensureTopic('own', { partitions: 1 })).rejects.toMatchObject({ code: 'KAFKA_NOT_AUTHORIZED' });
    const writer = await guests.writer();
    await expect(writer.append([{ topic: 'private', partition: 0, batch: batchOf([1]) }])).rejects.toMatchObject({ code: 'KAFKA_NOT_AUTHORIZED' });
    await guests.close();
  });

  it('lets a writer end what the broker has lost the end of with ALTER on the cluster, says so where it may not, and leaves what it may not see', async () => {
    const cluster = new Cluster({ brokers: [broker.bootstrap] });
    const admin = ordinaryClient(broker.bootstrap).admin();
    const guests = await openKafkaLog({ brokers: [broker.address('USERS')], sasl: weir('PLAIN', 'guest', 'guest'), retryMilliseconds: 1_000 });
    try {
      await admin.connect();
      const allow = { principal: 'User:guest', host: '*', operation: AclOperationTypes.ALL, permissionType: AclPermissionTypes.ALLOW, resourcePatternType: ResourcePatternTypes.PREFIXED };
      await admin.createAcls({ acl: [AclResourceTypes.TOPIC, AclResourceTypes.GROUP, AclResourceTypes.TRANSACTIONAL_ID].map((resourceType) => ({ ...allow, resourceType, resourceName: resourceType === AclResourceTypes.TOPIC ? 'guarded' : 'weir.' })) });
      const writer = await guests.writer();
      await guests.ensureTopic('guarded', { partitions: 3 });
      const maker = new LostEndMaker(cluster, 'guarded', 2);
      const lose = (producer: string, partition: number, isOffset: boolean): Promise<void> =>
        maker.make(`weir.${producer}`, [{ topic: 'guarded', partition, value: 'kept', isLost: !isOffset }], isOffset ? [{ group: `weir.${producer}`, topic: 'guarded', partition, offset: 1, metadata: '', isLost: true }] : [], 'commit');
      await lose('refused', 0, false);
      await expect(writer.lastSequence('refused', 'guarded', 0)).rejects.toMatchObject({
        code: 'KAFKA_NOT_AUTHORIZED',
        message: expect.stringMatching(/weir\.refused has no end in guarded\/0 \(from offset 0 on\); it was committed, and the user may not end it.*ALTER on the cluster.*abort --topic guarded --partition 0/) as string,
      });
      await lose('blind', 2, true);
      await expect(writer.lastSequence('blind', 'guarded', 2)).rejects.toMatchObject({ code: 'LOG_OFFSETS_UNSTABLE' });
      await admin.createAcls({ acl: [{ ...allow, resourceType: AclResourceTypes.CLUSTER, resourceName: 'kafka-cluster', resourcePatternType: ResourcePatternTypes.LITERAL, operation: AclOperationTypes.ALTER }] });
      await lose('allowed', 1, false);
      expect(await writer.append([{ topic: 'guarded', partition: 1, batch: batchOf([1], ['next']), idempotence: { producer: 'allowed', sequence: 0 } }])).toHaveLength(1);
      const owners = await openKafkaLog({ brokers: [broker.bootstrap] });
      expect((await boundedRead(await owners.reader('guarded'), 1)).seen.map(({ value }) => value)).toEqual(['kept', 'next']);
      await owners.close();
    } finally {
      await admin.disconnect();
      await guests.close();
      await cluster.close();
    }
  }, 60_000);

  it('refuses TLS that nobody can agree on: KAFKA_TLS', async () => {
    expect(await failureOf({ brokers: [broker.address('TLS')] })).toMatch(/^KAFKA_TLS: .*answered in TLS.* Turn TLS on/);
    expect(await failureOf({ brokers: [broker.bootstrap], tls: { ca } })).toMatch(/^KAFKA_TLS: .*closed by the broker instead of agreeing on TLS/);
    expect(await failureOf({ brokers: [broker.address('TLS')], tls: {} })).toMatch(/^KAFKA_TLS: .*certificate is not trusted \(self-signed certificate/);
    expect(await failureOf({ brokers: [broker.address('TLS')], tls: { ca, servername: 'elsewhere.example' } })).toMatch(/^KAFKA_TLS: .*certificate is not trusted .*elsewhere\.example/);
    expect(await failureOf({ brokers: [broker.address('TLS')], tls: { ca, maxVersion: 'TLSv1.1', minVersion: 'TLSv1' } })).toMatch(/^KAFKA_TLS: .*do not agree on TLS/);
  });

  it('refuses what it cannot keep, each with a code: times and timeouts', async () => {
    const log = await openKafkaLog({ brokers: [broker.bootstrap] });
    await log.ensureTopic('limits', { partitions: 1 });
    const writer = await log.writer();
    const to = (timestamp: number) => ({ topic: 'limits', partition: 0, batch: batchOf([timestamp]) });
    await expect(writer.append([to(Date.now() + 1_000 * 86_400_000)])).rejects.toMatchObject({ code: 'KAFKA_TIMESTAMP', message: expect.stringContaining('writing to limits/0') as string });
    // It has left nothing, and does not stand in the way.
    expect(await writer.append([to(2)])).toHaveLength(1);
    expect((await boundedRead(await log.reader('limits'), 0)).seen).toHaveLength(1);
    await log.close();
    const impatient = await openKafkaLog({ brokers: [broker.bootstrap], transactionMilliseconds: 24 * 3_600_000 });
    await expect((await impatient.writer()).append([to(1)])).rejects.toMatchObject({ code: 'KAFKA_TRANSACTION_TIMEOUT' });
    await impatient.close();
  });

  it('whose disk has damaged a batch: its place is told, and other partitions are read', async () => {
    const log = await openKafkaLog({ brokers: [broker.bootstrap] });
    await log.ensureTopic('damaged', { partitions: 2 });
    const writer = await log.writer();
    for (const value of ['plain', 'precious']) await writer.append([0, 1].map((partition) => ({ topic: 'damaged', partition, batch: batchOf([1, 2], [value, 'value']) })));
    damage(join(broker.data, 'damaged-1'), 'precious');
    const reader = await log.reader('damaged');
    // What lies in front of it is read first.
    const seen: (string | null)[] = [];
    let next = 0;
    const readOn = async (): Promise<never> => {
      for (;;) {
        const { bytes } = await reader.read(1, next, 1);
        next = readHeader(viewOf(bytes), 0).lastOffset + 1;
        seen.push(...recordsIn(bytes).map(({ value }) => value));
      }
    };
    for (let attempt = 0; attempt < 2; attempt++) await expect(readOn()).rejects.toMatchObject({ code: 'RECORD_BATCH_CORRUPT', message: expect.stringMatching(/The batch of damaged\/1 at offset \d+ is damaged: its checksum does not fit/) as string });
    expect(seen).toEqual(['plain', 'value']);
    expect((await boundedRead(reader, 0)).seen).toHaveLength(4);
    await log.close();
  });
});
