import { setTimeout as sleep } from 'node:timers/promises';
import { Kafka, logLevel } from 'kafkajs';
import type { Message } from 'kafkajs';

const PARTITIONS = 4;
const HOUR = 3_600_000;
/** How far the watermark of the reference pipelines is behind the newest order. */
const BEHIND = 300_000;
const TURN_MILLISECONDS = 10;
const COUNTRIES = ['France', 'Germany', 'Norway', 'Spain', 'United Kingdom'];
const BEGIN = Date.UTC(2020, 0, 1);

export interface ClosingOrdersOptions {
  readonly broker: string;
  /** Orders a second. */
  readonly rate: number;
  /** Milliseconds in which an hour of the shop passes. */
  readonly hourMilliseconds: number;
}

/** Places orders in the order of time by an ordinary client, and remembers when the one was sent that ended each hour. */
export class ClosingOrders {
  /** By end of the hour: when the order was sent with which every partition has come to it; milliseconds as of `performance.now`. */
  readonly closedAt = new Map<number, number>();
  /** Orders that were acknowledged. */
  acknowledged = 0;
  /** Milliseconds until each turn's orders were acknowledged. */
  readonly acknowledgements: number[] = [];
  readonly #options: ClosingOrdersOptions;
  readonly #newest = new Array<number>(PARTITIONS).fill(Number.NEGATIVE_INFINITY);
  #nextEnd = BEGIN + HOUR;

  constructor(options: ClosingOrdersOptions) {
    this.#options = options;
  }

  /** Sends for as long as is asked; each turn's orders together, without waiting for the turn before. */
  async run(milliseconds: number): Promise<void> {
    const { broker, rate, hourMilliseconds } = this.#options;
    const producer = new Kafka({ brokers: [broker], clientId: 'closing-orders', logLevel: logLevel.NOTHING }).producer({ idempotent: true, maxInFlightRequests: 5, allowAutoTopicCreation: false });
    await producer.connect();
    const began = performance.now();
    const sent: Promise<void>[] = [];
    for (let index = 0; performance.now() - began < milliseconds; await sleep(TURN_MILLISECONDS)) {
      const due = Math.floor(((performance.now() - began) * rate) / 1_000);
      if (due <= index) continue;
      const messages: Message[] = [];
      const now = performance.now();
      for (; index < due; index++) messages.push(this.#order(index, (index * HOUR) / (rate * (hourMilliseconds / 1_000)), now));
      sent.push(
        producer.send({ topic: 'orders', acks: -1, messages }).then(() => {
          this.acknowledged += messages.length;
          this.acknowledgements.push(performance.now() - now);
        }),
      );
    }
    await Promise.all(sent);
    await producer.disconnect();
  }

  #order(index: number, elapsed: number, now: number): Message {
    const placedAt = Math.floor(BEGIN + elapsed);
    const partition = index % PARTITIONS;
    this.#newest[partition] = placedAt;
    const watermark = Math.min(...this.#newest) - BEHIND;
    for (; watermark >= this.#nextEnd; this.#nextEnd += HOUR) this.closedAt.set(this.#nextEnd, now);
    const country = COUNTRIES[Math.floor(index / PARTITIONS) % COUNTRIES.length]!;
    const order = { invoice: `I${Math.floor(index / 7)}`, line: index, product: `P${index % 100}`, description: null, units: 1 + (index % 5), cents: 100 + (index % 900), placedAt, customer: `C${index % 500}`, country };
    return { partition, value: JSON.stringify(order), timestamp: String(placedAt) };
  }
}
