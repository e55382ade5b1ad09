import { listOffsetsV7, offsetForLeaderEpochV4 } from '@platformatic/kafka';
import { leaderOf } from './cluster.ts';
import type { Cluster, TopicMetadata } from './cluster.ts';
import { call } from './wire/control-channel.ts';

/** The first offset of a partition, and the one behind the last that is committed. */
export const EARLIEST = -2n;
const LATEST = -1n;
const READ_COMMITTED = 1;
const NO_REPLICA = -1;

/** The first offset whose record is at or behind a time; undefined when there is none. EARLIEST asks for the start of the log. */
export async function offsetAt(cluster: Cluster, metadata: TopicMetadata, partition: number, timestamp: bigint): Promise<number | undefined> {
  const { topic } = metadata;
  const { node, epoch } = leaderOf(metadata, partition);
  const wanted = [{ name: topic, partitions: [{ partitionIndex: partition, currentLeaderEpoch: epoch, timestamp }] }];
  const connection = await cluster.control(node);
  const { topics } = await call(connection, listOffsetsV7.api, [NO_REPLICA, READ_COMMITTED, wanted] as never, `asking for offsets of ${topic}/${partition}`, cluster.requestMilliseconds);
  const { offset } = topics[0]!.partitions[0]!;
  return offset < 0n ? undefined : Number(offset);
}

/** The last stable offset: the end of the log to a reader of committed records. */
export async function stableOffset(cluster: Cluster, topic: TopicMetadata, partition: number): Promise<number> {
  return (await offsetAt(cluster, topic, partition, LATEST))!;
}

/** The offset behind the last record that the log has of leaders up to this epoch; undefined when it knows of no such leader. */
export async function endOfEpoch(cluster: Cluster, metadata: TopicMetadata, partition: number, leaderEpoch: number): Promise<number | undefined> {
  const { topic } = metadata;
  const { node, epoch } = leaderOf(metadata, partition);
  const wanted = [{ name: topic, partitions: [{ partitionIndex: partition, currentLeaderEpoch: epoch, leaderEpoch }] }];
  const connection = await cluster.control(node);
  const { topics } = await call(connection, offsetForLeaderEpochV4.api, [NO_REPLICA, wanted] as never, `asking for the leaders of ${topic}/${partition}`, cluster.requestMilliseconds);
  const { endOffset } = topics[0]!.partitions[0]!;
  return endOffset < 0n ? undefined : Number(endOffset);
}
