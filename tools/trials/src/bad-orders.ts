import { setTimeout as sleep } from 'node:timers/promises';
import { Kafka, logLevel } from 'kafkajs';
import type { Producer } from 'kafkajs';

const PARTITIONS = 4;

/** Puts numbered records into topic `orders` that are no orders, by an ordinary client, until it is stopped. */
export class BadOrders {
  /** Numbers whose writing was acknowledged. */
  readonly acknowledged = new Set<number>();
  readonly #kafka: Kafka;
  #stopping = false;
  readonly #ended: Promise<void>;

  constructor(broker: string, everyMilliseconds: number) {
    this.#kafka = new Kafka({ brokers: [broker], clientId: 'bad-orders', logLevel: logLevel.NOTHING, retry: { retries: 30, initialRetryTime: 200, maxRetryTime: 1_000 } });
    this.#ended = this.#run(everyMilliseconds);
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    await this.#ended;
  }

  async #run(everyMilliseconds: number): Promise<void> {
    let producer: Producer | undefined;
    for (let number = 0; !this.#stopping; number++) {
      try {
        if (producer === undefined) {
          producer = this.#kafka.producer({ idempotent: true, maxInFlightRequests: 1, allowAutoTopicCreation: false });
          await producer.connect();
        }
        await producer.send({ topic: 'orders', acks: -1, messages: [{ partition: number % PARTITIONS, value: JSON.stringify({ bad: number }) }] });
        this.acknowledged.add(number);
      } catch {
        // Whether this number was written is not known, so nothing is expected of it; the next one goes out by a new producer.
        await producer?.disconnect();
        producer = undefined;
      }
      await sleep(everyMilliseconds);
    }
    await producer?.disconnect();
  }
}
