import type { Codec } from '@weir/connector-api';
import { json } from '@weir/codecs';
import { minutes } from '@weir/model';
import { boundedOutOfOrderness } from '@weir/operators';
import { RecordBatchBuilder } from '@weir/record-batch';
import { int, nullable, record, string, timestamp } from '@weir/schema';
import type { Infer } from '@weir/schema';
import { cases } from '@weir/testkit';
import { pipeline } from '@weir/topology';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CheckpointStore } from './checkpoint-store.ts';
import { DeadLetters } from './dead-letters.ts';
import { killed, runToEnd } from './fixtures/live-shop.ts';
import { MemoryFiles } from './fixtures/memory-files.ts';
import { MemoryLog } from './fixtures/memory-log.ts';
import { LiveJob } from './live-job.ts';
import { LogSink } from './log-sink.ts';
import { replayTrack } from './replay-track.ts';
import { replay } from './replay.ts';
import { readTrack } from './track.ts';

const Order = record('Order', { id: string(), cents: int(), at: timestamp() });
const Payment = record('Payment', { order: string(), paid: int(), at: timestamp() });
const Settled = record('Settled', { id: string(), cents: int(), paid: nullable(int()) });
type Order = Infer<typeof Order>;
type Payment = Infer<typeof Payment>;

const WITHIN = minutes(5);
const T0 = Date.UTC(2024, 0, 1);
const PARTITIONS = 2;
const TOPICS = { orders: PARTITIONS, payments: PARTITIONS, settled: 1, lateOrders: 1, latePayments: 1, dead: 1 };
const time = { timestamp: 'at', watermark: boundedOutOfOrderness(minutes(60)) } as const;

const settlement = pipeline(
  { name: 'settlement', sources: { orders: Order, payments: Payment }, sinks: { settled: Settled, lateOrders: Order, latePayments: Payment } },
  ({ orders, payments }, sinks) => {
    const { results, lateLeft, lateRight } = orders
      .withEventTime(time)
      .keyBy('id')
      .intervalJoin('settle', payments.withEventTime(time).keyBy('order'), { between: [minutes(0), WITHIN], kind: 'left' }, (order, payment) => ({
        id: order.id,
        cents: order.cents,
        paid: payment === null ? null : payment.paid,
      }));
    results.to(sinks.settled);
    lateLeft.to(sinks.lateOrders);
    lateRight.to(sinks.latePayments);
  },
);

const instant = fc.integer({ min: 0, max: 24 }).map((steps) => T0 + steps * minutes(1));
const id = fc.constantFrom('a', 'b', 'c');
const order: fc.Arbitrary<Order> = fc.record({ id, cents: fc.integer({ min: 1, max: 9 }), at: instant });
const payment: fc.Arbitrary<Payment> = fc.record({ order: id, paid: fc.integer({ min: 1, max: 9 }), at: instant });
const appended = fc.array(
  fc.oneof(
    fc.record({ topic: fc.constant('orders' as const), partition: fc.nat(PARTITIONS - 1), rows: fc.array(order, { minLength: 1, maxLength: 3 }) }),
    fc.record({ topic: fc.constant('payments' as const), partition: fc.nat(PARTITIONS - 1), rows: fc.array(payment, { minLength: 1, maxLength: 3 }) }),
  ),
  { maxLength: 14 },
);
type Appended = typeof appended extends fc.Arbitrary<infer Value> ? Value : never;

const codecs: Readonly<Record<'orders' | 'payments', Codec>> = { orders: json(Order) as Codec, payments: json(Payment) as Codec };

/** Both topics end with a row that makes everything before it complete. */
async function logOf(batches: Appended): Promise<MemoryLog> {
  const log = new MemoryLog();
  for (const [topic, partitions] of Object.entries(TOPICS)) await log.ensureTopic(topic, { partitions });
  const end = T0 + minutes(24 * 60);
  const ends = Array.from({ length: PARTITIONS }, (_, partition) => [
    { topic: 'orders' as const, partition, rows: [{ id: 'end', cents: 1, at: end }] },
    { topic: 'payments' as const, partition, rows: [{ order: 'none', paid: 1, at: end }] },
  ]).flat();
  for (const { topic, partition, rows } of [...batches, ...ends]) {
    const builder = new RecordBatchBuilder();
    for (const row of rows) builder.append(row.at, null, codecs[topic].encode(row));
    log.appendNow({ topic, partition, batch: builder.build() });
  }
  return log;
}

async function sourcesOf(log: MemoryLog) {
  return { orders: { reader: await log.reader('orders'), codec: codecs.orders }, payments: { reader: await log.reader('payments'), codec: codecs.payments } };
}

async function sinksOf(log: MemoryLog) {
  const writer = await log.writer();
  return {
    settled: new LogSink({ writer, topic: 'settled', codec: json(Settled) as Codec }),
    lateOrders: new LogSink({ writer, topic: 'lateOrders', codec: codecs.orders }),
    latePayments: new LogSink({ writer, topic: 'latePayments', codec: codecs.payments }),
  };
}

async function attempt(log: MemoryLog, files: MemoryFiles, taskEpoch: number): Promise<LiveJob> {
  return new LiveJob({
    pipelines: [{ topology: settlement, directory: '/jobs/settlement', files, taskEpoch, deadLetters: new DeadLetters({ pipeline: 'settlement', policy: { on: 'fail' }, writer: await log.writer(), topic: 'dead' }), sinks: await sinksOf(log) }],
    sources: await sourcesOf(log),
    codeVersion: 'test',
    clock: { now: () => T0 },
    warn: () => undefined,
    flushEveryMilliseconds: 0,
    stepBytes: 1,
    turnMilliseconds: 0,
    checkpointEveryRecords: 7,
  });
}

/** What each order met, by a loop over all pairs. */
function settled(batches: Appended): readonly string[] {
  const orders = batches.flatMap((batch) => (batch.topic === 'orders' ? batch.rows : []));
  const payments = batches.flatMap((batch) => (batch.topic === 'payments' ? batch.rows : []));
  return orders
    .flatMap<Infer<typeof Settled>>(({ id: key, cents, at }) => {
      const met = payments.filter((each) => each.order === key && each.at >= at && each.at <= at + WITHIN);
      return met.length === 0 ? [{ id: key, cents, paid: null }] : met.map(({ paid }) => ({ id: key, cents, paid }));
    })
    .map((row) => JSON.stringify(row))
    .sort();
}

function written(log: MemoryLog): readonly string[] {
  return log.records('settled').map(({ value }) => value!);
}

const withoutEnd = (rows: readonly string[]): readonly string[] => rows.filter((row) => !row.includes('"end"'));

describe('a pipeline that joins two sources', () => {
  it('gives what a loop over all pairs gives, live and killed, recorded and replayed', async () => {
    await fc.assert(
      fc.asyncProperty(appended, fc.array(fc.integer({ min: 1, max: 12 }), { maxLength: 3 }), async (batches, kills) => {
        const expected = settled(batches);
        const log = await logOf(batches);
        const files = new MemoryFiles();
        let attempts = 0;
        for (const call of kills) {
          let left = call;
          log.beforeCall = () => {
            if (--left <= 0) throw killed();
          };
          await attempt(log, files, ++attempts).then((job) => runToEnd(job, [settlement])).catch((error: Error) => expect(error.message).toMatch(/TEST_KILLED/));
        }
        log.beforeCall = () => undefined;
        const job = await attempt(log, files, attempts + 1);
        await runToEnd(job, [settlement]);
        expect([...withoutEnd(written(log))].sort()).toEqual(expected);
        const { books } = job.state('settlement');
        expect(books.records).toBe(books.counted);

        const recorded = await logOf(batches);
        const store = new CheckpointStore('/jobs/settlement', { pipeline: '', topology: '', codeVersion: '' }, () => undefined, files);
        const steps = store.tracks().flatMap((epoch) => [...readTrack(store.trackPath(epoch), ['orders', 'payments'], files)]);
        const sinks = await sinksOf(recorded);
        for (const [sink, bound] of Object.entries(sinks)) await bound.open({ pipeline: 'settlement', sink, taskEpoch: 1 });
        await replayTrack({ topology: settlement, sources: await sourcesOf(recorded), sinks, steps });
        for (const sink of Object.values(sinks)) await sink.flush();
        expect(written(recorded)).toEqual(written(log));

        const perfect = await logOf(batches);
        const bound = await sinksOf(perfect);
        const range = Object.fromEntries(
          await Promise.all(
            Object.entries(await sourcesOf(perfect)).map(async ([source, { reader }]) => {
              const ends = await Promise.all(Array.from({ length: PARTITIONS }, (_, partition) => reader.offsets(partition)));
              return [source, ends.map(({ highWatermark }) => ({ from: 0, to: highWatermark }))] as const;
            }),
          ),
        );
        await replay({ topology: settlement, sources: await sourcesOf(perfect), sinks: bound, range });
        for (const sink of Object.values(bound)) await sink.flush();
        expect([...withoutEnd(written(perfect))].sort()).toEqual(expected);
        expect([...perfect.records('lateOrders'), ...perfect.records('latePayments')]).toEqual([]);
      }),
      { numRuns: cases(25) },
    );
  });
});
