import { WeirError } from '@weir/model';
import { leaderOf, missingPartition } from './cluster.ts';
import type { Cluster, TopicMetadata } from './cluster.ts';
import { writeMissingMarkers } from './missing-markers.ts';
import type { Successor } from './missing-markers.ts';
import { OFFSETS_TOPIC, partitionOfGroup } from './offsets-topic.ts';
import { openEnds } from './open-ends.ts';
import type { Unseen } from './open-ends.ts';
import type { Place } from './wire/txn-markers.ts';

/** A marker that was acknowledged is there; what is open all the same after this many is left for later. */
const ROUNDS = 3;
/** How often those partitions are looked at again that nobody leads. */
const AGAIN_MILLISECONDS = 1_000;

/** Where something is written, and whose offsets are committed or read. */
export interface Footprint {
  readonly places: readonly Place[];
  readonly groups: readonly string[];
}

/**
 * What the predecessors of a producer left open although their transaction was ended: a broker that is killed before it has written the
 * markers may lose them (KAFKA-20734). The next marker of the producer would end that, too, one way or the other; so it is given the
 * marker that it lacks before anything else is written there.
 */
export class LostEnds {
  readonly #cluster: Cluster;
  readonly #successor: Successor;
  /** By topic, how many of its partitions were looked at, but those that could not be. */
  readonly #partitions = new Map<string, number>();
  /** By topic and partition: those. */
  readonly #unseen = new Map<string, Unseen>();
  #hasLookedAround = false;
  #lookAgainAt = 0;

  constructor(cluster: Cluster, successor: Successor) {
    this.#cluster = cluster;
    this.#successor = successor;
  }

  /** Whether every partition was looked at that there was, but those that the user may not read. */
  get areSettled(): boolean {
    return this.#hasLookedAround && this.#unseen.size === 0;
  }

  /**
   * Looks at all partitions of the cluster that were not looked at yet, and ends what is open. Those that nobody leads, or whose leader does
   * not answer, keep nobody from the others. Throws KAFKA_END_LOST, KAFKA_NOT_AUTHORIZED, LOG_WRITER_FENCED.
   */
  async lookAround(): Promise<void> {
    try {
      const topics = await this.#cluster.metadata(null);
      const present = new Set(topics.map(({ topic }) => topic));
      for (const [key, { topic }] of this.#unseen) if (!present.has(topic)) this.#unseen.delete(key);
      await this.#mend(topics);
      this.#hasLookedAround = true;
    } catch (error) {
      if (!(error instanceof WeirError) || !error.retryable) throw error;
    }
    this.#lookAgainAt = performance.now() + AGAIN_MILLISECONDS;
  }

  /**
   * Makes sure that nothing is open where something is to be written, or offsets are to be read; waits for partitions that nobody leads.
   * Asks nobody when all were looked at. Throws as `lookAround` does; also KAFKA_UNAVAILABLE, KAFKA_CONNECTION, LOG_TOPIC_MISSING, LOG_PARTITION_MISSING.
   */
  async settle({ places, groups }: Footprint): Promise<void> {
    if (!this.areSettled && performance.now() >= this.#lookAgainAt) await this.lookAround();
    const due = [...places, ...this.#placesOf(groups)].filter((place) => this.#isDue(place));
    if (due.length === 0) return;
    await this.#cluster.retrying(async () => {
      const topics = await this.#cluster.metadata([...new Set(due.map(({ topic }) => topic))]);
      await this.#mend(topics);
      for (const { topic, partition } of due) {
        const partitions = this.#partitions.get(topic)!;
        if (partition >= partitions) throw missingPartition(topic, partition, partitions);
        const unseen = this.#unseen.get(`${topic}/${partition}`);
        if (unseen !== undefined) throw unseen.why;
      }
    });
  }

  /** None where there is no topic of offsets yet, or none that the user may see. */
  #placesOf(groups: readonly string[]): readonly Place[] {
    const partitions = this.#partitions.get(OFFSETS_TOPIC);
    return partitions === undefined ? [] : groups.map((group) => ({ topic: OFFSETS_TOPIC, partition: partitionOfGroup(group, partitions) }));
  }

  #isDue({ topic, partition }: Place): boolean {
    return partition >= (this.#partitions.get(topic) ?? 0) || (this.#unseen.size > 0 && this.#unseen.has(`${topic}/${partition}`));
  }

  /** Looks at those partitions of topics that are due, and ends what is open. */
  async #mend(topics: readonly TopicMetadata[]): Promise<void> {
    const byNode = new Map<number, Place[]>();
    const unseen: Unseen[] = [];
    for (const metadata of topics) {
      for (const partition of metadata.leaders.keys()) {
        const place = { topic: metadata.topic, partition };
        if (!this.#isDue(place)) continue;
        try {
          const { node } = leaderOf(metadata, partition);
          byNode.set(node, [...(byNode.get(node) ?? []), place]);
        } catch (why) {
          unseen.push({ ...place, why: why as WeirError });
        }
      }
    }
    // What cannot be mended at one of them keeps the others from nothing: what is known now, the next producer may not know.
    for (const each of await Promise.allSettled([...byNode].map(([node, places]) => this.#mendAt(node, places)))) {
      if (each.status === 'rejected') throw each.reason as WeirError;
      unseen.push(...each.value);
    }
    for (const { topic, leaders } of topics) {
      for (const partition of leaders.keys()) this.#unseen.delete(`${topic}/${partition}`);
      this.#partitions.set(topic, leaders.length);
    }
    for (const each of unseen) this.#unseen.set(`${each.topic}/${each.partition}`, each);
  }

  /** Answers which of them could not be looked at now. */
  async #mendAt(node: number, places: readonly Place[]): Promise<readonly Unseen[]> {
    const { identity, predecessor } = this.#successor;
    try {
      const found: Unseen[] = [];
      let due = places;
      for (let round = 0; round < ROUNDS && due.length > 0; round++) {
        const { open, unseen } = await openEnds(this.#cluster, node, due, new Set([...predecessor.producers, identity.id]));
        found.push(...unseen);
        if (open.length > 0) await writeMissingMarkers(this.#cluster, node, this.#successor, open);
        due = open;
      }
      return [...found, ...due.map(stillOpen)];
    } catch (error) {
      if (!(error instanceof WeirError) || !error.retryable) throw error;
      return places.map((place) => ({ ...place, why: error }));
    }
  }
}

function stillOpen({ topic, partition }: Place): Unseen {
  const why = new WeirError('KAFKA_UNAVAILABLE', `A transaction in ${topic}/${partition} is open, though it was given its end.`, { remedy: 'Ask again; check the brokers.', retryable: true });
  return { topic, partition, why };
}
