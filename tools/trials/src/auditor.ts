import { setTimeout as sleep } from 'node:timers/promises';
import { Kafka, logLevel } from 'kafkajs';
import type { Consumer, KafkaMessage } from 'kafkajs';

/** One record as the auditor saw it. */
export interface Audited {
  readonly value: string;
  readonly headers: Readonly<Record<string, string>>;
}

const POLL_MILLISECONDS = 200;

/** An ordinary client that reads committed records of topics all the time, and remembers what it saw where. It shares no code with Weir's own. */
export class Auditor {
  readonly #consumer: Consumer;
  /** By topic and partition, then offset. */
  readonly #seen = new Map<string, Map<number, Audited>>();
  #total = 0;

  private constructor(consumer: Consumer) {
    this.#consumer = consumer;
  }

  static async start(broker: string, topics: readonly string[]): Promise<Auditor> {
    const kafka = new Kafka({ brokers: [broker], clientId: 'auditor', logLevel: logLevel.NOTHING, retry: { retries: 1_000, initialRetryTime: 200, maxRetryTime: 2_000 } });
    const consumer = kafka.consumer({ groupId: 'auditor', readUncommitted: false, sessionTimeout: 60_000, rebalanceTimeout: 60_000, retry: { retries: 1_000, restartOnFailure: () => Promise.resolve(true) } });
    const auditor = new Auditor(consumer);
    await consumer.connect();
    await consumer.subscribe({ topics: [...topics], fromBeginning: true });
    await consumer.run({
      partitionsConsumedConcurrently: 2,
      eachMessage: ({ topic, partition, message }) => {
        auditor.#see(topic, partition, message);
        return Promise.resolve();
      },
    });
    return auditor;
  }

  /** Records seen so far, each counted once. */
  get total(): number {
    return this.#total;
  }

  /** What was seen of a topic, by `partition/offset`, in order. */
  of(topic: string): ReadonlyMap<string, Audited> {
    const all = new Map<string, Audited>();
    for (const [place, records] of this.#seen) {
      const [name, partition] = place.split('/') as [string, string];
      if (name !== topic) continue;
      for (const offset of [...records.keys()].sort((a, b) => a - b)) all.set(`${partition}/${offset}`, records.get(offset)!);
    }
    return all;
  }

  /** Resolves when nothing new has come for a while. */
  async quiet(milliseconds: number): Promise<void> {
    for (let before = -1, since = performance.now(); performance.now() - since < milliseconds; await sleep(POLL_MILLISECONDS)) {
      if (this.#total === before) continue;
      before = this.#total;
      since = performance.now();
    }
  }

  async stop(): Promise<void> {
    await this.#consumer.disconnect();
  }

  #see(topic: string, partition: number, { offset, value, headers }: KafkaMessage): void {
    const place = `${topic}/${partition}`;
    const records = this.#seen.get(place) ?? new Map<number, Audited>();
    this.#seen.set(place, records);
    // A consumer that begins anew after a failure reads some of them a second time: that is no second record.
    if (!records.has(Number(offset))) this.#total++;
    records.set(Number(offset), { value: value?.toString() ?? '', headers: Object.fromEntries(Object.entries(headers ?? {}).map(([name, text]) => [name, String(text)])) });
  }
}
