import type { TopicSettings } from '@weir/connector-api';
import { WeirError } from '@weir/model';
import type { Store, TopicRecord } from './store.ts';

const MOST_PARTITIONS = 10_000;

/** Kafka's rules for names, so that a topic can move there; throws LOG_TOPIC_INVALID. */
export function checkTopic(topic: string, { partitions, retentionBytes = 0, retentionMilliseconds = 0 }: TopicSettings): void {
  const wrong = !/^[a-zA-Z0-9._-]{1,249}$/.test(topic) || topic === '.' || topic === '..' ? 'its name' : undefined;
  const amount = !Number.isInteger(partitions) || partitions < 1 || partitions > MOST_PARTITIONS ? `${partitions} partitions` : undefined;
  const retention = !(retentionBytes >= 0) || !(retentionMilliseconds >= 0) ? 'its retention' : undefined;
  const reason = wrong ?? amount ?? retention;
  if (reason === undefined) return;
  throw new WeirError('LOG_TOPIC_INVALID', `Topic '${topic}' cannot be made because of ${reason}.`, {
    remedy: `Use 1 to 249 letters, digits, dots, hyphens or underscores, 1 to ${MOST_PARTITIONS} partitions, and retention from 0 up.`,
  });
}

/** Throws LOG_TOPIC_MISSING. */
export function topicOf(store: Store, name: string): TopicRecord {
  const topic = store.topics.get(name);
  if (topic !== undefined) return topic;
  throw new WeirError('LOG_TOPIC_MISSING', `There is no topic '${name}'.`, { remedy: 'Create it first, or check the name.' });
}

/** Throws LOG_PARTITION_MISSING. */
export function requirePartition(topic: string, partition: number, partitions: number): void {
  if (Number.isInteger(partition) && partition >= 0 && partition < partitions) return;
  throw new WeirError('LOG_PARTITION_MISSING', `Topic '${topic}' has partitions 0 to ${partitions - 1}, not ${partition}.`, { remedy: 'Use one that it has.' });
}
