import { setTimeout as sleep } from 'node:timers/promises';
import { CompressionTypes, Kafka, logLevel } from 'kafkajs';
import type { Admin, Producer, SASLOptions, TopicMessages, Transaction } from 'kafkajs';
import type { Append } from '@weir/connector-api';
import type { KafkaLogOptions } from '@weir/connector-kafka';
import { WeirError, invariant } from '@weir/model';
import { messagesOf } from './kafkajs-messages.ts';
import type { RecordWriter } from './record-writer.ts';

/** How Kafka is reached, and how long it is tried. */
export interface KafkajsWriterOptions extends Pick<KafkaLogOptions, 'brokers' | 'tls' | 'sasl'> {
  /** By gzip; default false. */
  readonly isCompressed?: boolean;
  /** For all attempts at one append together; default 2 minutes. */
  readonly retryMilliseconds?: number;
}

const CLIENT_ID = 'weir-generator';
const DEFAULT_RETRY_MILLISECONDS = 120_000;
const TRANSACTION_MILLISECONDS = 60_000;
const REQUEST_MILLISECONDS = 10_000;
const FIRST_PAUSE = 20;
const LONGEST_PAUSE = 1_000;
/** Of the client itself, for one request; what they do not mend is this class's to retry, as a whole transaction. */
const RETRIES = { retries: 4, initialRetryTime: 50, maxRetryTime: 500 };
/** The markers of the transaction before are still being written: nothing of the next one has begun. */
const STILL_ENDING = 'CONCURRENT_TRANSACTIONS';
/** Another producer of this name has come and is the one that writes now, or the broker has ended a transaction that took too long. */
const FENCED: ReadonlySet<unknown> = new Set(['PRODUCER_FENCED', 'INVALID_PRODUCER_EPOCH']);
/** What another attempt meets again. */
const FINAL: ReadonlySet<unknown> = new Set([
  'MESSAGE_TOO_LARGE',
  'RECORD_LIST_TOO_LARGE',
  'INVALID_TIMESTAMP',
  'INVALID_RECORD',
  'POLICY_VIOLATION',
  'TOPIC_AUTHORIZATION_FAILED',
  'CLUSTER_AUTHORIZATION_FAILED',
  'TRANSACTIONAL_ID_AUTHORIZATION_FAILED',
  'SASL_AUTHENTICATION_FAILED',
]);

/**
 * Writes to Kafka with the ordinary client, as applications do: what Weir's own connector reads was so not written by it. Each
 * append is one transaction, and the newest sequence of the producer is committed in it, as the offset of a consumer group of the
 * producer's name. When a transaction fails or its end is unclear, a new producer of the same transactional id finds it ended or
 * aborts it, and the committed sequence says which.
 */
export class KafkajsWriter implements RecordWriter {
  readonly #kafka: Kafka;
  readonly #admin: Admin;
  readonly #compression: CompressionTypes;
  readonly #retryMilliseconds: number;
  /** By producer, topic and partition: the newest sequence that is known to be committed. */
  readonly #known = new Map<string, number>();
  #isAdminConnected = false;
  #producer: { readonly name: string; readonly client: Producer } | undefined;

  constructor({ brokers, tls, sasl, isCompressed = false, retryMilliseconds = DEFAULT_RETRY_MILLISECONDS }: KafkajsWriterOptions) {
    const login = sasl === undefined ? {} : { sasl: { ...sasl, mechanism: sasl.mechanism.toLowerCase() } as SASLOptions };
    this.#compression = isCompressed ? CompressionTypes.GZIP : CompressionTypes.None;
    this.#kafka = new Kafka({ brokers: [...brokers], ...(tls === undefined ? {} : { ssl: tls }), ...login, clientId: CLIENT_ID, requestTimeout: REQUEST_MILLISECONDS, logLevel: logLevel.NOTHING, retry: RETRIES });
    this.#admin = this.#kafka.admin();
    this.#retryMilliseconds = retryMilliseconds;
  }

  /** All appends are of one producer. Throws LOG_WRITER_FENCED or GENERATOR_PRODUCER. */
  async append(appends: readonly Append[]): Promise<void> {
    const name = appends[0]?.idempotence?.producer;
    if (name === undefined) return;
    invariant(appends.every(({ idempotence }) => idempotence?.producer === name), 'appends of one transaction have one producer');
    const newest = newestOf(appends);
    let isUnclear = false;
    await this.#retrying(async () => {
      const producer = await this.#producerOf(name);
      if (isUnclear && (await this.#isWritten(name, newest))) return;
      await this.#write(await producer.transaction(), name, appends, newest).catch((error: unknown) => {
        isUnclear ||= reasonOf(error).type !== STILL_ENDING;
        throw error;
      });
    });
    for (const { topic, partition, sequence } of newest) this.#known.set(`${name} ${topic} ${partition}`, sequence);
  }

  /** Answers when it is committed. Of a transaction that could not begin yet nothing is left; after any other failure the producer is spent. */
  async #write(transaction: Transaction, producer: string, appends: readonly Append[], newest: readonly Newest[]): Promise<void> {
    try {
      for (const topicMessages of sendsOf(appends)) await transaction.sendBatch({ acks: -1, compression: this.#compression, topicMessages });
      const topics = [...new Set(newest.map(({ topic }) => topic))].map((topic) => ({
        topic,
        partitions: newest.filter((each) => each.topic === topic).map(({ partition, sequence }) => ({ partition, offset: String(sequence + 1) })),
      }));
      await transaction.sendOffsets({ consumerGroupId: groupOf(producer), topics });
      await transaction.commit();
    } catch (error) {
      if (reasonOf(error).type === STILL_ENDING) await transaction.abort();
      throw error;
    }
  }

  async lastSequence(producer: string, topic: string, partition: number): Promise<number> {
    return this.#retrying(async () => {
      // Whoever wrote under this name before is fenced first, so that what it wrote is settled.
      await this.#producerOf(producer);
      const sequence = await this.#committed(producer, topic, partition);
      this.#known.set(`${producer} ${topic} ${partition}`, sequence);
      return sequence;
    });
  }

  async close(): Promise<void> {
    await this.#drop();
    if (this.#isAdminConnected) await this.#admin.disconnect();
  }

  /**
   * Whether an unclear transaction was committed. This client cannot say who it was when it initialises its id anew, and so takes the place
   * back from a successor; what that one has written gives it away.
   */
  async #isWritten(name: string, newest: readonly Newest[]): Promise<boolean> {
    let written = 0;
    for (const { topic, partition, sequence } of newest) {
      const committed = await this.#committed(name, topic, partition);
      if (committed === sequence) written++;
      else if (committed > sequence || committed > (this.#known.get(`${name} ${topic} ${partition}`) ?? committed)) throw fenced(`it has committed ${committed}`);
    }
    invariant(written === 0 || written === newest.length, 'a transaction is there as a whole or not at all');
    return written > 0;
  }

  async #committed(producer: string, topic: string, partition: number): Promise<number> {
    if (!this.#isAdminConnected) await this.#admin.connect();
    this.#isAdminConnected = true;
    const [found] = await this.#admin.fetchOffsets({ groupId: groupOf(producer), topics: [topic] });
    const offset = Number(found?.partitions.find((each) => each.partition === partition)?.offset ?? -1);
    return offset < 0 ? -1 : offset - 1;
  }

  /** A producer that has its id: by then the transaction before is ended, one way or the other. */
  async #producerOf(name: string): Promise<Producer> {
    if (this.#producer?.name === name) return this.#producer.client;
    await this.#drop();
    const client = this.#kafka.producer({ transactionalId: groupOf(name), transactionTimeout: TRANSACTION_MILLISECONDS, maxInFlightRequests: 1, allowAutoTopicCreation: false });
    this.#producer = { name, client };
    await client.connect();
    // The first transaction initialises the id; one without records is not told to the broker.
    await (await client.transaction()).abort();
    return client;
  }

  async #drop(): Promise<void> {
    const producer = this.#producer;
    this.#producer = undefined;
    await producer?.client.disconnect().catch(() => undefined);
  }

  async #retrying<T>(attempt: () => Promise<T>): Promise<T> {
    const deadline = performance.now() + this.#retryMilliseconds;
    for (let pause = FIRST_PAUSE; ; pause = Math.min(LONGEST_PAUSE, pause * 2)) {
      try {
        return await attempt();
      } catch (error) {
        if (error instanceof WeirError) throw error;
        const { type, message } = reasonOf(error);
        if (type !== STILL_ENDING) await this.#drop();
        if (FENCED.has(type)) throw fenced(message, error);
        if (FINAL.has(type) || performance.now() + pause > deadline) {
          throw new WeirError('GENERATOR_PRODUCER', `Kafka does not take the records: ${message}`, { remedy: 'Mend what it names, or see whether the brokers run; another start goes on where this one ended.', cause: error });
        }
        await sleep(pause / 2 + Math.random() * pause);
      }
    }
  }
}

interface Newest {
  readonly topic: string;
  readonly partition: number;
  readonly sequence: number;
}

function newestOf(appends: readonly Append[]): readonly Newest[] {
  const newest = new Map<string, Newest>();
  for (const { topic, partition, idempotence } of appends) newest.set(`${topic}/${partition}`, { topic, partition, sequence: idempotence!.sequence });
  return [...newest.values()];
}

/** The client makes one batch of all that one call has for a partition, so a call has one append of each: those are bounded. */
function sendsOf(appends: readonly Append[]): readonly TopicMessages[][] {
  const sends: TopicMessages[][] = [];
  const counts = new Map<string, number>();
  for (const { topic, partition, batch } of appends) {
    const place = `${topic}/${partition}`;
    const turn = counts.get(place) ?? 0;
    counts.set(place, turn + 1);
    (sends[turn] ??= []).push({ topic, messages: messagesOf(batch, partition) });
  }
  return sends;
}

function groupOf(producer: string): string {
  return `weir.${producer}`;
}

/** What the broker said, behind what the client says of its retries. */
function reasonOf(error: unknown): { readonly type?: unknown; readonly message: string } {
  let reason = error as { readonly type?: unknown; readonly message: string; readonly cause?: unknown; readonly originalError?: unknown };
  while (reason.type === undefined && (reason.cause ?? reason.originalError) !== undefined) reason = (reason.cause ?? reason.originalError) as typeof reason;
  return reason;
}

function fenced(why: string, cause?: unknown): WeirError {
  return new WeirError('LOG_WRITER_FENCED', `Another generator writes in the place of this one, or it has paused within a transaction: ${why}.`, { remedy: 'Run one at a time; what this one had not committed is not there.', cause });
}
