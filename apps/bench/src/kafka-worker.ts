import { openKafkaLog } from '@weir/connector-kafka';
import type { Append, LogReader } from '@weir/connector-api';
import { RecordBatchBuilder, RecordWalker, endOffset } from '@weir/record-batch';
import { Kafka, logLevel } from 'kafkajs';

/** What one side of the benchmark of Kafka clients took. It prints that, in a process of its own, so that its CPU time can be told apart. */
export interface Measured {
  readonly messages: number;
  readonly cpuSeconds: number;
  readonly seconds: number;
}

const PARTITIONS = 2;
const RECORDS_OF_BATCH = 4_000;
/** Of one transaction. */
const BATCHES_OF_APPEND = 8;
const READ_BYTES = 1 << 20;
const PASSES = 4;
const DISTINCT = 5_000;

const [role, address, topic, count] = process.argv.slice(2) as [string, string, string, string];
const messages = Number(count);
const ROLES: Readonly<Record<string, () => Promise<number>>> = { 'write-weir': writeWeir, 'write-kafkajs': writeKafkajs, 'read-weir': readWeir, 'read-kafkajs': readKafkajs };

const began = performance.now();
const before = process.cpuUsage();
const done = await ROLES[role]!();
const { user, system } = process.cpuUsage(before);
const measured: Measured = { messages: done, cpuSeconds: (user + system) / 1e6, seconds: (performance.now() - began) / 1e3 };
console.log(JSON.stringify(measured));
process.exit(0);

/** JSON bids of about 200 bytes. */
function values(): readonly Uint8Array[] {
  const encoder = new TextEncoder();
  return Array.from({ length: DISTINCT }, (_, n) =>
    encoder.encode(
      JSON.stringify({ auction: 1_000 + (n % 110), bidder: 1_000 + n, price: 50 + n * 7, channel: `channel-${n % 9}`, url: `https://www.nexmark.com/item.htm?query=1&channel_id=${n}`, dateTime: 1_767_225_600_000 + n, extra: 'abcdefghijklmnopqrstuvwxyz'.slice(0, 10 + (n % 16)) }),
    ),
  );
}

async function writeWeir(): Promise<number> {
  const log = await openKafkaLog({ brokers: [address] });
  const writer = await log.writer();
  const all = values();
  const builder = new RecordBatchBuilder(1 << 20);
  let appends: Append[] = [];
  let last: Promise<unknown> = Promise.resolve();
  const append = async (): Promise<void> => {
    await last;
    last = writer.append(appends);
    appends = [];
  };
  for (let n = 0, batches = 0; n < messages; n++) {
    builder.append(1_767_225_600_000 + n, null, all[n % DISTINCT]!);
    if (builder.count < RECORDS_OF_BATCH && n < messages - 1) continue;
    appends.push({ topic, partition: batches++ % PARTITIONS, batch: builder.build() });
    if (appends.length === BATCHES_OF_APPEND) await append();
  }
  if (appends.length > 0) await append();
  await last;
  await log.close();
  return messages;
}

function client(): Kafka {
  return new Kafka({ brokers: [address], logLevel: logLevel.NOTHING });
}

async function writeKafkajs(): Promise<number> {
  const producer = client().producer();
  await producer.connect();
  const all = values().map((value) => Buffer.from(value));
  for (let n = 0, batches = 0; n < messages; n += RECORDS_OF_BATCH) {
    const partition = batches++ % PARTITIONS;
    await producer.send({ topic, acks: -1, messages: Array.from({ length: Math.min(RECORDS_OF_BATCH, messages - n) }, (_, i) => ({ partition, value: all[(n + i) % DISTINCT]! })) });
  }
  await producer.disconnect();
  return messages;
}

/** Reads the topic several times, as kafkajs takes seconds of CPU for it once, and what a process does only at first would count for more. */
async function readWeir(): Promise<number> {
  const log = await openKafkaLog({ brokers: [address] });
  const walker = new RecordWalker();
  let seen = 0;
  for (let pass = 1; pass <= PASSES; pass++) {
    const reader = await log.reader(topic);
    const positions = new Float64Array(PARTITIONS);
    for (let partition = 0; seen < pass * messages; partition = (partition + 1) % PARTITIONS) seen += await step(reader, walker, partition, positions);
    await reader.close();
  }
  await log.close();
  return seen;
}

/** One read, walked record by record. */
async function step(reader: LogReader, walker: RecordWalker, partition: number, positions: Float64Array): Promise<number> {
  const { bytes } = await reader.read(partition, positions[partition]!, READ_BYTES);
  if (bytes.length === 0) return 0;
  walker.walk(bytes, positions[partition]!, Number.MAX_SAFE_INTEGER);
  positions[partition] = endOffset(bytes);
  return walker.count;
}

async function readKafkajs(): Promise<number> {
  const consumer = client().consumer({ groupId: `bench-${process.pid}`, maxBytesPerPartition: 4 << 20, readUncommitted: false });
  await consumer.connect();
  await consumer.subscribe({ topic, fromBeginning: true });
  let seen = 0;
  await new Promise<void>((resolve, reject) => {
    consumer.on(consumer.events.CRASH, ({ payload }) => reject(payload.error));
    void consumer.run({
      autoCommit: false,
      eachBatch: async ({ batch }) => {
        for (const { offset } of batch.messages) if (offset !== '') seen++;
        if (seen >= messages) resolve();
      },
    });
  });
  return seen;
}
