import { setTimeout as sleep } from 'node:timers/promises';
import { Kafka, logLevel } from 'kafkajs';
import type { Producer } from 'kafkajs';

/** Of the topic. */
export const PARTITIONS = 4;
/** Every third transaction is aborted. */
const ABORTED_EVERY = 3;
const ABANDONED_MILLISECONDS = 5_000;
/** Of a transaction whose end the client has lost sight of: committed readers wait for as long. */
const TRANSACTION_MILLISECONDS = 5_000;
const TOPIC = 'orders';
/** What the transactional ids begin with whose client leaves its transaction for good. */
export const ABANDONED = 'abandoned';

/**
 * Puts numbered records into topic `orders` that are no orders, by an ordinary client, until it is stopped: two to a transaction, of
 * which it commits some and aborts others on purpose.
 */
export class OtherClient {
  /** Numbers whose transaction the broker said it commits. */
  readonly committed = new Set<number>();
  /** Numbers whose transaction the broker said it aborts. */
  readonly aborted = new Set<number>();
  /** Numbers whose transaction was left alone for good. */
  readonly abandoned = new Set<number>();
  readonly #kafka: Kafka;
  #next = 0;
  #stopping = false;
  readonly #ended: Promise<void>;

  constructor(broker: string, everyMilliseconds: number) {
    this.#kafka = new Kafka({ brokers: [broker], clientId: 'other-client', logLevel: logLevel.NOTHING, retry: { retries: 30, initialRetryTime: 200, maxRetryTime: 1_000 } });
    this.#ended = this.#run(everyMilliseconds);
  }

  /** Begins a transaction over all partitions and never ends it: committed readers come no further until the broker does, after five seconds. */
  async abandon(): Promise<void> {
    const producer = this.#kafka.producer({ transactionalId: `${ABANDONED} ${this.#next}`, transactionTimeout: ABANDONED_MILLISECONDS, maxInFlightRequests: 1, allowAutoTopicCreation: false });
    await producer.connect();
    const transaction = await producer.transaction();
    const numbers = Array.from({ length: PARTITIONS }, () => this.#next++);
    for (const number of numbers) this.abandoned.add(number);
    await transaction.send({ topic: TOPIC, acks: -1, messages: numbers.map((number, partition) => messageOf(number, partition)) });
    await producer.disconnect();
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    await this.#ended;
  }

  async #run(everyMilliseconds: number): Promise<void> {
    let producer: Producer | undefined;
    for (let turn = 0; !this.#stopping; turn++) {
      try {
        if (producer === undefined) {
          producer = this.#kafka.producer({ transactionalId: 'other-client', transactionTimeout: TRANSACTION_MILLISECONDS, idempotent: true, maxInFlightRequests: 1, allowAutoTopicCreation: false });
          await producer.connect();
        }
        await this.#transaction(producer, turn % ABORTED_EVERY === 0);
      } catch {
        // What became of the transaction is not known, so nothing is expected of it; the next producer of the id ends it.
        await producer?.disconnect();
        producer = undefined;
      }
      await sleep(everyMilliseconds);
    }
    await producer?.disconnect();
  }

  async #transaction(producer: Producer, isAborted: boolean): Promise<void> {
    const numbers = [this.#next++, this.#next++];
    const transaction = await producer.transaction();
    await transaction.send({ topic: TOPIC, acks: -1, messages: numbers.map((number) => messageOf(number, number % PARTITIONS)) });
    await (isAborted ? transaction.abort() : transaction.commit());
    for (const number of numbers) (isAborted ? this.aborted : this.committed).add(number);
  }
}

function messageOf(number: number, partition: number): { readonly partition: number; readonly value: string } {
  return { partition, value: JSON.stringify({ bad: number }) };
}
