import { addOffsetsToTxnV3, offsetFetchV8, txnOffsetCommitV3 } from '@platformatic/kafka';
import type { CommittedOffset } from '@weir/connector-api';
import { WeirError } from '@weir/model';
import type { Cluster } from './cluster.ts';
import type { Coordinators } from './coordinators.ts';
import { FIND_AND_ABORT } from './ending-by-hand.ts';
import { call } from './wire/control-channel.ts';
import type { ProducerIdentity } from './wire/produce.ts';

/** Offsets that are committed with a transaction, as those of a consumer group (KIP-447). */
export interface GroupOffset {
  readonly group: string;
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  readonly metadata: string;
}

const NO_GENERATION = -1;

/** Makes offsets part of the transaction that is open; they count when it is committed. */
export async function addOffsets(cluster: Cluster, coordinators: Coordinators, transactionalId: string, { id, epoch }: ProducerIdentity, offsets: readonly GroupOffset[]): Promise<void> {
  const milliseconds = cluster.requestMilliseconds;
  for (const [group, ofGroup] of groupedBy(offsets, ({ group: name }) => name)) {
    const doing = `committing offsets of ${group}`;
    await coordinators.asking('transaction', transactionalId, (coordinator) => call(coordinator, addOffsetsToTxnV3.api, [transactionalId, id, epoch, group] as never, doing, milliseconds));
    const topics = [...groupedBy(ofGroup, ({ topic }) => topic)].map(([name, ofTopic]) => ({
      name,
      partitions: ofTopic.map(({ partition, offset, metadata }) => ({ partitionIndex: partition, committedOffset: BigInt(offset), committedLeaderEpoch: -1, committedMetadata: metadata })),
    }));
    await coordinators.asking('group', group, (coordinator) =>
      call(coordinator, txnOffsetCommitV3.api, [transactionalId, group, id, epoch, NO_GENERATION, '', null, topics] as never, doing, milliseconds),
    );
  }
}

/**
 * The committed offset of a group, and what was said with it; undefined when there is none. Waits for transactions that are being ended;
 * throws LOG_OFFSETS_UNSTABLE when one is not.
 */
export async function committedOffset(cluster: Cluster, coordinators: Coordinators, group: string, topic: string, partition: number): Promise<CommittedOffset | undefined> {
  const start = performance.now();
  const ask = async (): Promise<CommittedOffset | undefined> => {
    const coordinator = await coordinators.of('group', group);
    const wanted = [{ groupId: group, topics: [{ name: topic, partitionIndexes: [partition] }] }];
    const { groups } = await call(coordinator, offsetFetchV8.api, [wanted, true] as never, `asking for the offsets of ${group}`, cluster.requestMilliseconds);
    const found = groups[0]?.topics[0]?.partitions[0];
    return found === undefined || found.committedOffset < 0n ? undefined : { offset: Number(found.committedOffset), metadata: found.metadata ?? '' };
  };
  try {
    return await cluster.retrying(ask, () => coordinators.forget());
  } catch (error) {
    throw error instanceof WeirError && error.code === 'LOG_OFFSETS_UNSTABLE' ? unstable(`The offset of ${group} for ${topic}/${partition}`, performance.now() - start, error) : error;
  }
}

/** Says how long that took, and what can be done: a transaction ends with its time-out at the latest, unless the broker has lost its end. */
function unstable(what: string, milliseconds: number, cause: WeirError): WeirError {
  return new WeirError('LOG_OFFSETS_UNSTABLE', `${what} is held by an open transaction, for ${(milliseconds / 1_000).toFixed(1)} s now.`, {
    remedy: FIND_AND_ABORT,
    retryable: true,
    cause,
  });
}

function groupedBy<T>(items: readonly T[], key: (item: T) => string): ReadonlyMap<string, readonly T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const group = groups.get(key(item)) ?? [];
    groups.set(key(item), group);
    group.push(item);
  }
  return groups;
}
