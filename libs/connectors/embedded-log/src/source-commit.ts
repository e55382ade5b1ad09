import type { CommittedOffset, SourceCommit } from '@weir/connector-api';
import { WeirError } from '@weir/model';
import type { Store } from './store.ts';
import { requirePartition, topicOf } from './topic.ts';

/** One offset of a source, ready to be stored. */
export interface CheckedCommit {
  readonly key: [group: string, topic: number, partition: number];
  readonly value: CommittedOffset;
}

const LONGEST_GROUP = 200;
const MOST_METADATA_BYTES = 4_096;

/** Throws LOG_COMMIT_INVALID, LOG_TOPIC_MISSING or LOG_PARTITION_MISSING. */
export function checkCommit(store: Store, { group, offsets, metadata }: SourceCommit): readonly CheckedCommit[] {
  if (Buffer.byteLength(metadata) > MOST_METADATA_BYTES) {
    throw new WeirError('LOG_COMMIT_INVALID', `What ${group} says with its offsets is longer than ${MOST_METADATA_BYTES} bytes.`, { remedy: 'Say an id, and keep the rest elsewhere.' });
  }
  return offsets.map(({ topic, partition, offset }) => {
    if (!Number.isSafeInteger(offset) || offset < 0) throw new WeirError('LOG_COMMIT_INVALID', `${offset} is no offset of ${topic}/${partition}.`, { remedy: 'Commit whole numbers from 0 on.' });
    return { key: commitKey(store, group, topic, partition), value: { offset, metadata } };
  });
}

/** Throws LOG_COMMIT_INVALID, LOG_TOPIC_MISSING or LOG_PARTITION_MISSING. */
export function commitKey(store: Store, group: string, topic: string, partition: number): CheckedCommit['key'] {
  if (group.length < 1 || group.length > LONGEST_GROUP) {
    throw new WeirError('LOG_COMMIT_INVALID', `A group cannot have the name '${group.slice(0, 40)}'.`, { remedy: `Use 1 to ${LONGEST_GROUP} characters.` });
  }
  const { id, partitions } = topicOf(store, topic);
  requirePartition(topic, partition, partitions);
  return [group, id, partition];
}
