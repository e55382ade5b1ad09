import type { Append, CommittedOffset, LogWriter, SourceCommit } from '@weir/connector-api';
import { WeirError } from '@weir/model';
import { checkCommit, checkGroup } from './checked-commit.ts';
import type { Cluster } from './cluster.ts';
import type { Compression } from './compression.ts';
import { Coordinators } from './coordinators.ts';
import { committedOffset } from './group-offsets.ts';
import type { GroupOffset } from './group-offsets.ts';
import { KnownTopics } from './known-topics.ts';
import type { Footprint } from './lost-ends.ts';
import { TransactionalProducer, UnclearCommit } from './transactional-producer.ts';
import { brokerError } from './wire/errors.ts';
import type { ProducerIdentity } from './wire/produce.ts';

export interface WriterOptions {
  /** The transactional id for appends that name neither producer nor group; whoever takes it later fences this writer. */
  readonly name: string;
  /** How long the broker keeps a transaction open that its writer has left; default 60 s. */
  readonly transactionMilliseconds?: number | undefined;
  /** Compress batches that are not compressed yet; default none. */
  readonly compression?: Compression | undefined;
}

const DEFAULT_TRANSACTION_MILLISECONDS = 60_000;
/** INVALID_TXN_STATE. */
const ABORTED = 48;

/**
 * Appends each call as one transaction. The sequence of an idempotent producer is committed with it, as the offset of a consumer group
 * of the producer's name; so what was written, and how far, can be read from Kafka alone, and a restart repeats nothing. Each producer has a
 * transactional id of its own, so that whoever takes over its name fences the one before, which then is dead for good.
 */
export class KafkaWriter implements LogWriter {
  readonly #cluster: Cluster;
  readonly #name: string;
  readonly #transactionMilliseconds: number;
  readonly #compression: Compression | undefined;
  readonly #coordinators: Coordinators;
  readonly #topics: KnownTopics;
  readonly #producers = new Map<string, TransactionalProducer>();
  readonly #identities = new Map<string, ProducerIdentity>();
  readonly #fenced = new Map<string, WeirError>();
  /** By group, topic and partition. */
  readonly #sequences = new Map<string, number>();
  #last: Promise<unknown> = Promise.resolve();
  #closed = false;

  readonly #onClosed: (writer: KafkaWriter) => void;

  constructor(cluster: Cluster, { name, transactionMilliseconds, compression }: WriterOptions, onClosed: (writer: KafkaWriter) => void) {
    this.#onClosed = onClosed;
    this.#cluster = cluster;
    this.#name = name;
    this.#transactionMilliseconds = transactionMilliseconds ?? DEFAULT_TRANSACTION_MILLISECONDS;
    this.#compression = compression;
    this.#coordinators = new Coordinators(cluster);
    this.#topics = new KnownTopics(cluster);
  }

  /** As the port says; also KAFKA_UNCLEAR, when neither sequences nor offsets tell what became of a transaction. */
  append(appends: readonly Append[], commit?: SourceCommit): Promise<readonly number[]> {
    return this.#inTurn(() => this.#append(appends, commit));
  }

  lastSequence(producer: string, topic: string, partition: number): Promise<number> {
    return this.#inTurn(async () => {
      checkSequence(producer, 0);
      await this.#topics.know([{ topic, partition }]);
      await this.#producer(producer, { places: [{ topic, partition }], groups: [groupOf(producer)] });
      return this.#sequence(producer, topic, partition);
    });
  }

  committed(group: string, topic: string, partition: number): Promise<CommittedOffset | undefined> {
    return this.#inTurn(async () => {
      checkGroup(group);
      await this.#topics.know([{ topic, partition }]);
      await this.#producer(group, { places: [], groups: [group] });
      return committedOffset(this.#cluster, this.#coordinators, group, topic, partition);
    });
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#last;
    for (const producer of this.#producers.values()) producer.close();
    this.#producers.clear();
    this.#onClosed(this);
  }

  /** A producer has one transaction at a time. */
  #inTurn<T>(act: () => Promise<T>): Promise<T> {
    if (this.#closed) return Promise.reject(new WeirError('LOG_CLOSED', 'The writer was closed.', { remedy: 'Open another one.' }));
    const done = this.#last.then(act);
    this.#last = done.catch(() => undefined);
    return done;
  }

  async #append(appends: readonly Append[], commit: SourceCommit | undefined): Promise<readonly number[]> {
    for (const { idempotence } of appends) if (idempotence !== undefined) checkSequence(idempotence.producer, idempotence.sequence);
    if (commit !== undefined) checkCommit(commit);
    if (appends.length === 0 && (commit === undefined || commit.offsets.length === 0)) return [];
    const name = appends.find(({ idempotence }) => idempotence !== undefined)?.idempotence?.producer ?? commit?.group ?? this.#name;
    const footprint = footprintOf(appends, commit);
    const tellsItself = appends.every(({ idempotence }) => idempotence !== undefined);
    let isUnclear = false;
    try {
      // A transaction that failed was aborted, so that all of it may be written again.
      return await this.#cluster.retrying(async () => {
        if (isUnclear && (await this.#isCommitted(name, footprint, commit!))) return appends.map(() => -1);
        isUnclear = false;
        try {
          return await this.#attempt(name, footprint, appends, commit);
        } catch (error) {
          if (error instanceof UnclearCommit && !tellsItself) {
            isUnclear = true;
            if (commit === undefined || commit.offsets.length === 0) throw unclear(error);
          }
          throw error;
        }
      });
    } catch (error) {
      throw isUnclear ? unclear(error) : error;
    }
  }

  async #attempt(name: string, footprint: Footprint, appends: readonly Append[], commit: SourceCommit | undefined): Promise<readonly number[]> {
    const bases: number[] = new Array<number>(appends.length).fill(-1);
    const producer = await this.#producer(name, footprint);
    const due = await this.#notWritten(appends);
    const chosen = due.map((index) => appends[index]!);
    const sequences = sequencesOf(chosen);
    const offsets = [...sequences, ...offsetsOf(commit)];
    if (chosen.length === 0 && offsets.length === 0) return bases;
    try {
      const written = await producer.commit(chosen, offsets);
      if (producer.isSpent) await this.#confirm(name, footprint, producer.identity);
      due.forEach((index, at) => (bases[index] = written[at]!));
      for (const { group, topic, partition, offset } of sequences) this.#sequences.set(`${group} ${topic} ${partition}`, offset - 1);
      return bases;
    } catch (error) {
      if (error instanceof WeirError && error.code === 'LOG_WRITER_FENCED') this.#fenced.set(name, error);
      throw error;
    } finally {
      // Whatever happened to the transaction, the next producer of this id finds it ended, one way or the other.
      if (producer.isSpent && this.#producers.get(name) === producer) this.#discard(name);
    }
  }

  /**
   * The coordinator has said that a transaction is committed, and its markers may be lost: nothing is acknowledged before the successor has
   * looked, and has supplied what is missing. Throws UnclearCommit when it cannot.
   */
  async #confirm(name: string, footprint: Footprint, identity: ProducerIdentity): Promise<void> {
    this.#discard(name);
    try {
      const successor = await this.#producer(name, footprint);
      const outcome = successor.outcomeOf(identity);
      if (outcome === 'commit') return;
      // As where a disk has lost what the coordinator wrote last.
      if (outcome === 'abort') throw brokerError(ABORTED, `looking what became of a transaction of ${name}`);
    } catch (error) {
      if (!(error instanceof WeirError) || !error.retryable || error.code === 'KAFKA_TRANSACTION_ABORTED') throw error;
      throw new UnclearCommit(error);
    }
    throw new UnclearCommit(unclear(undefined));
  }

  /** Whether offsets are those of an unclear commit: its producer's successor has settled it. */
  async #isCommitted(name: string, footprint: Footprint, { group, offsets, metadata }: SourceCommit): Promise<boolean> {
    await this.#producer(name, footprint);
    const { topic, partition, offset } = offsets[0]!;
    const found = await committedOffset(this.#cluster, this.#coordinators, group, topic, partition);
    return found?.offset === offset && found.metadata === metadata;
  }

  /** Which appends were not written before; a sequence that comes twice in one call counts once. */
  async #notWritten(appends: readonly Append[]): Promise<readonly number[]> {
    const due: number[] = [];
    const newest = new Map<string, number>();
    for (const [index, { topic, partition, idempotence }] of appends.entries()) {
      if (idempotence !== undefined) {
        const place = `${idempotence.producer} ${topic} ${partition}`;
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
      sequence = ((await committedOffset(this.#cluster, this.#coordinators, groupOf(producer), topic, partition))?.offset ?? 0) - 1;
      this.#sequences.set(place, sequence);
    }
    return sequence;
  }

  /**
   * The producer of a name. The first one here has fenced its predecessor, so what that one wrote is settled before it is looked up; later
   * ones say who they were, and so cannot take the name back from a successor. Where it is to write, or offsets are to be looked up, nothing
   * of a predecessor is open. Throws LOG_WRITER_FENCED, KAFKA_END_LOST.
   */
  async #producer(name: string, footprint: Footprint): Promise<TransactionalProducer> {
    const fenced = this.#fenced.get(name);
    if (fenced !== undefined) throw fenced;
    let producer = this.#producers.get(name);
    if (producer === undefined) {
      const options = { id: `weir.${name}`, transactionMilliseconds: this.#transactionMilliseconds, previous: name === this.#name ? undefined : this.#identities.get(name), compression: this.#compression };
      try {
        producer = await TransactionalProducer.open(this.#cluster, this.#coordinators, this.#topics, options);
      } catch (error) {
        if (error instanceof WeirError && error.code === 'LOG_WRITER_FENCED') this.#fenced.set(name, error);
        throw error;
      }
      this.#producers.set(name, producer);
      this.#identities.set(name, producer.identity);
    }
    await producer.settle(footprint);
    return producer;
  }

  #discard(name: string): void {
    this.#producers.get(name)?.close();
    this.#producers.delete(name);
    this.#sequences.clear();
    this.#topics.forget();
    this.#coordinators.forget();
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
function sequencesOf(appends: readonly Append[]): readonly GroupOffset[] {
  const offsets = new Map<string, GroupOffset>();
  for (const { topic, partition, idempotence } of appends) {
    if (idempotence === undefined) continue;
    const group = groupOf(idempotence.producer);
    offsets.set(`${group} ${topic} ${partition}`, { group, topic, partition, offset: idempotence.sequence + 1, metadata: '' });
  }
  return [...offsets.values()];
}

function footprintOf(appends: readonly Append[], commit: SourceCommit | undefined): Footprint {
  const groups = new Set(appends.flatMap(({ idempotence }) => (idempotence === undefined ? [] : [groupOf(idempotence.producer)])));
  if (commit !== undefined) groups.add(commit.group);
  return { places: appends, groups: [...groups] };
}

function offsetsOf(commit: SourceCommit | undefined): readonly GroupOffset[] {
  return commit === undefined ? [] : commit.offsets.map((each) => ({ ...each, group: commit.group, metadata: commit.metadata }));
}
