import { randomUUID } from 'node:crypto';
import type { Log, LogReader, LogWriter, TopicSettings } from '@weir/connector-api';
import { WeirError } from '@weir/model';
import { Cluster, missingTopic } from './cluster.ts';
import type { ClusterOptions, TopicMetadata } from './cluster.ts';
import type { Compression } from './compression.ts';
import { KafkaReader } from './kafka-reader.ts';
import type { ReaderOptions } from './kafka-reader.ts';
import { KafkaWriter } from './kafka-writer.ts';
import { stableOffset } from './stable-offset.ts';

export interface KafkaLogOptions extends ClusterOptions, ReaderOptions {
  /** How long a broker may take to answer for the first time, all attempts together; default 30 s. */
  readonly openMilliseconds?: number;
  /** How long the broker keeps a transaction open that its writer has left; default 60 s, at most the broker's `transaction.max.timeout.ms`. */
  readonly transactionMilliseconds?: number;
  /** Compress what is written; default not, unless the topic's `compression.type` says so. What is read may always be compressed. */
  readonly compression?: Compression;
}

const DEFAULT_OPEN_MILLISECONDS = 30_000;

/**
 * Opens a Kafka cluster as a log. Connects, so that a wrong address, refused TLS or bad credentials are told here: KAFKA_CONNECTION,
 * KAFKA_CREDENTIALS, KAFKA_BROKER_TOO_OLD or KAFKA_ADDRESS.
 */
export async function openKafkaLog(options: KafkaLogOptions): Promise<Log> {
  const cluster = new Cluster(options);
  try {
    await cluster.metadata([], Math.min(options.openMilliseconds ?? DEFAULT_OPEN_MILLISECONDS, cluster.retryMilliseconds));
  } catch (error) {
    await cluster.close();
    throw error;
  }
  return new KafkaLog(cluster, options);
}

class KafkaLog implements Log {
  readonly #cluster: Cluster;
  readonly #options: KafkaLogOptions;
  readonly #open = new Set<LogReader | LogWriter>();

  constructor(cluster: Cluster, options: KafkaLogOptions) {
    this.#cluster = cluster;
    this.#options = options;
  }

  async ensureTopic(topic: string, { partitions, retentionBytes, retentionMilliseconds }: TopicSettings): Promise<void> {
    if (!Number.isInteger(partitions) || partitions < 1 || !/^[a-zA-Z0-9._-]{1,249}$/.test(topic) || topic === '.' || topic === '..') {
      throw new WeirError('LOG_TOPIC_INVALID', `There can be no topic '${topic}' of ${partitions} partitions.`, { remedy: 'Use letters, digits, dots, underscores and dashes, and at least one partition.' });
    }
    try {
      await this.#cluster.createTopic(topic, partitions, {
        ...(retentionBytes === undefined ? {} : { 'retention.bytes': String(retentionBytes) }),
        'retention.ms': String(retentionMilliseconds ?? -1),
      });
    } catch (error) {
      if (!(error instanceof WeirError) || error.code !== 'KAFKA_TOPIC_EXISTS') throw error;
    }
    const present = await this.#usable(topic);
    if (present.leaders.length === partitions) return;
    throw new WeirError('LOG_PARTITION_MISMATCH', `${topic} has ${present.leaders.length} partitions, not ${partitions}.`, { remedy: 'Ask for as many as it has, or use another topic.' });
  }

  async topics(): Promise<readonly { readonly topic: string; readonly partitions: number }[]> {
    const all = await this.#cluster.metadata(null);
    return all.filter(({ topic }) => !topic.startsWith('__')).map(({ topic, leaders }) => ({ topic, partitions: leaders.length }));
  }

  async reader(topic: string): Promise<LogReader> {
    const reader = new KafkaReader(this.#cluster, await this.#metadataOf(topic), this.#options, (closed) => this.#open.delete(closed));
    this.#open.add(reader);
    return reader;
  }

  async writer(): Promise<LogWriter> {
    const { transactionMilliseconds, compression } = this.#options;
    const writer = new KafkaWriter(this.#cluster, { name: `writer-${randomUUID()}`, transactionMilliseconds, compression }, (closed) => this.#open.delete(closed));
    this.#open.add(writer);
    return writer;
  }

  async close(): Promise<void> {
    // Each takes itself out.
    for (const each of [...this.#open]) await each.close();
    await this.#cluster.close();
  }

  /** A topic that is there, or was just created: waits until the brokers know it, each leader included. */
  async #usable(topic: string): Promise<TopicMetadata> {
    return this.#cluster.retrying(async () => {
      const metadata = await this.#metadataOf(topic).catch((error: unknown) => {
        if (!(error instanceof WeirError) || error.code !== 'LOG_TOPIC_MISSING') throw error;
        throw new WeirError('KAFKA_UNAVAILABLE', `The brokers do not know ${topic} yet.`, { remedy: 'Ask again.', retryable: true, cause: error });
      });
      await Promise.all(metadata.leaders.map((_, partition) => stableOffset(this.#cluster, metadata, partition)));
      return metadata;
    });
  }

  /** Waits until every partition has a leader. */
  async #metadataOf(topic: string): Promise<TopicMetadata> {
    return this.#cluster.retrying(async () => {
      const [metadata] = await this.#cluster.metadata([topic]);
      if (metadata === undefined) throw missingTopic(topic);
      if (metadata.leaders.length > 0 && metadata.leaders.every(({ node }) => node >= 0)) return metadata;
      throw new WeirError('KAFKA_UNAVAILABLE', `A partition of ${topic} has no leader.`, { remedy: 'Wait until one is chosen; check the brokers.', retryable: true });
    });
  }
}
