import type { Append, CommittedOffset, Fetch, Log, LogReader, LogWriter, SourceCommit, TopicSettings } from '@weir/connector-api';
import { WeirError } from '@weir/model';
import { RecordWalker, assignBaseOffset, checkBatch, readHeader, viewOf } from '@weir/record-batch';
import { describe, expect, it } from 'vitest';
import { logContract } from './index.ts';
import type { LogUnderTest } from './index.ts';

/** Ways in which a log can be wrong; the contract must see each. */
const MUTANTS = [
  'offsets begin at one', 'reads begin behind the asked batch', 'reads pass their bytes', 'reads nothing when the first batch is too large', 'forgets on reopening',
  'forgets sequences on reopening', 'sequences are shared by partitions', 'sequences are shared by producers', 'takes a sequence twice', 'writes part of a failed append',
  'takes damaged batches', 'takes batches of any size', 'changes the bytes of the caller', 'takes other partitions', 'below the start is the start', 'times are taken to be in order',
  'the time of a batch is the time of its first record', 'never drops', 'drops the newest', 'drops by age of the first record', 'the end is one too far',
  'forgets commits on reopening', 'commits although the append fails', 'commits are shared by groups', 'commits are shared by partitions', 'forgets what was said', 'takes any commit',
] as const;
type Mutant = (typeof MUTANTS)[number];

interface Topic {
  readonly settings: TopicSettings;
  readonly partitions: { start: number; end: number; newest: number; batches: Uint8Array[] }[];
  readonly sequences: Map<string, number>;
  readonly commits: Map<string, CommittedOffset>;
}

const failure = (code: string): WeirError => new WeirError(code, 'It is so.', { remedy: 'None.' });
const header = (batch: Uint8Array): ReturnType<typeof readHeader> => readHeader(viewOf(batch), 0);
const timesIn = (batch: Uint8Array): readonly number[] => {
  const walker = new RecordWalker();
  walker.walk(batch, 0, Number.POSITIVE_INFINITY);
  return [...walker.timestamps.subarray(0, walker.count)];
};

/** A log of arrays, right but for one mutant. */
class PlainLog implements Log, LogWriter {
  readonly #wrong: Mutant | undefined;
  readonly #topics: Map<string, Topic>;

  constructor(wrong?: Mutant, topics = new Map<string, Topic>()) {
    this.#wrong = wrong;
    this.#topics = topics;
  }

  #is(mutant: Mutant): boolean {
    return this.#wrong === mutant;
  }

  reopened(): PlainLog {
    if (this.#is('forgets sequences on reopening')) for (const { sequences } of this.#topics.values()) sequences.clear();
    if (this.#is('forgets commits on reopening')) for (const { commits } of this.#topics.values()) commits.clear();
    if (this.#is('forgets on reopening')) for (const { partitions } of this.#topics.values()) for (const each of partitions) each.batches = [];
    return new PlainLog(this.#wrong, this.#topics);
  }

  async ensureTopic(topic: string, settings: TopicSettings): Promise<void> {
    if (!/^[a-zA-Z0-9_-][a-zA-Z0-9._-]*$/.test(topic) || !Number.isInteger(settings.partitions) || settings.partitions < 1) throw failure('LOG_TOPIC_INVALID');
    const present = this.#topics.get(topic);
    if (present !== undefined && present.settings.partitions !== settings.partitions && !this.#is('takes other partitions')) throw failure('LOG_PARTITION_MISMATCH');
    if (present !== undefined) return;
    const base = this.#is('offsets begin at one') ? 1 : 0;
    const partitions = Array.from({ length: settings.partitions }, () => ({ start: base, end: base, newest: Number.NEGATIVE_INFINITY, batches: [] }));
    this.#topics.set(topic, { settings, partitions, sequences: new Map(), commits: new Map() });
  }

  async topics(): Promise<readonly { readonly topic: string; readonly partitions: number }[]> {
    return Array.from(this.#topics, ([topic, { settings }]) => ({ topic, partitions: settings.partitions }));
  }

  async writer(): Promise<LogWriter> {
    return this;
  }

  async close(): Promise<void> {}

  async append(appends: readonly Append[], commit?: SourceCommit): Promise<readonly number[]> {
    if (this.#is('writes part of a failed append') && appends.length > 1) await this.append(appends.slice(0, 1));
    if (this.#is('commits although the append fails')) this.#commit(commit);
    for (const append of appends) this.#check(append);
    this.#commit(commit);
    return appends.map((append) => this.#place(append));
  }

  async committed(group: string, topic: string, partition: number): Promise<CommittedOffset | undefined> {
    if (group === '') throw failure('LOG_COMMIT_INVALID');
    return this.#topic(topic).commits.get(this.#commitKey(group, partition));
  }

  #commitKey(group: string, partition: number): string {
    return `${this.#is('commits are shared by groups') ? '' : group} ${this.#is('commits are shared by partitions') ? '' : partition}`;
  }

  #commit({ group, offsets, metadata }: SourceCommit = { group: 'none', offsets: [], metadata: '' }): void {
    for (const { topic, partition, offset } of offsets) {
      const isValid = group !== '' && Number.isSafeInteger(offset) && offset >= 0 && Buffer.byteLength(metadata) <= 4_096;
      if (!isValid && !this.#is('takes any commit')) throw failure('LOG_COMMIT_INVALID');
      if (this.#topic(topic).partitions[partition] === undefined) throw failure('LOG_PARTITION_MISSING');
      this.#topic(topic).commits.set(this.#commitKey(group, partition), { offset, metadata: this.#is('forgets what was said') ? '' : metadata });
    }
  }

  async lastSequence(producer: string, topic: string, partition: number): Promise<number> {
    if (producer === '') throw failure('LOG_SEQUENCE_INVALID');
    return this.#topic(topic).sequences.get(this.#sequenceKey(producer, partition)) ?? -1;
  }

  async reader(name: string): Promise<LogReader> {
    const topic = this.#topic(name);
    const partitionOf = (partition: number): Topic['partitions'][number] => topic.partitions[partition] ?? (() => { throw failure('LOG_PARTITION_MISSING'); })();
    return {
      topic: name,
      partitions: topic.partitions.length,
      offsets: async (partition) => {
        const { start, end } = partitionOf(partition);
        return { logStart: start, highWatermark: end + (this.#is('the end is one too far') ? 1 : 0) };
      },
      read: async (partition, offset, maxBytes) => this.#read(partitionOf(partition), offset, maxBytes),
      offsetFor: async (partition, timestamp) => {
        const { batches, end } = partitionOf(partition);
        const times = batches.flatMap((batch) => timesIn(batch).map((time, i, all) => ({ offset: header(batch).baseOffset + i, time: this.#is('the time of a batch is the time of its first record') ? all[0]! : time })));
        const found = this.#is('times are taken to be in order') ? times.findLast(({ time }, i) => time >= timestamp && !(times[i - 1]?.time! >= timestamp)) : times.find(({ time }) => time >= timestamp);
        return found?.offset ?? end;
      },
      close: async () => {},
    };
  }

  #read({ batches, start, end }: Topic['partitions'][number], offset: number, maxBytes: number): Fetch {
    if (offset < start && !this.#is('below the start is the start')) throw failure('LOG_OFFSET_OUT_OF_RANGE');
    const parts: Uint8Array[] = [];
    let length = 0;
    for (const batch of batches) {
      const { baseOffset, lastOffset } = header(batch);
      if (this.#is('reads begin behind the asked batch') ? baseOffset < offset : lastOffset < offset) continue;
      const isFirst = parts.length === 0 && !this.#is('reads nothing when the first batch is too large');
      if (!isFirst && length + batch.length > maxBytes + (this.#is('reads pass their bytes') ? 1 : 0)) break;
      parts.push(batch);
      length += batch.length;
    }
    return { bytes: Buffer.concat(parts), highWatermark: end, logStart: start };
  }

  #topic(name: string): Topic {
    const topic = this.#topics.get(name);
    if (topic === undefined) throw failure('LOG_TOPIC_MISSING');
    return topic;
  }

  #sequenceKey(producer: string, partition: number): string {
    return `${this.#is('sequences are shared by producers') ? '' : producer} ${this.#is('sequences are shared by partitions') ? '' : partition}`;
  }

  #check({ topic, partition, batch, idempotence }: Append): void {
    if (this.#topic(topic).partitions[partition] === undefined) throw failure('LOG_PARTITION_MISSING');
    if (batch.length > 8 * 1024 * 1024 && !this.#is('takes batches of any size')) throw failure('LOG_RECORD_TOO_LARGE');
    if (idempotence !== undefined && !(idempotence.producer.length > 0 && idempotence.producer.length < 256 && idempotence.sequence >= 0 && Number.isSafeInteger(idempotence.sequence))) throw failure('LOG_SEQUENCE_INVALID');
    if (!this.#is('takes damaged batches')) checkBatch(batch);
  }

  #place({ topic: name, partition, batch, idempotence }: Append): number {
    const topic = this.#topic(name);
    const into = topic.partitions[partition]!;
    if (idempotence !== undefined) {
      const key = this.#sequenceKey(idempotence.producer, partition);
      if ((topic.sequences.get(key) ?? -1) >= idempotence.sequence + (this.#is('takes a sequence twice') ? 1 : 0)) return -1;
      topic.sequences.set(key, idempotence.sequence);
    }
    const base = into.end;
    const placed = this.#is('changes the bytes of the caller') ? batch : batch.slice();
    assignBaseOffset(placed, base);
    into.batches.push(placed);
    into.end += header(placed).records;
    into.newest = Math.max(into.newest, ...timesIn(placed));
    if (!this.#is('never drops')) this.#drop(into, topic.settings);
    return base;
  }

  #drop(from: Topic['partitions'][number], { retentionBytes = Number.POSITIVE_INFINITY, retentionMilliseconds = Number.POSITIVE_INFINITY }: TopicSettings): void {
    const least = this.#is('drops the newest') ? 0 : 1;
    while (from.batches.length > least) {
      const oldest = from.batches[0]!;
      const times = this.#is('drops by age of the first record') ? timesIn(oldest).slice(0, 1) : timesIn(oldest);
      const bytes = from.batches.reduce((sum, batch) => sum + batch.length, 0);
      if (bytes <= retentionBytes && Math.max(...times) >= from.newest - retentionMilliseconds) return;
      from.batches.shift();
      from.start = header(oldest).lastOffset + 1;
    }
  }
}

async function failures(wrong?: Mutant): Promise<readonly string[]> {
  const open = async (): Promise<LogUnderTest> => {
    const log = new PlainLog(wrong);
    return { log, reopen: async () => log.reopened(), dispose: async () => {} };
  };
  const outcomes = await Promise.all(Object.entries(logContract(open, { dropsOnAppend: true })).map(async ([name, check]) => check().then(() => undefined, () => name)));
  return outcomes.filter((name) => name !== undefined);
}

describe('the contract of logs', () => {
  it('holds for a log of arrays', async () => {
    expect(await failures()).toEqual([]);
  });

  it.each(MUTANTS)('sees that %s', async (mutant) => {
    expect((await failures(mutant)).length).toBeGreaterThan(0);
  });
});
