import { addOffsetsToTxnV3, addPartitionsToTxnV3, endTxnV3, findCoordinatorV4, initProducerIdV4, offsetFetchV9, txnOffsetCommitV3 } from '@platformatic/kafka';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Append } from '@weir/connector-api';
import { WeirError, invariant } from '@weir/model';
import type { Cluster, TopicMetadata } from './cluster.ts';
import { missingPartition, missingTopic } from './cluster.ts';
import { stableOffset } from './stable-offset.ts';
import { call } from './wire/control-channel.ts';
import type { Connection } from './wire/connection.ts';
import { brokerError } from './wire/errors.ts';
import { PRODUCE, readProduced, transactionalBatch, writeProduce } from './wire/produce.ts';
import type { ProducerIdentity } from './wire/produce.ts';
import { RequestWriter } from './wire/request-writer.ts';
import { ResponsePool } from './wire/response-pool.ts';

/** Offsets that are committed with a transaction, as those of a consumer group (KIP-447). */
export interface GroupOffset {
  readonly group: string;
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  readonly metadata: string;
}

const TRANSACTION = 1;
const GROUP = 0;
const NO_PRODUCER = -1n;
const NO_EPOCH = -1;
const NO_GENERATION = -1;
/** Kafka takes requests of one producer in order while at most five are in flight (KIP-98). */
const IN_FLIGHT = 5;
const MOST_SEQUENCE = 2 ** 31;
const MOST_PAUSE = 50;

/**
 * A producer that writes transactions under one transactional id. Who initialises the same id later fences this one. After any
 * outcome that is not clear it must be discarded: a new one of the same id aborts what may be open.
 */
export class TransactionalProducer {
  readonly #cluster: Cluster;
  readonly #id: string;
  readonly #identity: ProducerIdentity;
  readonly #sequences = new Map<string, number>();
  readonly #connections = new Map<number, Connection>();
  readonly #pool = new ResponsePool();
  readonly #writer = new RequestWriter();

  private constructor(cluster: Cluster, id: string, identity: ProducerIdentity) {
    this.#cluster = cluster;
    this.#id = id;
    this.#identity = identity;
  }

  /** Initialises the id: aborts its open transaction, and fences whoever had it before. */
  static async open(cluster: Cluster, id: string, transactionMilliseconds: number): Promise<TransactionalProducer> {
    const { producerId, producerEpoch } = await cluster.retrying(async () => {
      const coordinator = await coordinatorOf(cluster, TRANSACTION, id);
      return call(coordinator, initProducerIdV4.api, [id, transactionMilliseconds, NO_PRODUCER, NO_EPOCH] as never, `initialising the writer ${id}`, cluster.requestMilliseconds);
    });
    return new TransactionalProducer(cluster, id, { id: producerId, epoch: producerEpoch });
  }

  /**
   * Writes batches and offsets as one transaction; both are there, or neither. Answers the base offset of each batch. Throws
   * LOG_WRITER_FENCED, LOG_TOPIC_MISSING, LOG_PARTITION_MISSING, LOG_RECORD_TOO_LARGE; after any error this producer is done.
   */
  async commit(appends: readonly Append[], offsets: readonly GroupOffset[]): Promise<readonly number[]> {
    const topics = await this.#topicsOf(appends);
    await this.#addPartitions(appends);
    for (const group of new Set(offsets.map((each) => each.group))) await this.#commitOffsets(group, offsets.filter((each) => each.group === group));
    const bases = await this.#produceAll(appends, topics);
    await this.#end();
    await this.#visible(appends, bases, topics);
    return bases;
  }

  close(): void {
    for (const connection of this.#connections.values()) connection.close();
    this.#connections.clear();
  }

  async #topicsOf(appends: readonly Append[]): Promise<ReadonlyMap<string, TopicMetadata>> {
    const names = [...new Set(appends.map(({ topic }) => topic))];
    const topics = new Map((await this.#cluster.metadata(names)).map((each) => [each.topic, each]));
    for (const { topic, partition } of appends) {
      const found = topics.get(topic);
      if (found === undefined) throw missingTopic(topic);
      if (found.leaders[partition] === undefined) throw missingPartition(topic, partition, found.leaders.length);
    }
    return topics;
  }

  /**
   * Produces nothing before every partition is in the transaction: while the markers of the one before are being written, the broker
   * answers CONCURRENT_TRANSACTIONS, and what were produced all the same would be committed by those.
   */
  async #addPartitions(appends: readonly Append[]): Promise<void> {
    const byTopic = new Map<string, Set<number>>();
    for (const { topic, partition } of appends) byTopic.set(topic, (byTopic.get(topic) ?? new Set()).add(partition));
    const topics = [...byTopic].map(([name, partitions]) => ({ name, partitions: [...partitions] }));
    await this.#cluster.retrying(async () => {
      const { id, epoch } = this.#identity;
      await call(await this.#coordinator(), addPartitionsToTxnV3.api, [[{ transactionalId: this.#id, producerId: id, producerEpoch: epoch, verifyOnly: false, topics }]] as never, `beginning a transaction of ${this.#id}`, this.#cluster.requestMilliseconds);
    });
  }

  async #commitOffsets(group: string, offsets: readonly GroupOffset[]): Promise<void> {
    const { id, epoch } = this.#identity;
    const doing = `committing offsets of ${group}`;
    const milliseconds = this.#cluster.requestMilliseconds;
    await this.#cluster.retrying(async () => void (await call(await this.#coordinator(), addOffsetsToTxnV3.api, [this.#id, id, epoch, group] as never, doing, milliseconds)));
    const topics = [...new Set(offsets.map(({ topic }) => topic))].map((name) => ({
      name,
      partitions: offsets
        .filter(({ topic }) => topic === name)
        .map(({ partition, offset, metadata }) => ({ partitionIndex: partition, committedOffset: BigInt(offset), committedLeaderEpoch: -1, committedMetadata: metadata })),
    }));
    await this.#cluster.retrying(async () => {
      const coordinator = await coordinatorOf(this.#cluster, GROUP, group);
      await call(coordinator, txnOffsetCommitV3.api, [this.#id, group, id, epoch, NO_GENERATION, '', null, topics] as never, doing, milliseconds);
    });
  }

  /** All batches, in order for each partition; at most five requests in flight on a connection. */
  async #produceAll(appends: readonly Append[], topics: ReadonlyMap<string, TopicMetadata>): Promise<readonly number[]> {
    const bases: number[] = new Array<number>(appends.length).fill(-1);
    const inFlight: Promise<void>[] = [];
    for (const [index, append] of appends.entries()) {
      if (inFlight.length >= IN_FLIGHT) await inFlight.shift();
      const { node } = topics.get(append.topic)!.leaders[append.partition]!;
      const connection = await this.#connection(node);
      const produced = this.#produce(connection, append).then((base) => void (bases[index] = base));
      // Awaited below; a failure meanwhile must not count as unhandled.
      produced.catch(() => undefined);
      inFlight.push(produced);
    }
    await Promise.all(inFlight);
    return bases;
  }

  async #produce(connection: Connection, { topic, partition, batch }: Append): Promise<number> {
    const place = `${topic}/${partition}`;
    const sequence = this.#sequences.get(place) ?? 0;
    const outgoing = transactionalBatch(batch, this.#identity, sequence);
    this.#sequences.set(place, (sequence + outgoing.count) % MOST_SEQUENCE);
    const milliseconds = this.#cluster.requestMilliseconds;
    const response = await connection.request(PRODUCE, writeProduce(this.#writer, this.#id, topic, partition, outgoing, milliseconds), milliseconds);
    try {
      const { error, baseOffset } = readProduced(response.bytes);
      if (error !== 0) throw brokerError(error, `writing to ${place}`);
      return baseOffset;
    } finally {
      response.release();
    }
  }

  async #end(): Promise<void> {
    const { id, epoch } = this.#identity;
    try {
      await this.#cluster.retrying(async () => {
        await call(await this.#coordinator(), endTxnV3.api, [this.#id, id, epoch, true] as never, `committing a transaction of ${this.#id}`, this.#cluster.requestMilliseconds);
      });
    } catch (error) {
      if (error instanceof WeirError && error.retryable) throw new UnclearCommit(error);
      throw error;
    }
  }

  /** EndTxn is answered before the markers are written, and readers of committed records see nothing before those: waits for them. */
  async #visible(appends: readonly Append[], bases: readonly number[], topics: ReadonlyMap<string, TopicMetadata>): Promise<void> {
    const last = new Map<string, { readonly append: Append; readonly base: number }>();
    appends.forEach((append, index) => last.set(`${append.topic}/${append.partition}`, { append, base: bases[index]! }));
    for (const { append, base } of last.values()) {
      const deadline = Date.now() + this.#cluster.requestMilliseconds;
      for (let pause = 1; (await stableOffset(this.#cluster, topics.get(append.topic)!, append.partition)) <= base && Date.now() < deadline; pause = Math.min(MOST_PAUSE, pause * 2)) await sleep(pause);
    }
  }

  #coordinator(): Promise<Connection> {
    return coordinatorOf(this.#cluster, TRANSACTION, this.#id);
  }

  async #connection(node: number): Promise<Connection> {
    let connection = this.#connections.get(node);
    if (connection?.isOpen !== true) {
      connection = await this.#cluster.dedicated(node, this.#pool);
      this.#connections.set(node, connection);
    }
    return connection;
  }
}

/** A commit of which nobody knows whether it took place. */
export class UnclearCommit extends WeirError {
  constructor(cause: WeirError) {
    super('KAFKA_UNAVAILABLE', 'The coordinator did not answer whether a transaction was committed.', { remedy: cause.remedy, retryable: true, cause });
  }
}

/** The committed offset of a group, and what was said with it; undefined when there is none. Waits for transactions that are being ended. */
export async function committedOffset(cluster: Cluster, group: string, topic: string, partition: number): Promise<{ readonly offset: number; readonly metadata: string } | undefined> {
  return cluster.retrying(async () => {
    const coordinator = await coordinatorOf(cluster, GROUP, group);
    const wanted = [{ groupId: group, memberId: null, memberEpoch: -1, topics: [{ name: topic, partitionIndexes: [partition] }] }];
    const { groups } = await call(coordinator, offsetFetchV9.api, [wanted, true] as never, `asking for the offsets of ${group}`, cluster.requestMilliseconds);
    const found = groups[0]?.topics[0]?.partitions[0];
    invariant(found === undefined || found.errorCode === 0, 'errors are thrown');
    return found === undefined || found.committedOffset < 0n ? undefined : { offset: Number(found.committedOffset), metadata: found.metadata ?? '' };
  });
}

async function coordinatorOf(cluster: Cluster, type: typeof TRANSACTION | typeof GROUP, key: string): Promise<Connection> {
  const { coordinators } = await call(await cluster.anyone(), findCoordinatorV4.api, [type, [key]] as never, `looking for the coordinator of ${key}`, cluster.requestMilliseconds);
  const { nodeId, errorCode } = coordinators[0]!;
  if (errorCode !== 0) throw brokerError(errorCode, `looking for the coordinator of ${key}`);
  return cluster.control(nodeId);
}
