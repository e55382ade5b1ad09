import { crc32 } from 'node:zlib';
import type { Append, ProducerSequence } from '@weir/connector-api';
import { WeirError } from '@weir/model';
import { assignBaseOffset, checkBatch } from '@weir/record-batch';
import type { BatchHeader } from '@weir/record-batch';
import { retain } from './retention.ts';
import type { BatchRecord, PartitionRecord, Store, TopicRecord } from './store.ts';
import { topicOf, requirePartition } from './topic.ts';

/** The largest batch that is taken; the largest value that LMDB hands out as a copy is twice this. */
export const MAX_BATCH_BYTES = 8 * 1024 * 1024;
/** With two numbers beside it and every character escaped it still fits a key of LMDB. */
const MAX_PRODUCER_CHARACTERS = 255;

export const EMPTY_PARTITION: PartitionRecord = { end: 0, start: 0, bytes: 0, newest: null };

/** An append that has been checked, so that inside a transaction only the disk can fail. */
export interface CheckedAppend {
  readonly topic: TopicRecord;
  readonly append: Append;
  readonly header: BatchHeader;
}

/** Throws LOG_TOPIC_MISSING, LOG_PARTITION_MISSING, LOG_RECORD_TOO_LARGE, LOG_SEQUENCE_INVALID or what `checkBatch` throws. */
export function checkAppend(store: Store, append: Append): CheckedAppend {
  const { topic: name, partition, batch, idempotence } = append;
  const topic = topicOf(store, name);
  requirePartition(name, partition, topic.partitions);
  if (batch.length > MAX_BATCH_BYTES) {
    throw new WeirError('LOG_RECORD_TOO_LARGE', `A batch for ${name}/${partition} is ${batch.length} bytes long, more than ${MAX_BATCH_BYTES}.`, {
      remedy: 'Send smaller records or fewer in a batch.',
    });
  }
  if (idempotence !== undefined) requireSequence(idempotence);
  return { topic, append, header: checkBatch(batch) };
}

/** Throws LOG_SEQUENCE_INVALID. */
export function requireSequence({ producer, sequence }: ProducerSequence): void {
  if (producer.length > 0 && producer.length <= MAX_PRODUCER_CHARACTERS && Number.isSafeInteger(sequence) && sequence >= 0) return;
  throw new WeirError('LOG_SEQUENCE_INVALID', `Producer '${producer}' with sequence ${sequence} cannot be kept.`, {
    remedy: `Use a name of 1 to ${MAX_PRODUCER_CHARACTERS} characters and sequences that are whole numbers from 0 on.`,
  });
}

/** Appends inside a write transaction; answers the base offset, or -1 when the producer's sequence was used before. */
export function appendChecked(store: Store, { topic, append, header }: CheckedAppend): number {
  const { partition, batch, idempotence } = append;
  if (idempotence !== undefined) {
    const key: [string, number, number] = [idempotence.producer, topic.id, partition];
    if ((store.sequences.get(key) ?? -1) >= idempotence.sequence) return -1;
    store.sequences.putSync(key, idempotence.sequence);
  }
  const before = store.partitions.get([topic.id, partition]) ?? EMPTY_PARTITION;
  const base = before.end;
  const placed = placedCopy(batch, base);
  const newest = Math.max(before.newest ?? header.maxTimestamp, header.maxTimestamp);
  const record: BatchRecord = { bytes: placed.length, lastOffset: base + header.records - 1, maxTimestamp: header.maxTimestamp, newest, checksum: crc32(placed) };
  store.batches.putSync([topic.id, partition, base], placed);
  store.index.putSync([topic.id, partition, base], record);
  const after = { end: base + header.records, start: before.start, bytes: before.bytes + placed.length, newest };
  store.partitions.putSync([topic.id, partition], retain(store, topic, partition, after));
  return base;
}

let scratch = Buffer.alloc(64 * 1024);

/** The batch with its base offset, in a buffer that the next call uses again: the caller's bytes stay as they are. */
function placedCopy(batch: Uint8Array, base: number): Buffer {
  if (scratch.length < batch.length) scratch = Buffer.alloc(batch.length * 2);
  scratch.set(batch);
  const placed = scratch.subarray(0, batch.length);
  assignBaseOffset(placed, base);
  return placed;
}
