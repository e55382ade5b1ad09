import { leaderOf, missingPartition, missingTopic } from './cluster.ts';
import type { Cluster, Leader, TopicMetadata } from './cluster.ts';

/** Topics as they were when they were last asked for: who writes often need not ask each time. */
export class KnownTopics {
  readonly #cluster: Cluster;
  readonly #topics = new Map<string, TopicMetadata>();

  constructor(cluster: Cluster) {
    this.#cluster = cluster;
  }

  /** Makes sure that partitions are known, with their leaders. Throws LOG_TOPIC_MISSING or LOG_PARTITION_MISSING. */
  async know(places: readonly { readonly topic: string; readonly partition: number }[]): Promise<void> {
    const unknown = places.filter(({ topic, partition }) => this.#topics.get(topic)?.leaders[partition] === undefined);
    if (unknown.length === 0) return;
    for (const metadata of await this.#cluster.metadata([...new Set(unknown.map(({ topic }) => topic))])) this.#topics.set(metadata.topic, metadata);
    for (const { topic, partition } of unknown) {
      const found = this.#topics.get(topic);
      if (found === undefined) throw missingTopic(topic);
      if (found.leaders[partition] === undefined) throw missingPartition(topic, partition, found.leaders.length);
    }
  }

  /** Who leads a partition that is known. Throws KAFKA_UNAVAILABLE when nobody does. */
  leader(topic: string, partition: number): Leader {
    return leaderOf(this.#topics.get(topic)!, partition);
  }

  /** Asks for all of them anew, as after a failure. */
  forget(): void {
    this.#topics.clear();
  }
}
