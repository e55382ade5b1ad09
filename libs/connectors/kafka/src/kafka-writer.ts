import type { Append, LogWriter } from '@weir/connector-api';
import { WeirError } from '@weir/model';
import { missingPartition } from './cluster.ts';
import type { Cluster } from './cluster.ts';
import { TransactionalProducer, UnclearCommit, committedOffset } from './transactional-producer.ts';
import type { GroupOffset } from './transactional-producer.ts';

export interface WriterOptions {
  /** The transactional id for appends without idempotence; whoever takes it later fences this writer. */
  readonly name: string;
  /** How long the broker keeps a transaction open that its writer has left; default 60 s. */
  readonly transactionMilliseconds?: number;
}

const DEFAULT_TRANSACTION_MILLISECONDS = 60_000;

/**
 * Appends each call as one transaction. The sequence of an idempotent producer is committed with it, as the offset of a consumer group
 * of the producer's name; so what was written, and how far, can be read from Kafka alone, and a restart repeats nothing. Each producer has a
 * transactional id of its own, so that whoever takes over its name fences the one before.
 */
export class KafkaWriter implements LogWriter {
  readonly #cluster: Cluster;
  readonly #name: string;
  readonly #transactionMilliseconds: number;
  readonly #producers = new Map<string, TransactionalProducer>();
  /** By producer, topic and partition. */
  readonly #sequences = new Map<string, number>();
  #last: Promise<unknown> = Promise.resolve();
  #closed = false;

  constructor(cluster: Cluster, { name, transactionMilliseconds }: WriterOptions) {
    this.#cluster = cluster;
    this.#name = name;
    this.#transactionMilliseconds = transactionMilliseconds ?? DEFAULT_TRANSACTION_MILLISECONDS;
  }

  append(appends: readonly Append[]): Promise<readonly number[]> {
    if (this.#closed) return Promise.reject(new WeirError('LOG_CLOSED', 'The writer was closed.', { remedy: 'Open another one.' }));
    // A producer has one transaction at a time.
    const appended = this.#last.then(() => this.#append(appends));
    this.#last = appended.catch(() => undefined);
    return appended;
  }

  async lastSequence(producer: string, topic: string, partition: number): Promise<number> {
    checkSequence(producer, 0);
    const [metadata] = await this.#cluster.metadata([topic]);
    if (metadata?.leaders[partition] === undefined) throw missingPartition(topic, partition, metadata?.leaders.length ?? 0);
    await this.#producer(producer);
    return this.#sequence(producer, topic, partition);
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#last;
    for (const producer of this.#producers.values()) producer.close();
  }

  async #append(appends: readonly Append[]): Promise<readonly number[]> {
    for (const { idempotence } of appends) if (idempotence !== undefined) checkSequence(idempotence.producer, idempotence.sequence);
    if (appends.length === 0) return [];
    // A transaction that failed was aborted, so that all of it may be written again.
    return this.#cluster.retrying(() => this.#attempt(appends));
  }

  async #attempt(appends: readonly Append[]): Promise<readonly number[]> {
    const bases: number[] = new Array<number>(appends.length).fill(-1);
    const name = appends.find(({ idempotence }) => idempotence !== undefined)?.idempotence?.producer ?? this.#name;
    const producer = await this.#producer(name);
    const due = await this.#notWritten(appends);
    if (due.length === 0) return bases;
    const chosen = due.map((index) => appends[index]!);
    const offsets = offsetsOf(chosen);
    try {
      const written = await producer.commit(chosen, offsets);
      due.forEach((index, at) => (bases[index] = written[at]!));
      for (const { group, topic, partition, offset } of offsets) this.#sequences.set(`${group} ${topic} ${partition}`, offset - 1);
      return bases;
    } catch (error) {
      // Whatever happened to the transaction, the next producer of this id finds it ended, one way or the other.
      this.#discard(name);
      throw this.#isUnclear(error, chosen) ? unclear(error) : error;
    }
  }

  /** Whether it may have been committed and nothing tells; with sequences, the next attempt sees it. */
  #isUnclear(error: unknown, appends: readonly Append[]): boolean {
    return error instanceof UnclearCommit && appends.some(({ idempotence }) => idempotence === undefined);
  }

  /** Which appends were not written before; a sequence that comes twice in one call counts once. */
  async #notWritten(appends: readonly Append[]): Promise<readonly number[]> {
    const due: number[] = [];
    const newest = new Map<string, number>();
    for (const [index, { topic, partition, idempotence }] of appends.entries()) {
      if (idempotence !== undefined) {
        const place = `${groupOf(idempotence.producer)} ${topic} ${partition}`;
        const last = newest.get(place) ?? (await this.#sequence(idempotence.producer, topic, partition));
        if (idempotence.sequence <= last) continue;
        newest.set(place, idempotence.sequence);
      }
      due.push(index);
    }
    return due;
  }

  async #sequence(producer: string, topic: string, partition: number): Promise<number> {
    const place = `${groupOf(producer)} ${topic} ${partition}`;
    let sequence = this.#sequences.get(place);
    if (sequence === undefined) {
      sequence = ((await committedOffset(this.#cluster, groupOf(producer), topic, partition))?.offset ?? 0) - 1;
      this.#sequences.set(place, sequence);
    }
    return sequence;
  }

  /** The producer of a name. One that is new has fenced its predecessor, so what that one wrote is settled before it is looked up. */
  async #producer(name: string): Promise<TransactionalProducer> {
    let producer = this.#producers.get(name);
    if (producer === undefined) {
      producer = await TransactionalProducer.open(this.#cluster, `weir.${name}`, this.#transactionMilliseconds);
      this.#producers.set(name, producer);
    }
    return producer;
  }

  #discard(name: string): void {
    this.#producers.get(name)?.close();
    this.#producers.delete(name);
    this.#sequences.clear();
  }
}

const LONGEST_NAME = 200;

function checkSequence(producer: string, sequence: number): void {
  if (producer !== '' && producer.length <= LONGEST_NAME && Number.isSafeInteger(sequence) && sequence >= 0) return;
  throw new WeirError('LOG_SEQUENCE_INVALID', `Producer '${producer.slice(0, 40)}' cannot append with sequence ${sequence}.`, { remedy: `Use a name of 1 to ${LONGEST_NAME} characters and a whole number from 0.` });
}

function unclear(cause: unknown): WeirError {
  return new WeirError('KAFKA_UNCLEAR', 'The connection broke while a transaction was being committed, and it may or may not have been.', {
    remedy: 'Look whether the records are there before writing them again; appends with a sequence are looked up by themselves.',
    cause,
  });
}

function groupOf(producer: string): string {
  return `weir.${producer}`;
}

/** The newest sequence of each producer and partition, as the offset behind it. */
function offsetsOf(appends: readonly Append[]): readonly GroupOffset[] {
  const offsets = new Map<string, GroupOffset>();
  for (const { topic, partition, idempotence } of appends) {
    if (idempotence === undefined) continue;
    const group = groupOf(idempotence.producer);
    offsets.set(`${group} ${topic} ${partition}`, { group, topic, partition, offset: idempotence.sequence + 1, metadata: '' });
  }
  return [...offsets.values()];
}
