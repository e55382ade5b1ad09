import type { Append } from '@weir/connector-api';
import { WeirError } from '@weir/model';
import { assignBaseOffset, checkBatch } from '@weir/record-batch';
import type { PartitionRecord, Store, TopicRecord } from './store.ts';

/** The largest batch that is taken. */
export const MAX_BATCH_BYTES = 8 * 1024 * 1024;

export const EMPTY_PARTITION: PartitionRecord = { end: 0, start: 0, bytes: 0, maxTimestamp: null };

/** Appends inside a write transaction; answers the base offset, or -1 when the producer's sequence was used before. */
export function appendOne(store: Store, append: Append): number {
  const topic = topicOf(store, append.topic);
  const { partition, batch, idempotence } = append;
  if (!Number.isInteger(partition) || partition < 0 || partition >= topic.partitions) throw noPartition(append.topic, partition, topic.partitions);
  if (batch.length > MAX_BATCH_BYTES) {
    throw new WeirError('LOG_RECORD_TOO_LARGE', `A batch for ${append.topic}/${partition} is ${batch.length} bytes long, more than ${MAX_BATCH_BYTES}.`, {
      remedy: 'Send smaller records or fewer in a batch.',
    });
  }
  const header = checkBatch(batch);
  if (idempotence !== undefined) {
    const key: [string, number, number] = [idempotence.producer, topic.id, partition];
    if ((store.sequences.get(key) ?? -1) >= idempotence.sequence) return -1;
    store.sequences.putSync(key, idempotence.sequence);
  }
  const before = store.partitions.get([topic.id, partition]) ?? EMPTY_PARTITION;
  // A copy, because the caller's bytes stay the caller's.
  const placed = Buffer.from(batch);
  assignBaseOffset(placed, before.end);
  const records = header.lastOffset - header.baseOffset + 1;
  store.batches.putSync([topic.id, partition, before.end], placed);
  store.index.putSync([topic.id, partition, before.end], { maxTimestamp: header.maxTimestamp, bytes: placed.length, lastOffset: before.end + records - 1 });
  const after = {
    end: before.end + records,
    start: before.start,
    bytes: before.bytes + placed.length,
    maxTimestamp: Math.max(before.maxTimestamp ?? Number.NEGATIVE_INFINITY, header.maxTimestamp),
  };
  store.partitions.putSync([topic.id, partition], retain(store, topic, partition, after));
  return before.end;
}

export function topicOf(store: Store, name: string): TopicRecord {
  const topic = store.topics.get(name);
  if (topic !== undefined) return topic;
  throw new WeirError('LOG_TOPIC_MISSING', `There is no topic '${name}'.`, { remedy: 'Create it first, or check the name.' });
}

export function noPartition(topic: string, partition: number, partitions: number): WeirError {
  return new WeirError('LOG_PARTITION_MISSING', `Topic '${topic}' has partitions 0 to ${partitions - 1}, not ${partition}.`, { remedy: 'Use one that it has.' });
}

/** Drops whole batches from the start, as far as the topic's retention says; never the newest one. */
function retain(store: Store, topic: TopicRecord, partition: number, after: PartitionRecord): PartitionRecord {
  const { retentionBytes = Number.POSITIVE_INFINITY, retentionMilliseconds = Number.POSITIVE_INFINITY } = topic;
  if (retentionBytes === Number.POSITIVE_INFINITY && retentionMilliseconds === Number.POSITIVE_INFINITY) return after;
  let { start, bytes } = after;
  const expired: number[] = [];
  for (const { key, value } of store.index.getRange({ start: [topic.id, partition, start], end: [topic.id, partition, after.end] })) {
    const isOld = value.maxTimestamp < after.maxTimestamp! - retentionMilliseconds;
    if ((bytes <= retentionBytes && !isOld) || value.lastOffset + 1 >= after.end) break;
    expired.push(key[2]);
    bytes -= value.bytes;
    start = value.lastOffset + 1;
  }
  for (const baseOffset of expired) {
    store.batches.removeSync([topic.id, partition, baseOffset]);
    store.index.removeSync([topic.id, partition, baseOffset]);
  }
  return { ...after, start, bytes };
}
