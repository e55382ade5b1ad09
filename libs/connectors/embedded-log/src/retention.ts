import type { PartitionRecord, Store, TopicRecord } from './store.ts';

/** Of one append: a jump in time may end the life of a whole log, which then goes step by step. */
const MOST_BATCHES_DROPPED = 256;

/**
 * Drops whole batches from the start inside a write transaction, as far as the topic's retention says; never the newest one.
 * Answers the partition as it is then.
 */
export function retain(store: Store, topic: TopicRecord, partition: number, after: PartitionRecord): PartitionRecord {
  const { retentionBytes = Number.POSITIVE_INFINITY, retentionMilliseconds = Number.POSITIVE_INFINITY } = topic;
  if (retentionBytes === Number.POSITIVE_INFINITY && retentionMilliseconds === Number.POSITIVE_INFINITY) return after;
  const oldest = (after.newest ?? 0) - retentionMilliseconds;
  let { start, bytes } = after;
  const dropped: number[] = [];
  for (const { key, value } of store.index.getRange({ start: [topic.id, partition, start], end: [topic.id, partition, after.end], limit: MOST_BATCHES_DROPPED })) {
    const isNeeded = bytes <= retentionBytes && value.maxTimestamp >= oldest;
    if (isNeeded || value.lastOffset + 1 === after.end) break;
    dropped.push(key[2]);
    bytes -= value.bytes;
    start = value.lastOffset + 1;
  }
  for (const baseOffset of dropped) {
    store.batches.removeSync([topic.id, partition, baseOffset]);
    store.index.removeSync([topic.id, partition, baseOffset]);
  }
  return { ...after, start, bytes };
}
