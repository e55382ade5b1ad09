import { setTimeout as sleep } from 'node:timers/promises';
import type { Consumer, KafkaMessage } from 'kafkajs';
import { Kafka, logLevel } from './mended-kafkajs.ts';

/** One record as the auditor saw it. */
export interface Audited {
  readonly value: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** What an auditor is shown: what transactions committed, or also what they aborted. */
export type Shown = 'committed' | 'all';

/** A client whose broker was killed comes back as another member, and waits until the one that it was is given up. */
const SESSION_MILLISECONDS = 10_000;
const POLL_MILLISECONDS = 200;

/** An ordinary client that reads topics all the time, and remembers what it saw where. It shares no code with Weir's own. */
export class Auditor {
  readonly #consumer: Consumer;
  /** By topic and partition, then offset. */
  readonly #seen = new Map<string, Map<number, Audited>>();
  #total = 0;
  #changed = 0;
  #lastSeen = performance.now();
  #longestSilence = 0;

  private constructor(consumer: Consumer) {
    this.#consumer = consumer;
  }

  static async start(broker: string, groupId: string, topics: readonly string[], shown: Shown): Promise<Auditor> {
    const kafka = new Kafka({ brokers: [broker], clientId: groupId, logLevel: logLevel.NOTHING, retry: { retries: 1_000, initialRetryTime: 200, maxRetryTime: 2_000 } });
    const consumer = kafka.consumer({ groupId, readUncommitted: shown === 'all', sessionTimeout: SESSION_MILLISECONDS, rebalanceTimeout: SESSION_MILLISECONDS, maxWaitTimeInMs: 500, retry: { retries: 1_000, restartOnFailure: () => Promise.resolve(true) } });
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

  /** Places that held something else when they were read again: what was committed is not to change. */
  get changed(): number {
    return this.#changed;
  }

  /** Milliseconds since something was seen last. */
  get silence(): number {
    return performance.now() - this.#lastSeen;
  }

  /** Milliseconds in which it was shown nothing new, at most; it begins anew when it is asked. */
  takeLongestSilence(): number {
    const longest = Math.max(this.#longestSilence, performance.now() - this.#lastSeen);
    this.#longestSilence = 0;
    this.#lastSeen = performance.now();
    return longest;
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

  /** Forgets what it saw of a topic elsewhere than at these places; answers how many records that were. */
  keepOnly(topic: string, places: ReadonlySet<string>): number {
    let forgotten = 0;
    for (const place of this.of(topic).keys()) {
      if (places.has(place)) continue;
      const [partition, offset] = place.split('/') as [string, string];
      this.#seen.get(`${topic}/${partition}`)!.delete(Number(offset));
      forgotten++;
    }
    return forgotten;
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
    const text = value?.toString() ?? '';
    const before = records.get(Number(offset));
    if (before === undefined) {
      const now = performance.now();
      this.#longestSilence = Math.max(this.#longestSilence, now - this.#lastSeen);
      this.#lastSeen = now;
      this.#total++;
    } else if (before.value !== text) {
      // A consumer that begins anew after a failure reads some of them a second time: that is no second record, if it is the same.
      this.#changed++;
    }
    records.set(Number(offset), { value: text, headers: Object.fromEntries(Object.entries(headers ?? {}).map(([name, each]) => [name, String(each)])) });
  }
}
