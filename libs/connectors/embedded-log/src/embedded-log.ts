import type { Append, Fetch, Log, LogReader, LogWriter, TopicSettings } from '@weir/connector-api';
import { WeirError } from '@weir/model';
import { RecordWalker } from '@weir/record-batch';
import { EMPTY_PARTITION, appendOne, noPartition, topicOf } from './append.ts';
import { openStore } from './store.ts';
import type { PartitionRecord, Store, TopicRecord } from './store.ts';

/**
 * A log on disk without a server: LMDB, in which several processes read and append at the same time. It is an adapter of the log's
 * port, not a broker. Throws LOG_DIRECTORY_FOREIGN, LOG_DAMAGED or LOG_VERSION_NEWER.
 */
export function openEmbeddedLog(directory: string): Promise<Log> {
  return settled(() => new EmbeddedLog(openStore(directory)));
}

class EmbeddedLog implements Log {
  readonly #store: Store;

  constructor(store: Store) {
    this.#store = store;
  }

  ensureTopic(topic: string, settings: TopicSettings): Promise<void> {
    return settled(() => {
      this.#store.root.transactionSync(() => {
        const present = this.#store.topics.get(topic);
        if (present === undefined) {
          const id = 1 + Math.max(0, ...[...this.#store.topics.getRange({})].map(({ value }) => value.id));
          this.#store.topics.putSync(topic, { id, ...settings });
        } else if (present.partitions !== settings.partitions) {
          throw new WeirError('LOG_PARTITION_MISMATCH', `Topic '${topic}' has ${present.partitions} partitions, not ${settings.partitions}.`, {
            remedy: 'Ask for as many as it has, or name another topic.',
          });
        }
      });
    });
  }

  topics(): Promise<readonly { readonly topic: string; readonly partitions: number }[]> {
    return settled(() => [...this.#store.topics.getRange({})].map(({ key, value }) => ({ topic: key, partitions: value.partitions })));
  }

  reader(topic: string): Promise<LogReader> {
    return settled(() => new EmbeddedReader(this.#store, topic, topicOf(this.#store, topic)));
  }

  writer(): Promise<LogWriter> {
    return settled(() => new EmbeddedWriter(this.#store));
  }

  async close(): Promise<void> {
    await this.#store.root.close();
  }
}

class EmbeddedReader implements LogReader {
  readonly topic: string;
  readonly partitions: number;
  readonly #store: Store;
  readonly #record: TopicRecord;
  #buffer = Buffer.alloc(0);

  constructor(store: Store, topic: string, record: TopicRecord) {
    this.#store = store;
    this.topic = topic;
    this.partitions = record.partitions;
    this.#record = record;
  }

  read(partition: number, offset: number, maxBytes: number): Promise<Fetch> {
    return settled(() => {
      const { id } = this.#record;
      // The reads of one turn are of one moment; a new moment each time, so that other processes' appends are seen.
      this.#store.root.resetReadTxn();
      const { end, start } = this.#partition(partition);
      if (offset < start) throw this.#outOfRange(partition, offset, start, end);
      if (offset >= end) return { bytes: new Uint8Array(0), highWatermark: end, logStart: start };
      const [first] = this.#store.index.getKeys({ start: [id, partition, offset], end: [id, partition, -1], reverse: true, limit: 1 });
      return { bytes: this.#collect(id, partition, first![2], maxBytes), highWatermark: end, logStart: start };
    });
  }

  offsets(partition: number): Promise<{ readonly logStart: number; readonly highWatermark: number }> {
    return settled(() => {
      this.#store.root.resetReadTxn();
      const { end, start } = this.#partition(partition);
      return { logStart: start, highWatermark: end };
    });
  }

  offsetFor(partition: number, timestamp: number): Promise<number> {
    return settled(() => {
      const { end, start } = this.#partition(partition);
      const { id } = this.#record;
      for (const { key, value } of this.#store.index.getRange({ start: [id, partition, start], end: [id, partition, end] })) {
        if (value.maxTimestamp >= timestamp) return firstAt(this.#store.batches.get(key)!, start, timestamp);
      }
      return end;
    });
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  #partition(partition: number): PartitionRecord {
    if (!Number.isInteger(partition) || partition < 0 || partition >= this.partitions) throw noPartition(this.topic, partition, this.partitions);
    return this.#store.partitions.get([this.#record.id, partition]) ?? EMPTY_PARTITION;
  }

  /** Copies batches into the reused buffer: at least one, and then while they fit. */
  #collect(id: number, partition: number, from: number, maxBytes: number): Uint8Array {
    let length = 0;
    for (const { value } of this.#store.batches.getRange({ start: [id, partition, from], end: [id, partition, Number.MAX_SAFE_INTEGER] })) {
      if (length > 0 && length + value.length > maxBytes) break;
      if (this.#buffer.length < length + value.length) {
        const grown = Buffer.allocUnsafe(Math.max(this.#buffer.length * 2, length + value.length));
        this.#buffer.copy(grown, 0, 0, length);
        this.#buffer = grown;
      }
      value.copy(this.#buffer, length);
      length += value.length;
      if (length >= maxBytes) break;
    }
    return this.#buffer.subarray(0, length);
  }

  #outOfRange(partition: number, offset: number, start: number, end: number): WeirError {
    return new WeirError('LOG_OFFSET_OUT_OF_RANGE', `Offset ${offset} of ${this.topic}/${partition} is not in the log, which holds ${start} to ${end}.`, {
      remedy: `Start at ${start}, or restore the log.`,
    });
  }
}

class EmbeddedWriter implements LogWriter {
  readonly #store: Store;

  constructor(store: Store) {
    this.#store = store;
  }

  append(appends: readonly Append[]): Promise<readonly number[]> {
    return settled(() => {
      try {
        return this.#store.root.transactionSync(() => appends.map((append) => appendOne(this.#store, append)));
      } catch (error) {
        throw isFull(error) ? full(error) : error;
      }
    });
  }

  lastSequence(producer: string, topic: string, partition: number): Promise<number> {
    return settled(() => this.#store.sequences.get([producer, topicOf(this.#store, topic).id, partition]) ?? -1);
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

const walker = new RecordWalker();

/** Offset of the first record of a batch with `timestamp` or later; only batches that have one are asked. */
function firstAt(batch: Buffer, start: number, timestamp: number): number {
  walker.walk(batch, start, Number.MAX_SAFE_INTEGER);
  for (let i = 0; i < walker.count; i++) if (walker.timestamps[i]! >= timestamp) return walker.offsets[i]!;
  return walker.offsets[walker.count - 1]! + 1;
}

/** LMDB answers at once; the port is asynchronous because other logs do not. */
function settled<T>(work: () => T): Promise<T> {
  return new Promise((resolve) => resolve(work()));
}

function isFull(error: unknown): boolean {
  return error instanceof Error && /ENOSPC|No space left|MDB_MAP_FULL/.test(error.message);
}

function full(cause: unknown): WeirError {
  return new WeirError('LOG_DISK_FULL', 'The disk that holds the embedded log is full; nothing of this append was written.', {
    remedy: 'Free some space, then go on.',
    retryable: true,
    cause,
  });
}
