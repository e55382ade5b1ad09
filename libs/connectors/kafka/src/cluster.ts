import type { ConnectionOptions as TlsOptions } from 'node:tls';
import { createTopicsV7, metadataV12 } from '@platformatic/kafka';
import { WeirError } from '@weir/model';
import { addressText, parseAddress } from './address.ts';
import type { Address } from './address.ts';
import { checkVersions } from './wire/api-versions.ts';
import { call } from './wire/control-channel.ts';
import { Connection } from './wire/connection.ts';
import { brokerError, connectionError } from './wire/errors.ts';
import { ResponsePool } from './wire/response-pool.ts';
import type { Sasl } from './wire/sasl.ts';
import { withRetries } from './retry.ts';

export interface ClusterOptions {
  /** `host:port`, several to begin from. */
  readonly brokers: readonly string[];
  readonly clientId?: string;
  readonly tls?: TlsOptions;
  readonly sasl?: Sasl;
  /** For one request; default 10 s. */
  readonly requestMilliseconds?: number;
  /** For all attempts of a call together, so that a broker may start again meanwhile; default 120 s. */
  readonly retryMilliseconds?: number;
  /** Told of what was mended by itself and somebody should know, in a sentence; default nobody is. */
  readonly warn?: (message: string) => void;
}

/** Who leads a partition, and since when. */
export interface Leader {
  /** -1 while there is none. */
  readonly node: number;
  readonly epoch: number;
}

/** A topic as the cluster has it. */
export interface TopicMetadata {
  readonly topic: string;
  readonly id: string;
  /** By partition. */
  readonly leaders: readonly Leader[];
}

const DEFAULT_REQUEST_MILLISECONDS = 10_000;
const DEFAULT_RETRY_MILLISECONDS = 120_000;
const UNKNOWN_TOPIC = 3;
const NOBODY = -1;

/** The brokers of a cluster: who leads what, and connections to each. */
export class Cluster {
  readonly requestMilliseconds: number;
  readonly retryMilliseconds: number;
  readonly warn: (message: string) => void;
  readonly #options: ClusterOptions;
  readonly #addresses = new Map<number, Address>();
  readonly #control = new Map<string, Promise<Connection>>();
  /** The address that answered last: asked first, so that one that is silent costs its deadline once and not each time. */
  #answering: string | undefined;
  #closed = false;

  /** Throws KAFKA_ADDRESS. */
  constructor(options: ClusterOptions) {
    for (const address of options.brokers) parseAddress(address);
    if (options.brokers.length === 0) throw new WeirError('KAFKA_ADDRESS', 'No address of a broker was given.', { remedy: 'Write at least one, as host:port.' });
    this.#options = options;
    this.requestMilliseconds = options.requestMilliseconds ?? DEFAULT_REQUEST_MILLISECONDS;
    this.retryMilliseconds = options.retryMilliseconds ?? DEFAULT_RETRY_MILLISECONDS;
    this.warn = options.warn ?? (() => undefined);
  }

  get isClosed(): boolean {
    return this.#closed;
  }

  /** Tries again what may succeed later, within the budget and until the cluster is closed. */
  retrying<T>(attempt: () => Promise<T>, between?: (error: WeirError) => void, milliseconds = this.retryMilliseconds): Promise<T> {
    return withRetries({ milliseconds, isStopped: () => this.#closed }, attempt, between);
  }

  /** What the cluster knows of topics; all of them when none are named. Throws LOG_TOPIC_MISSING. */
  async metadata(topics: readonly string[] | null, milliseconds = this.retryMilliseconds): Promise<readonly TopicMetadata[]> {
    return this.retrying(async () => {
      const connection = await this.anyone();
      const wanted = topics === null ? null : [...topics];
      const response = await call(connection, metadataV12.api, [wanted, false, false] as never, 'looking up topics', this.requestMilliseconds, { partly: true });
      for (const { nodeId, host, port } of response.brokers) this.learn(nodeId, host, port);
      return response.topics.map(({ errorCode, name, topicId, partitions }) => {
        if (errorCode === UNKNOWN_TOPIC) throw missingTopic(name ?? '');
        if (errorCode !== 0) throw brokerError(errorCode, `looking up ${name}`);
        const leaders: Leader[] = [];
        // One without a leader keeps nobody from the others.
        for (const { partitionIndex, errorCode: failed, leaderId, leaderEpoch } of partitions) leaders[partitionIndex] = { node: failed === 0 ? leaderId : NOBODY, epoch: leaderEpoch };
        return { topic: name!, id: topicId.replaceAll('-', ''), leaders };
      });
    }, undefined, milliseconds);
  }

  /** Creates a topic. Throws KAFKA_TOPIC_EXISTS or LOG_TOPIC_INVALID. */
  async createTopic(topic: string, partitions: number, configs: Readonly<Record<string, string>>): Promise<void> {
    await this.retrying(async () => {
      const settings = Object.entries(configs).map(([name, value]) => ({ name, value }));
      const wanted = [{ name: topic, numPartitions: partitions, replicationFactor: -1, assignments: [], configs: settings }];
      await call(await this.anyone(), createTopicsV7.api, [wanted, this.requestMilliseconds, false] as never, `creating ${topic}`, this.requestMilliseconds);
    });
  }

  /** The control connection to some broker. Throws KAFKA_CONNECTION when none answers. */
  async anyone(): Promise<Connection> {
    let failure: unknown;
    const addresses = new Set([...(this.#answering === undefined ? [] : [this.#answering]), ...[...this.#addresses.values()].map(addressText), ...this.#options.brokers]);
    for (const address of addresses) {
      try {
        const connection = await this.#controlAt(address);
        this.#answering = address;
        return connection;
      } catch (error) {
        // Wrong credentials are wrong everywhere; a broker that is away is not.
        if (!(error instanceof WeirError) || !error.retryable) throw error;
        failure = error;
      }
    }
    throw failure;
  }

  /** Where a broker is, as another one says. */
  learn(node: number, host: string, port: number): void {
    this.#addresses.set(node, { host, port });
  }

  /** The control connection to one broker. */
  control(node: number): Promise<Connection> {
    return this.#controlAt(this.#addressOf(node));
  }

  /** A connection of its own to one broker. The caller closes it. */
  dedicated(node: number, pool: ResponsePool): Promise<Connection> {
    return this.#open(this.#addressOf(node), pool);
  }

  /** Closes the control connections; calls that are under way fail. */
  async close(): Promise<void> {
    this.#closed = true;
    for (const opened of await Promise.allSettled(this.#control.values())) if (opened.status === 'fulfilled') opened.value.close();
  }

  #addressOf(node: number): string {
    const address = this.#addresses.get(node);
    if (address === undefined) throw connectionError(`broker ${node}`, 'has no address yet');
    return addressText(address);
  }

  async #controlAt(address: string): Promise<Connection> {
    const known = this.#control.get(address);
    if (known !== undefined) {
      const connection = await known.catch(() => undefined);
      if (connection?.isOpen === true) return connection;
    }
    // Whoever else waits for the broken one finds the new one here.
    const current = this.#control.get(address);
    if (current !== undefined && current !== known) return current;
    const opened = this.#open(address, new ResponsePool()).then(async (connection) => {
      try {
        await checkVersions(connection, this.requestMilliseconds);
      } catch (error) {
        connection.close();
        throw error;
      }
      return connection;
    });
    this.#control.set(address, opened);
    return opened;
  }

  #open(address: string, pool: ResponsePool): Promise<Connection> {
    if (this.#closed) throw connectionError(address, 'is not made, as the client was closed');
    const { clientId = 'weir', tls, sasl } = this.#options;
    return Connection.open({ ...parseAddress(address), clientId, connectMilliseconds: this.requestMilliseconds, ...(tls === undefined ? {} : { tls }), ...(sasl === undefined ? {} : { sasl }) }, pool);
  }
}

export function missingPartition(topic: string, partition: number, partitions: number): WeirError {
  return new WeirError('LOG_PARTITION_MISSING', `${topic} has no partition ${partition}.`, { remedy: `It has partitions 0 to ${partitions - 1}.` });
}

/** Who leads one of the partitions of a topic. Throws KAFKA_UNAVAILABLE when nobody does. */
export function leaderOf({ topic, leaders }: TopicMetadata, partition: number): Leader {
  const leader = leaders[partition];
  if (leader !== undefined && leader.node >= 0) return leader;
  throw new WeirError('KAFKA_UNAVAILABLE', `Nobody leads ${topic}/${partition}.`, { remedy: 'Wait until a leader is chosen; check the brokers.', retryable: true });
}

export function missingTopic(topic: string): WeirError {
  return new WeirError('LOG_TOPIC_MISSING', `There is no topic '${topic}'.`, { remedy: 'Create it, or correct its name.' });
}
