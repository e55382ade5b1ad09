import { startBroker, whyNoBroker } from '@weir/kafka-broker';
import type { Broker } from '@weir/kafka-broker';
import type { Append, Log, LogWriter } from '@weir/connector-api';
import { WeirError } from '@weir/model';
import { readHeader, viewOf } from '@weir/record-batch';
import { batchOf, cases } from '@weir/testkit';
import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Cluster } from './cluster.ts';
import { Coordinators } from './coordinators.ts';
import { API, FaultProxy } from './fixtures/fault-proxy.ts';
import type { Fate } from './fixtures/fault-proxy.ts';
import { committedByConsole, committedByKafkajs, ordinaryClient } from './fixtures/witness.ts';
import { openKafkaLog } from './index.ts';
import { KnownTopics } from './known-topics.ts';
import { TransactionalProducer } from './transactional-producer.ts';

const ROUNDS = 5;
const why = await whyNoBroker();
let broker: Broker;
let proxy: FaultProxy;
/** Beside the proxy. */
let log: Log;
const opened: Log[] = [];

/** A log as a process of its own has it, behind the proxy. */
async function openProcess(): Promise<Log> {
  const made = await openKafkaLog({ brokers: [proxy.address], requestMilliseconds: 3_000 });
  opened.push(made);
  return made;
}

const newWriter = async (): Promise<LogWriter> => (await openProcess()).writer();
const numbered = (topic: string, sequence: number, value = String(sequence), partition = 0): Append => ({ topic, partition, batch: batchOf([sequence], [value]), idempotence: { producer: `producer of ${topic}/${partition}`, sequence } });

async function codeOf(promise: Promise<unknown>): Promise<string> {
  return promise.then(
    () => 'nothing',
    (error: unknown) => (error instanceof WeirError ? error.code : String(error)),
  );
}

describe.skipIf(why !== undefined)(`what is written to Kafka${why === undefined ? '' : ` (skipped: ${why})`}`, () => {
  beforeAll(async () => {
    proxy = await FaultProxy.listen();
    broker = await startBroker({
      listeners: ['PROXIED'],
      advertised: { PROXIED: proxy.port },
      // Otherwise it looks only every 10 s for transactions that take too long.
      properties: { 'transaction.abort.timed.out.transaction.cleanup.interval.ms': '200' },
    });
    proxy.forwardTo(broker.address('PROXIED'));
    log = await openKafkaLog({ brokers: [broker.bootstrap] });
  }, 240_000);
  beforeEach(() => {
    proxy.decide = () => 'pass';
    proxy.slowMilliseconds = 300;
  });
  afterAll(async () => {
    for (const each of opened) await each.close();
    await log?.close();
    await proxy?.close();
    await broker?.stop();
  });

  const valuesOf = async (topic: string): Promise<readonly (string | null)[]> => (await committedByKafkajs(ordinaryClient(broker.bootstrap), topic, 1)).map(({ value }) => value);

  it('comes from one of two writers of a name: the older is fenced for good, also when it comes back over new connections', async () => {
    await log.ensureTopic('fenced', { partitions: 1 });
    const [older, newer] = [await newWriter(), await newWriter()];
    await older.append([numbered('fenced', 0)]);
    await newer.append([numbered('fenced', 1)]);
    expect(await codeOf(older.append([numbered('fenced', 2, 'of the older')]))).toBe('LOG_WRITER_FENCED');
    proxy.cutAll();
    expect(await codeOf(older.append([numbered('fenced', 2, 'of the older')]))).toBe('LOG_WRITER_FENCED');
    expect(await codeOf(older.lastSequence('producer of fenced/0', 'fenced', 0))).toBe('LOG_WRITER_FENCED');
    await newer.append([numbered('fenced', 2)]);
    const newest = await newWriter();
    await newest.append([numbered('fenced', 3)]);
    // It finds out only when it has to say who it is again.
    proxy.cutAll();
    expect(await codeOf(newer.append([numbered('fenced', 4, 'of the older')]))).toBe('LOG_WRITER_FENCED');
    await newest.append([numbered('fenced', 4)]);
    expect(await valuesOf('fenced')).toEqual(['0', '1', '2', '3', '4']);
  });

  it('is not what an EndTxn commits that comes late, in the middle of the next transaction', async () => {
    await log.ensureTopic('late', { partitions: 1 });
    const writer = await newWriter();
    let ends = 0;
    proxy.decide = (api) => {
      if (api === API.endTxn && ends++ === 0) return 'hold';
      if (api === API.produce && proxy.held > 0) proxy.release();
      return 'pass';
    };
    expect(await writer.append([numbered('late', 0)])).toEqual([0]);
    expect(proxy.held).toBe(1);
    // The next transaction fails after it has produced: nothing of it may be there.
    await expect(writer.append([numbered('late', 1), { ...numbered('late', 2), batch: batchOf([1], ['x'.repeat(2_000_000)]) }])).rejects.toThrow('LOG_RECORD_TOO_LARGE');
    expect(proxy.held).toBe(0);
    await writer.append([numbered('late', 3)]);
    expect(await valuesOf('late')).toEqual(['0', '3']);
  });

  it('is aborted only when the broker has answered all that was on its way', async () => {
    await log.ensureTopic('settled', { partitions: 2 });
    const writer = await newWriter();
    await writer.append([numbered('settled', 0)]);
    let batches = 0;
    proxy.decide = (api) => (api === API.produce && ++batches === 2 ? 'slow' : 'pass');
    proxy.forwarded.length = 0;
    const tooLarge = { ...numbered('settled', 1), batch: batchOf([1], ['x'.repeat(2_000_000)]) };
    await expect(writer.append([tooLarge, ...Array.from({ length: 7 }, (_, i) => ({ ...numbered('settled', 2 + i), partition: 1 }))])).rejects.toThrow('LOG_RECORD_TOO_LARGE');
    // Five were in flight when the first was refused; no more were sent, and the end behind them.
    expect(proxy.forwarded.filter((api) => api === API.produce || api === API.endTxn)).toEqual([...Array.from({ length: 5 }, () => API.produce), API.endTxn]);
    await writer.append([numbered('settled', 9)]);
    expect(await valuesOf('settled')).toEqual(['0', '9']);
  });

  it('tells when nothing tells what became of it, and does not write it again by itself', async () => {
    await log.ensureTopic('unclear', { partitions: 1 });
    const unsure = await (await openKafkaLog({ brokers: [proxy.address], requestMilliseconds: 500, retryMilliseconds: 300 })).writer();
    const plain = (value: string): Append => ({ topic: 'unclear', partition: 0, batch: batchOf([1], [value]) });
    let ends = 0;
    proxy.decide = (api) => (api === API.endTxn && ends++ < 20 ? (ends === 1 ? 'cut after' : 'cut before') : 'pass');
    expect(await codeOf(unsure.append([plain('a')]))).toBe('KAFKA_UNCLEAR');
    proxy.decide = () => 'pass';
    await unsure.append([plain('b')]);
    expect(await valuesOf('unclear')).toEqual(['a', 'b']);
    await unsure.close();
  });

  it('is nothing of a transaction that took too long: its writer is fenced, and the next one goes on', async () => {
    await log.ensureTopic('tardy', { partitions: 1 });
    const hasty = await openKafkaLog({ brokers: [proxy.address], transactionMilliseconds: 100 });
    opened.push(hasty);
    proxy.slowMilliseconds = 3_000;
    proxy.decide = (api) => (api === API.endTxn ? 'slow' : 'pass');
    expect(await codeOf((await hasty.writer()).append([numbered('tardy', 0, 'too late')]))).toBe('LOG_WRITER_FENCED');
    proxy.decide = () => 'pass';
    await (await newWriter()).append([numbered('tardy', 0)]);
    expect(await valuesOf('tardy')).toEqual(['0']);
  });

  it('is never torn: a transaction that begins while the one before is being ended waits for it', async () => {
    const partitions = 20;
    await log.ensureTopic('torn', { partitions });
    const cluster = new Cluster({ brokers: [broker.bootstrap] });
    const [coordinators, topics] = [new Coordinators(cluster), new KnownTopics(cluster)];
    const options = { id: 'torn', transactionMilliseconds: 60_000, awaitsMarkers: false };
    const everywhere = (value: string): Append[] => Array.from({ length: partitions }, (_, partition) => ({ topic: 'torn', partition, batch: batchOf([1], [value]) }));
    const tooLarge = { topic: 'torn', partition: 0, batch: batchOf([1], ['x'.repeat(2_000_000)]) };
    // As a new topic's leaders may not know it yet, and this producer does not try again.
    await (await log.writer()).append(everywhere('first'));
    for (let round = 0; round < ROUNDS; round++) {
      const producer = await TransactionalProducer.open(cluster, coordinators, topics, options);
      await producer.commit(everywhere(`kept ${round}`), []);
      // At once, as the markers have not been waited for: aborted because one batch is refused after the others were written.
      expect(await codeOf(producer.commit([...everywhere(`dropped ${round}`), tooLarge], []))).toBe('LOG_RECORD_TOO_LARGE');
      producer.close();
    }
    await cluster.close();
    const seen = await committedByConsole(broker, 'torn');
    const kept = ['first', ...Array.from({ length: ROUNDS }, (_, round) => `kept ${round}`)];
    expect(seen.map(({ partition, value }) => `${partition} ${value}`)).toEqual(Array.from({ length: partitions }, (_, partition) => kept.map((value) => `${partition} ${value}`)).flat());
  }, 60_000);

  it('is asked for only while its reader has nothing left to take, and no more when that is closed', async () => {
    const batches = 20;
    await log.ensureTopic('asked', { partitions: 1 });
    const writer = await log.writer();
    for (let i = 0; i < batches; i++) await writer.append([{ topic: 'asked', partition: 0, batch: batchOf([i], ['x'.repeat(1_000)]) }]);
    const reading = await openKafkaLog({ brokers: [proxy.address], fetchBytes: 10_000 });
    opened.push(reading);
    await reading.topics();
    const { connections } = proxy;
    const reader = await reading.reader('asked');
    const fetches = (): number => proxy.forwarded.filter((api) => api === API.fetch).length;
    /** Has whatever was sent by now arrive. */
    const settle = async (): Promise<void> => void (await reading.topics());
    proxy.forwarded.length = 0;
    let [reads, at] = [0, 0];
    while (at < 2 * batches) {
      const asked = fetches();
      const { bytes } = await reader.read(0, at, 1);
      at = readHeader(viewOf(bytes), 0).lastOffset + 1;
      reads++;
      await settle();
      // At most the next one is on its way, however long the reader takes.
      await settle();
      expect(fetches() - asked).toBeLessThanOrEqual(asked === 0 ? 2 : 1);
    }
    expect(reads).toBe(2 * batches);
    expect(fetches()).toBeLessThanOrEqual(Math.ceil((batches * 1_200) / 10_000) + 2);

    proxy.decide = (api) => (api === API.fetch ? 'cut before' : 'pass');
    const failed = codeOf(reader.read(0, 2 * batches, 1));
    await reader.close();
    expect(await failed).toBe('LOG_CLOSED');
    await expect.poll(() => proxy.connections).toBeLessThanOrEqual(connections);
    expect(await codeOf(reader.read(0, 0, 1))).toBe('LOG_CLOSED');
  });

  const requests = [API.metadata, API.findCoordinator, API.initProducerId, API.addPartitions, API.addOffsets, API.offsetCommit, API.produce, API.endTxn, API.endTxn, API.describeTransactions, API.describeProducers];
  const fault = fc.option(fc.record({ api: fc.constantFrom(...requests), fate: fc.constantFrom<Fate>('cut before', 'cut after', 'hold'), isReleased: fc.boolean() }), { freq: 4, nil: undefined });

  it('is there once, whatever breaks at whichever request: by sequences, or by the offsets of the source', async () => {
    const runs = cases(6);
    await log.ensureTopic('once', { partitions: runs });
    await log.ensureTopic('source', { partitions: 1 });
    const expected: string[] = [];
    let partition = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(fault, { minLength: 6, maxLength: 12 }), fc.boolean(), async (faults, bySequence) => {
        const group = `task ${partition}`;
        let writer = await newWriter();
        const resume = async (): Promise<number> =>
          bySequence ? (await writer.lastSequence(`producer of once/${partition}`, 'once', partition)) + 1 : ((await writer.committed(group, 'source', 0))?.offset ?? 0);
        for (let next = 0; next < faults.length; ) {
          const planned = faults[next];
          if (planned !== undefined) proxy.once(planned.api, planned.fate);
          const { idempotence, ...plain } = numbered('once', next, `value ${next}`, partition);
          const commit = { group, offsets: [{ topic: 'source', partition: 0, offset: next + 1 }], metadata: `manifest ${next}` };
          try {
            await writer.append([bySequence ? { ...plain, idempotence: idempotence! } : plain], commit);
            next++;
          } catch (error) {
            if (!(error instanceof WeirError)) throw error;
            // What a process does: it ends, and the next one resumes where the log says.
            await writer.close();
            writer = await newWriter();
            next = await resume();
          }
          if (planned?.isReleased === true) proxy.release();
        }
        proxy.decide = () => 'pass';
        proxy.release();
        expect(await resume()).toBe(faults.length);
        expect(await writer.committed(group, 'source', 0)).toEqual({ offset: faults.length, metadata: `manifest ${faults.length - 1}` });
        expected.push(...faults.map((_, i) => `${partition} value ${i}`));
        partition++;
      }),
      { numRuns: runs, endOnFailure: true },
    );
    expect((await committedByConsole(broker, 'once')).map(({ partition: at, value }) => `${at} ${value}`)).toEqual(expected);
  }, 90_000 + cases(6) * 10_000);
});
