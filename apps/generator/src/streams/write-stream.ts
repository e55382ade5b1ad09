import { closeSync, openSync, writeFileSync, writeSync } from 'node:fs';
import type { Append, Log } from '@weir/connector-api';
import { WeirError } from '@weir/model';
import { RecordBatchBuilder } from '@weir/record-batch';
import { hasRecords } from '../has-records.ts';
import type { RecordWriter } from '../record-writer.ts';
import { STREAM_PARTITIONS } from './arrivals.ts';
import type { Arrived } from './arrivals.ts';
import type { GeneratedStream } from './registry.ts';

const LINES_OF_WRITE = 5_000;
const RECORDS_OF_BATCH = 1_000;
const BATCHES_OF_TRANSACTION = 16;
const PRODUCER = 'generated-stream';
const UTF8 = new TextEncoder();

/**
 * Writes a stream as JSON lines `{"topic":…,"partition":…,"arrival":…,"value":…}`, in the order of arrival, and what was planted to
 * `<path>.truth.json`. Answers how many lines there are.
 */
export function writeFile(stream: GeneratedStream, path: string): number {
  const all = Object.entries(stream.topics).flatMap(([topic, rows]) => rows.map((arrived) => ({ topic, arrived })));
  all.sort((a, b) => a.arrived.arrival - b.arrived.arrival);
  const file = openSync(path, 'w');
  try {
    for (let from = 0; from < all.length; from += LINES_OF_WRITE) {
      const lines = all.slice(from, from + LINES_OF_WRITE).map(({ topic, arrived: { partition, arrival, row } }) => JSON.stringify({ topic, partition, arrival, value: row }));
      writeSync(file, `${lines.join('\n')}\n`);
    }
  } finally {
    closeSync(file);
  }
  writeFileSync(`${path}.truth.json`, `${JSON.stringify(stream.truth)}\n`);
  return all.length;
}

/** Appends a stream to its topics, in batches of one partition each; log timestamps are arrivals. Closes the writer. Throws GENERATOR_LOG_NOT_EMPTY. */
export async function writeLog(stream: GeneratedStream, log: Log, writer: RecordWriter): Promise<number> {
  let records = 0;
  let sequence = 0;
  try {
    for (const topic of Object.keys(stream.topics)) {
      await log.ensureTopic(topic, { partitions: STREAM_PARTITIONS });
      await refuseUsed(log, topic);
    }
    let waiting: Append[] = [];
    for (const [topic, rows] of Object.entries(stream.topics)) {
      for (const append of batches(topic, rows)) {
        waiting.push({ ...append, idempotence: { producer: PRODUCER, sequence: sequence++ } });
        if (waiting.length < BATCHES_OF_TRANSACTION) continue;
        await writer.append(waiting);
        waiting = [];
      }
      records += rows.length;
    }
    if (waiting.length > 0) await writer.append(waiting);
  } finally {
    await writer.close();
  }
  return records;
}

function* batches(topic: string, rows: readonly Arrived<object>[]): Generator<Append> {
  const builders = Array.from({ length: STREAM_PARTITIONS }, () => new RecordBatchBuilder(256 * 1024));
  for (const { row, arrival, partition } of rows) {
    const builder = builders[partition]!;
    builder.append(arrival, null, UTF8.encode(JSON.stringify(row)));
    if (builder.count >= RECORDS_OF_BATCH) yield { topic, partition, batch: builder.build() };
  }
  for (const [partition, builder] of builders.entries()) if (builder.count > 0) yield { topic, partition, batch: builder.build() };
}

async function refuseUsed(log: Log, topic: string): Promise<void> {
  if (!(await hasRecords(log, topic))) return;
  throw new WeirError('GENERATOR_LOG_NOT_EMPTY', `Topic '${topic}' already has records.`, { remedy: 'Use another log; a stream is written once.' });
}
