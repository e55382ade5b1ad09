import { describeProducersV0 } from '@platformatic/kafka';
import type { WeirError } from '@weir/model';
import type { Cluster } from './cluster.ts';
import { call } from './wire/control-channel.ts';
import { brokerError } from './wire/errors.ts';
import type { ProducerIdentity } from './wire/produce.ts';
import type { Place } from './wire/txn-markers.ts';

/** A partition in which a transaction has no end. */
export interface OpenEnd extends Place {
  readonly producer: ProducerIdentity;
  readonly coordinatorEpoch: number;
  /** Of its first record. */
  readonly startOffset: bigint;
}

/** A partition that cannot be looked at now. */
export interface Unseen extends Place {
  readonly why: WeirError;
}

const NO_RIGHT = 29;

/** Which transactions of producers are open in partitions that a broker leads. Passes over those that the user may not read. */
export async function openEnds(cluster: Cluster, node: number, places: readonly Place[], producers: ReadonlySet<bigint>): Promise<{ readonly open: readonly OpenEnd[]; readonly unseen: readonly Unseen[] }> {
  const partitions = new Map<string, number[]>();
  for (const { topic, partition } of places) {
    const ofTopic = partitions.get(topic) ?? [];
    partitions.set(topic, ofTopic);
    ofTopic.push(partition);
  }
  const asked = [...partitions].map(([name, partitionIndexes]) => ({ name, partitionIndexes }));
  const { topics } = await call(await cluster.control(node), describeProducersV0.api, [asked] as never, 'looking for open transactions', cluster.requestMilliseconds, { partly: true });
  const open: OpenEnd[] = [];
  const unseen: Unseen[] = [];
  for (const { name: topic, partitions: found } of topics) {
    for (const { partitionIndex: partition, errorCode, activeProducers } of found) {
      if (errorCode === NO_RIGHT) continue;
      if (errorCode !== 0) {
        const why = brokerError(errorCode, `looking for open transactions in ${topic}/${partition}`);
        if (!why.retryable) throw why;
        unseen.push({ topic, partition, why });
        continue;
      }
      for (const { producerId: id, producerEpoch: epoch, coordinatorEpoch, currentTxnStartOffset: startOffset } of activeProducers) {
        // Negative where it has none; the coordinator's epoch is where no marker of it was ever written.
        if (startOffset >= 0n && producers.has(id)) open.push({ topic, partition, producer: { id, epoch }, coordinatorEpoch: Math.max(0, coordinatorEpoch), startOffset });
      }
    }
  }
  return { open, unseen };
}
