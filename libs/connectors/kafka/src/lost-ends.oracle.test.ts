import { startJvmBroker, whyNoJvmBroker } from '@weir/kafka-broker';
import type { JvmBroker } from '@weir/kafka-broker';
import type { Append, Log, LogWriter, SourceCommit } from '@weir/connector-api';
import { batchOf, cases } from '@weir/testkit';
import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Cluster } from './cluster.ts';
import { API, FaultProxy } from './fixtures/fault-proxy.ts';
import type { Fate } from './fixtures/fault-proxy.ts';
import { until } from './fixtures/load.ts';
import { LostEndMaker } from './fixtures/lost-end.ts';
import { committedByConsole, committedByKafkajs, ordinaryClient } from './fixtures/witness.ts';
import { openKafkaLog } from './index.ts';

const why = await whyNoJvmBroker();
const TOPIC = 'ends';
const PAIRS = 60;
const TRANSACTIONS = 'org.apache.kafka.tools.TransactionsCommand';
let broker: JvmBroker;
let proxy: FaultProxy;
let cluster: Cluster;
let maker: LostEndMaker;
const opened: Log[] = [];
const warnings: string[] = [];
/** What is committed, by partition. */
const expected: string[][] = Array.from({ length: 2 * PAIRS }, () => []);
let pairs = 0;

/** A writer as a new process has it. */
async function newWriter(brokers = broker.bootstrap): Promise<LogWriter> {
  const log = await openKafkaLog({ brokers: [brokers], requestMilliseconds: 5_000, retryMilliseconds: 15_000, warn: (message) => warnings.push(message) });
  opened.push(log);
  return log.writer();
}

/** How a transaction ended, and where its end is lost. */
interface Loss {
  /** 'fence': it was left, and its successor aborts it. */
  readonly outcome: 'commit' | 'abort' | 'fence';
  readonly records: readonly [boolean, boolean];
  readonly offsets: boolean;
}

/** A writer, with two partitions of its own, whose processes are lost one after the other; the next one finds what was left. */
class Lineage {
  readonly name: string;
  readonly #first: number;
  #sequence = -1;

  constructor() {
    this.#first = 2 * pairs++;
    this.name = `lineage ${this.#first}`;
  }

  /** Writes a transaction whose end is lost. */
  async lose({ outcome, records, offsets }: Loss): Promise<void> {
    const sequence = this.#sequence + 1;
    const value = `${outcome} ${sequence}`;
    const parts = records.map((isLost, at) => ({ topic: TOPIC, partition: this.#first + at, value, isLost }));
    const offset = { topic: TOPIC, metadata: `m${sequence}`, isLost: offsets };
    const ofSequence = [0, 1].map((at) => ({ ...offset, group: `weir.${this.name}`, partition: this.#first + at, offset: sequence + 1 }));
    await maker.make(`weir.${this.name}`, parts, [...ofSequence, { ...offset, group: this.name, partition: 0, offset: sequence + 1 }], outcome === 'fence' ? undefined : outcome);
    if (outcome === 'commit') this.#written(value);
  }

  /** What a new process is to find. */
  async resumes(brokers?: string): Promise<LogWriter> {
    const writer = await newWriter(brokers);
    for (const at of [0, 1]) expect(await writer.lastSequence(this.name, TOPIC, this.#first + at)).toBe(this.#sequence);
    expect((await writer.committed(this.name, TOPIC, 0))?.offset ?? 0).toBe(this.#sequence + 1);
    return writer;
  }

  /** Commits something, aborts something and commits something. */
  async goesOn(writer: LogWriter): Promise<void> {
    await this.#append(writer);
    await expect(writer.append([...this.#appends('dropped'), { topic: TOPIC, partition: this.#first, batch: batchOf([1], ['x'.repeat(2_000_000)]) }])).rejects.toThrow('LOG_RECORD_TOO_LARGE');
    await this.#append(writer);
  }

  async #append(writer: LogWriter): Promise<void> {
    const value = `own ${this.#sequence + 1}`;
    const commit: SourceCommit = { group: this.name, offsets: [{ topic: TOPIC, partition: 0, offset: this.#sequence + 2 }], metadata: 'm' };
    for (const base of await writer.append(this.#appends(value), commit)) expect(base).toBeGreaterThanOrEqual(0);
    this.#written(value);
  }

  #appends(value: string): readonly Append[] {
    return [0, 1].map((at) => ({ topic: TOPIC, partition: this.#first + at, batch: batchOf([1], [value]), idempotence: { producer: this.name, sequence: this.#sequence + 1 } }));
  }

  #written(value: string): void {
    this.#sequence++;
    for (const at of [0, 1]) expected[this.#first + at]!.push(value);
  }
}

describe.skipIf(why !== undefined)(`an end of a transaction that the broker has lost${why === undefined ? '' : ` (skipped: ${why})`}`, () => {
  beforeAll(async () => {
    proxy = await FaultProxy.listen();
    broker = await startJvmBroker({ listeners: ['PROXIED'], advertised: { PROXIED: proxy.port }, properties: { 'transaction.partition.verification.enable': 'false' } });
    proxy.forwardTo(broker.address('PROXIED'));
    cluster = new Cluster({ brokers: [broker.bootstrap] });
    const log = await openKafkaLog({ brokers: [broker.bootstrap] });
    opened.push(log);
    await log.ensureTopic(TOPIC, { partitions: 2 * PAIRS });
    await log.ensureTopic('beside', { partitions: 1 });
    maker = new LostEndMaker(cluster, 'beside');
    // So that there are offsets.
    await (await log.writer()).append([{ topic: 'beside', partition: 0, batch: batchOf([1]), idempotence: { producer: 'beside', sequence: 0 } }]);
  }, 240_000);
  beforeEach(() => {
    proxy.decide = () => 'pass';
    proxy.ahead = () => undefined;
  });
  afterAll(async () => {
    for (const each of opened) await each.close();
    await cluster?.close();
    await proxy?.close();
    await broker?.stop();
  });

  const losses: readonly [string, readonly [boolean, boolean], boolean][] = [
    ['in its partitions', [true, true], false],
    ['in one of two', [false, true], false],
    ['of its offsets', [false, false], true],
    ['of everything', [true, true], true],
  ];
  const table = (['commit', 'abort', 'fence'] as const).flatMap((outcome) => losses.map(([where, records, offsets]) => [outcome, where, { outcome, records, offsets }] as const));

  it.each(table)('is supplied by the next process, as it was decided: %s, %s', async (outcome, _where, loss) => {
    const lineage = new Lineage();
    warnings.length = 0;
    await lineage.lose(loss);
    await lineage.goesOn(await lineage.resumes());
    await lineage.lose(loss);
    await lineage.goesOn(await lineage.resumes());
    const told = new RegExp(`KAFKA-20734.*it was ${outcome === 'commit' ? 'committed' : 'aborted'}`);
    expect(warnings).toEqual([expect.stringMatching(told), expect.stringMatching(told)]);
  }, 60_000);

  it.each<[string, number, Fate]>([
    ['that the id is initialised, by which the coordinator forgets it', API.initProducerId, 'cut after'],
    ['what is open', API.describeProducers, 'cut after'],
    ['that a marker is written', API.writeTxnMarkers, 'cut after'],
    ['nothing, as it was not asked', API.writeTxnMarkers, 'cut before'],
  ])('is supplied although the connection breaks that was to tell %s', async (_, api, fate) => {
    const lineage = new Lineage();
    await lineage.lose({ outcome: 'commit', records: [true, true], offsets: true });
    proxy.once(api, fate);
    await lineage.goesOn(await lineage.resumes(proxy.address));
  }, 60_000);

  const loss = fc.record<Loss>({ outcome: fc.constantFrom('commit', 'abort', 'fence'), records: fc.tuple(fc.boolean(), fc.boolean()), offsets: fc.boolean() });

  const requests = [API.describeTransactions, API.initProducerId, API.metadata, API.describeProducers, API.describeProducers, API.writeTxnMarkers, API.writeTxnMarkers];
  const fault = fc.option(fc.record({ api: fc.constantFrom(...requests), fate: fc.constantFrom<Fate>('cut before', 'cut after', 'hold') }), { freq: 4, nil: undefined });

  it('is supplied however many there are in a row, and whatever breaks meanwhile', async () => {
    const runs = Math.min(PAIRS - table.length - 9, cases(4));
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(loss, fault, fc.boolean()), { minLength: 2, maxLength: 4 }), async (steps) => {
        const lineage = new Lineage();
        for (const [step, breaks, isWriting] of steps) {
          await lineage.lose(step);
          // That of the id that comes late would take it over once more.
          if (breaks !== undefined) proxy.once(breaks.api, breaks.api === API.initProducerId && breaks.fate === 'hold' ? 'cut before' : breaks.fate);
          const writer = await lineage.resumes(proxy.address);
          // A marker that comes late is none of the next transaction.
          proxy.ahead = (api) => void (api === API.produce && proxy.release());
          if (isWriting) await lineage.goesOn(writer);
          proxy.decide = () => 'pass';
          proxy.ahead = () => undefined;
        }
      }),
      { numRuns: runs, endOnFailure: true },
    );
  }, 120_000);

  it.each<[string, (id: string) => Promise<unknown>]>([
    ['has only taken the id over', (id) => maker.initialise(id)],
    ['has written elsewhere, by whatever it did', (id) => maker.make(id, [], [], 'commit')],
  ])('is not guessed where nothing tells what it was, as its successor %s: the error has the commands after which the writer goes on', async (_, succeed) => {
    const lineage = new Lineage();
    await lineage.goesOn(await newWriter());
    await lineage.lose({ outcome: 'abort', records: [true, true], offsets: true });
    await succeed(`weir.${lineage.name}`);
    const writer = await newWriter();
    const places = `A transaction of weir\\.${lineage.name} has no end in .*ends/\\d+ \\(from offset \\d+ on\\).*nothing tells whether it was committed`;
    const refusal: unknown = await writer.lastSequence(lineage.name, TOPIC, 0).catch((error: unknown) => error);
    expect(refusal).toMatchObject({ code: 'KAFKA_END_LOST', retryable: false, message: expect.stringMatching(new RegExp(places)) as string });
    const commands = [...(refusal as Error).message.matchAll(/abort --topic (\S+) --partition (\d+) --start-offset (\d+)/g)].map(([, ...each]) => each);
    expect(commands.map(([topic]) => topic)).toEqual([TOPIC, TOPIC, ...commands.slice(2).map(() => '__consumer_offsets')]);
    expect(commands.length).toBeGreaterThan(2);
    for (const [topic, partition, offset] of commands) await broker.tool(TRANSACTIONS, ['--bootstrap-server', broker.bootstrap, 'abort', '--topic', topic!, '--partition', partition!, '--start-offset', offset!]);
    await writer.close();
    await lineage.goesOn(await lineage.resumes());
  }, 120_000);

  it.each<[string, number, Fate]>([
    ['nobody says whether the markers are written', API.describeTransactions, 'cut before'],
    ['the commit was answered only when it was asked for again', API.endTxn, 'cut after'],
  ])('is supplied before the append is answered, when %s', async (_, api, fate) => {
    const lineage = new Lineage();
    const partition = 2 * (pairs - 1);
    const id = `weir.${lineage.name}`;
    const writer = await newWriter(proxy.address);
    await writer.lastSequence(lineage.name, TOPIC, partition);
    let ends = 0;
    proxy.forwarded.length = 0;
    // The producer has written there, too, and the coordinator does not know of it.
    proxy.ahead = async (asked) => {
      if (asked === API.endTxn && ends++ === 0) await maker.produce(id, await maker.current(id), TOPIC, partition + 1, 'beside it');
    };
    proxy.once(api, fate);
    expect(await writer.append([{ topic: TOPIC, partition, batch: batchOf([1], ['acknowledged']), idempotence: { producer: lineage.name, sequence: 0 } }])).toEqual([0]);
    expected[partition]!.push('acknowledged');
    expected[partition + 1]!.push('beside it');
    // The successor's id is initialised as soon as the transaction is ended.
    const asked = proxy.forwarded.slice(proxy.forwarded.lastIndexOf(API.endTxn) + 1).filter((each) => each >= API.initProducerId);
    const opening = asked.slice(0, asked.lastIndexOf(API.initProducerId) + 1);
    expect(opening).toEqual(Array.from({ length: opening.length / 2 }, () => [API.describeTransactions, API.initProducerId]).flat());
    expect(asked.slice(opening.length)).toEqual([API.describeProducers, API.writeTxnMarkers, API.describeProducers]);
    expect(await (await newWriter()).lastSequence(lineage.name, TOPIC, partition)).toBe(0);
  }, 60_000);

  it('where nobody leads is supplied when somebody does, before anything is written or looked up there; the others need not wait', async () => {
    const second = await startJvmBroker({ properties: { 'transaction.partition.verification.enable': 'false' }, joins: broker });
    const admin = ordinaryClient(broker.bootstrap).admin();
    try {
      await admin.connect();
      await until(async () => (await admin.describeCluster()).brokers.length === 2, 'both brokers are there');
      await admin.createTopics({ topics: [{ topic: 'far', numPartitions: -1, replicationFactor: -1, replicaAssignment: [{ partition: 0, replicas: [1] }, { partition: 1, replicas: [2] }, { partition: 2, replicas: [2] }], configEntries: [{ name: 'retention.ms', value: '-1' }] }] });
      const parts = [0, 1, 2].map((partition) => ({ topic: 'far', partition, value: 'kept', isLost: true }));
      await maker.make('weir.far', parts, [{ group: 'weir.far', topic: 'far', partition: 1, offset: 1, metadata: '', isLost: true }], 'commit');
      await second.kill();
      await until(async () => (await cluster.metadata(['far']))[0]!.leaders[1]!.node < 0, 'nobody leads it');
      const log = await openKafkaLog({ brokers: [broker.bootstrap] });
      opened.push(log);
      const writer = await log.writer();
      const append = (partition: number, sequence: number, value: string): Promise<unknown> => writer.append([{ topic: 'far', partition, batch: batchOf([1], [value]), idempotence: { producer: 'far', sequence } }]);
      await append(0, 0, 'meanwhile');
      const waiting = append(1, 1, 'later');
      await second.restart();
      await waiting;
      const seen = await committedByKafkajs(ordinaryClient(broker.bootstrap), 'far', 5);
      expect(seen.map(({ partition, value }) => `${partition} ${value}`)).toEqual(['0 kept', '0 meanwhile', '1 kept', '1 later', '2 kept']);
    } finally {
      await admin.disconnect();
      await second.stop();
    }
  }, 180_000);

  it('leaves nothing that is shown and was aborted, or that was committed and is not shown once: by kafkajs, and by the console consumer', async () => {
    const all = expected.flatMap((values, partition) => values.map((value) => `${partition} ${value}`));
    const told = ({ partition, value }: { readonly partition: number; readonly value: string | null }): string => `${partition} ${value}`;
    expect((await committedByKafkajs(ordinaryClient(broker.bootstrap), TOPIC, all.length)).map(told)).toEqual(all);
    expect((await committedByConsole(broker, TOPIC)).map(told)).toEqual(all);
  }, 60_000);
});
