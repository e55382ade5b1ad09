import { addPartitionsToTxnV3, endTxnV3, initProducerIdV4 } from '@platformatic/kafka';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Append } from '@weir/connector-api';
import { WeirError } from '@weir/model';
import type { Cluster } from './cluster.ts';
import type { Compression } from './compression.ts';
import type { Coordinators } from './coordinators.ts';
import { addOffsets } from './group-offsets.ts';
import type { GroupOffset } from './group-offsets.ts';
import type { KnownTopics } from './known-topics.ts';
import { LostEnds } from './lost-ends.ts';
import type { Footprint } from './lost-ends.ts';
import { isAnswer, withRetries } from './retry.ts';
import { PredecessorOutcome, transactionState } from './transaction-outcome.ts';
import type { Outcome } from './transaction-outcome.ts';
import { call } from './wire/control-channel.ts';
import type { Connection } from './wire/connection.ts';
import { brokerError } from './wire/errors.ts';
import { PRODUCE, compressedRecords, readProduced, transactionalBatch, writeProduce } from './wire/produce.ts';
import type { OutgoingBatch, ProducerIdentity } from './wire/produce.ts';
import { RequestWriter } from './wire/request-writer.ts';
import { ResponsePool } from './wire/response-pool.ts';

export interface ProducerOptions {
  /** The transactional id: whoever initialises it later fences this producer. */
  readonly id: string;
  /** How long the broker keeps a transaction open that its producer has left. */
  readonly transactionMilliseconds: number;
  /** The identity that the id had when it was last used here: if another one has taken it over since, LOG_WRITER_FENCED (KIP-360). */
  readonly previous?: ProducerIdentity | undefined;
  /** Wait for the markers of a transaction before it is answered, so that readers of committed records see it by then, and none is lost unnoticed; default true. */
  readonly awaitsMarkers?: boolean;
  /** Compress batches that are not compressed yet; default none. */
  readonly compression?: Compression | undefined;
}

const NO_PRODUCER: ProducerIdentity = { id: -1n, epoch: -1 };
/** Kafka takes requests of one producer in order while at most five are in flight (KIP-98). */
const IN_FLIGHT = 5;
const MOST_SEQUENCE = 2 ** 31;
const MOST_PAUSE = 50;
/** Codes of a commit that tell what became of the transaction: not committed by this producer, and nor will it be. */
const OUTCOMES: ReadonlySet<string> = new Set(['LOG_WRITER_FENCED', 'KAFKA_TRANSACTION_ABORTED']);

interface Prepared extends OutgoingBatch {
  readonly topic: string;
  readonly partition: number;
}

/**
 * A producer that writes transactions under one transactional id. Within a transaction nothing is asked twice when a connection has
 * broken: an old request that arrives late would count for the transaction that is open by then. Instead the producer is spent, and a
 * new one of the same id, with a higher epoch, finds the transaction ended or aborts it.
 */
export class TransactionalProducer {
  readonly identity: ProducerIdentity;
  readonly #cluster: Cluster;
  readonly #coordinators: Coordinators;
  readonly #topics: KnownTopics;
  readonly #id: string;
  readonly #awaitsMarkers: boolean;
  readonly #compression: Compression | undefined;
  readonly #predecessor: PredecessorOutcome;
  readonly #ends: LostEnds;
  readonly #sequences = new Map<string, number>();
  readonly #connections = new Map<number, Connection>();
  readonly #pool = new ResponsePool();
  readonly #writer = new RequestWriter();
  #isSpent = false;

  private constructor(cluster: Cluster, coordinators: Coordinators, topics: KnownTopics, { id, awaitsMarkers = true, compression }: ProducerOptions, identity: ProducerIdentity, predecessor: PredecessorOutcome) {
    this.#cluster = cluster;
    this.#coordinators = coordinators;
    this.#topics = topics;
    this.#id = id;
    this.#awaitsMarkers = awaitsMarkers;
    this.#compression = compression;
    this.identity = identity;
    this.#predecessor = predecessor;
    this.#ends = new LostEnds(cluster, { transactionalId: id, identity, predecessor });
  }

  /**
   * Initialises the id: aborts its open transaction, fences whoever had it before, and ends what the brokers have lost the end of. Throws
   * LOG_WRITER_FENCED, KAFKA_END_LOST, KAFKA_NOT_AUTHORIZED.
   */
  static async open(cluster: Cluster, coordinators: Coordinators, topics: KnownTopics, options: ProducerOptions): Promise<TransactionalProducer> {
    const { id, transactionMilliseconds, previous = NO_PRODUCER } = options;
    const predecessor = new PredecessorOutcome();
    const { producerId, producerEpoch } = await cluster.retrying(
      async () => {
        const coordinator = await coordinators.of('transaction', id);
        // Over the same connection: a coordinator that was killed in between answers neither.
        predecessor.learn(await transactionState(coordinator, id, cluster.requestMilliseconds));
        return call(coordinator, initProducerIdV4.api, [id, transactionMilliseconds, previous.id, previous.epoch] as never, `initialising the writer ${id}`, cluster.requestMilliseconds);
      },
      () => coordinators.forget(),
    );
    const producer = new TransactionalProducer(cluster, coordinators, topics, options, { id: producerId, epoch: producerEpoch }, predecessor);
    await producer.#ends.lookAround();
    return producer;
  }

  /** True when it must not be used again. */
  get isSpent(): boolean {
    return this.#isSpent;
  }

  /** How the last transaction of a producer ended that had the id before; undefined when nobody knows. */
  outcomeOf(predecessor: ProducerIdentity): Outcome | undefined {
    return this.#predecessor.of(predecessor);
  }

  /** Makes sure that no predecessor has left anything open there; to be called before anything is written or looked up. Throws as `LostEnds.settle` does. */
  settle(footprint: Footprint): Promise<void> {
    return this.#ends.settle(footprint);
  }

  /**
   * Writes batches and offsets as one transaction; both are there, or neither. Answers the base offset of each batch; when the producer is
   * spent then, the end of the transaction may be missing until the successor has settled it. Throws
   * LOG_WRITER_FENCED, LOG_TOPIC_MISSING, LOG_PARTITION_MISSING, LOG_RECORD_TOO_LARGE, RECORD_BATCH_CORRUPT; UnclearCommit when nobody
   * knows.
   */
  async commit(appends: readonly Append[], offsets: readonly GroupOffset[]): Promise<readonly number[]> {
    await this.#topics.know([...appends, ...offsets]);
    const prepared = await this.#prepare(appends);
    this.#isSpent = true;
    let bases: readonly number[];
    try {
      if (prepared.length > 0) await this.#addPartitions(prepared);
      await addOffsets(this.#cluster, this.#coordinators, this.#id, this.identity, offsets);
      bases = await this.#produceAll(prepared);
    } catch (error) {
      // When a connection broke, the broker may still be given what was on its way: then the successor aborts, whose higher epoch fences that.
      // So it does while something of a predecessor may be open somewhere: an abort of that epoch would be taken for its end.
      if (isAnswer(error) && this.#ends.areSettled) await this.#abort();
      throw error;
    }
    const coordinator = await this.#end();
    this.#isSpent = coordinator === undefined || (this.#awaitsMarkers && !(await this.#markersWritten(coordinator)));
    return bases;
  }

  close(): void {
    for (const connection of this.#connections.values()) connection.close();
    this.#connections.clear();
  }

  /** Gives the batches their places in the producer's sequence, once all of them are found to be whole. */
  async #prepare(appends: readonly Append[]): Promise<readonly Prepared[]> {
    const compression = this.#compression;
    const squeezed = compression === undefined ? [] : await Promise.all(appends.map(({ batch }) => compressedRecords(batch, compression)));
    const sequences = new Map<string, number>();
    const prepared = appends.map(({ topic, partition, batch }, index) => {
      const place = `${topic}/${partition}`;
      const sequence = sequences.get(place) ?? this.#sequences.get(place) ?? 0;
      const outgoing = transactionalBatch(batch, this.identity, sequence, place, squeezed[index]);
      sequences.set(place, (sequence + outgoing.count) % MOST_SEQUENCE);
      return { topic, partition, ...outgoing };
    });
    for (const [place, sequence] of sequences) this.#sequences.set(place, sequence);
    return prepared;
  }

  /**
   * Produces nothing before every partition is in the transaction: while the markers of the one before are being written, the broker
   * answers CONCURRENT_TRANSACTIONS, and what were produced all the same would be committed by those.
   */
  async #addPartitions(prepared: readonly Prepared[]): Promise<void> {
    const byTopic = new Map<string, Set<number>>();
    for (const { topic, partition } of prepared) byTopic.set(topic, (byTopic.get(topic) ?? new Set()).add(partition));
    const topics = [...byTopic].map(([name, partitions]) => ({ name, partitions: [...partitions] }));
    const { id, epoch } = this.identity;
    const transactions = [{ transactionalId: this.#id, producerId: id, producerEpoch: epoch, verifyOnly: false, topics }];
    await this.#asking((coordinator) => call(coordinator, addPartitionsToTxnV3.api, [transactions] as never, `beginning a transaction of ${this.#id}`, this.#cluster.requestMilliseconds));
  }

  /** All batches, in order for each partition; at most five requests in flight. When it throws, none is any more. */
  async #produceAll(prepared: readonly Prepared[]): Promise<readonly number[]> {
    const bases: number[] = new Array<number>(prepared.length).fill(-1);
    const failures: unknown[] = [];
    const failed = (error: unknown): void => void failures.push(error);
    const inFlight: Promise<void>[] = [];
    for (const [index, batch] of prepared.entries()) {
      if (inFlight.length >= IN_FLIGHT) await inFlight.shift();
      if (failures.length > 0) break;
      try {
        const connection = await this.#connection(this.#topics.leader(batch.topic, batch.partition).node);
        inFlight.push(this.#produce(connection, batch).then((base) => void (bases[index] = base), failed));
      } catch (error) {
        failed(error);
      }
    }
    await Promise.all(inFlight);
    // What nobody answered may still arrive, whatever was said of the rest.
    if (failures.length > 0) throw failures.find((error) => !isAnswer(error)) ?? failures[0];
    return bases;
  }

  async #produce(connection: Connection, { topic, partition, ...outgoing }: Prepared): Promise<number> {
    const milliseconds = this.#cluster.requestMilliseconds;
    // The broker gives up first, so that it says so.
    const response = await connection.request(PRODUCE, writeProduce(this.#writer, this.#id, topic, partition, outgoing, Math.ceil(milliseconds * 0.8)), milliseconds);
    try {
      const { error, baseOffset } = readProduced(response.bytes);
      if (error !== 0) throw brokerError(error, `writing to ${topic}/${partition}`);
      return baseOffset;
    } finally {
      response.release();
    }
  }

  /**
   * Commits; answers the connection to the coordinator that has said so when it was asked for the first time. Only this is asked again when a
   * connection breaks, as the producer is spent then. Throws UnclearCommit.
   */
  async #end(): Promise<Connection | undefined> {
    let isClear = true;
    let answering: Connection | undefined;
    const budget = { milliseconds: this.#cluster.retryMilliseconds, isStopped: () => this.#cluster.isClosed };
    const end = (coordinator: Connection): Promise<unknown> => this.#endWith((answering = coordinator), true);
    const broke = (): void => {
      isClear = false;
      this.#coordinators.forget();
    };
    try {
      await withRetries(budget, () => this.#asking(end), broke, (error) => !isAnswer(error));
    } catch (error) {
      // A coordinator that could not answer may have written the commit; after a broken connection only an outcome is one.
      if (error instanceof WeirError && (!isAnswer(error) || error.code === 'KAFKA_UNAVAILABLE' || (!isClear && !OUTCOMES.has(error.code)))) throw new UnclearCommit(error);
      throw error;
    }
    return isClear ? answering : undefined;
  }

  /** So that readers need not wait for the transaction's timeout. If this fails, too, they do. */
  async #abort(): Promise<void> {
    await this.#asking((coordinator) => this.#endWith(coordinator, false)).catch(() => undefined);
  }

  #endWith(coordinator: Connection, isCommit: boolean): Promise<unknown> {
    const { id, epoch } = this.identity;
    return call(coordinator, endTxnV3.api, [this.#id, id, epoch, isCommit] as never, `ending a transaction of ${this.#id}`, this.#cluster.requestMilliseconds);
  }

  /**
   * EndTxn is answered before the markers are written, and readers of committed records see nothing before those. A broker that is
   * killed in between may lose them, so only the one that answered can tell. Answers whether they are written; when not, the successor
   * has to see to it.
   */
  async #markersWritten(coordinator: Connection): Promise<boolean> {
    const deadline = Date.now() + this.#cluster.requestMilliseconds;
    try {
      for (let pause = 1; Date.now() < deadline; pause = Math.min(MOST_PAUSE, pause * 2)) {
        const { state } = await transactionState(coordinator, this.#id, this.#cluster.requestMilliseconds);
        if (!state.startsWith('Prepare')) return true;
        await sleep(pause);
      }
    } catch {
      this.#coordinators.forget();
    }
    return false;
  }

  #asking<T>(ask: (coordinator: Connection) => Promise<T>): Promise<T> {
    return this.#coordinators.asking('transaction', this.#id, ask);
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
