import { crc32 } from 'node:zlib';
import type { Fetch, LogReader } from '@weir/connector-api';
import { WeirError } from '@weir/model';
import { EMPTY_PARTITION } from './append.ts';
import { damagedLog } from './lmdb-error.ts';
import type { Session } from './session.ts';
import type { BatchRecord, PartitionRecord, PlaceKey, Store, TopicRecord } from './store.ts';
import { offsetForTime } from './time-index.ts';
import { requirePartition } from './topic.ts';

/** Reads one topic. Every call sees the newest commit of any process, and one moment only. */
export class EmbeddedReader implements LogReader {
  readonly topic: string;
  readonly partitions: number;
  readonly #session: Session;
  readonly #record: TopicRecord;
  #buffer = Buffer.alloc(0);

  constructor(session: Session, topic: string, record: TopicRecord) {
    this.#session = session;
    this.topic = topic;
    this.partitions = record.partitions;
    this.#record = record;
  }

  read(partition: number, offset: number, maxBytes: number): Promise<Fetch> {
    return this.#session.read((store) => {
      const { end, start } = this.#partition(store, partition);
      if (!(offset >= start)) throw this.#outOfRange(partition, offset, start, end);
      if (offset >= end) return { bytes: new Uint8Array(0), highWatermark: end, logStart: start };
      return { bytes: this.#collect(store, partition, offset, end, maxBytes), highWatermark: end, logStart: start };
    });
  }

  offsets(partition: number): Promise<{ readonly logStart: number; readonly highWatermark: number }> {
    return this.#session.read((store) => {
      const { end, start } = this.#partition(store, partition);
      return { logStart: start, highWatermark: end };
    });
  }

  offsetFor(partition: number, timestamp: number): Promise<number> {
    return this.#session.read((store) => {
      const { end, start } = this.#partition(store, partition);
      return offsetForTime(timestamp, start, end, {
        holding: (offset) => this.#holding(store, partition, offset),
        from: (offset) => store.index.getRange({ start: [this.#record.id, partition, offset], end: [this.#record.id, partition, end] }),
        bytes: (key, record) => this.#batch(store, key, record),
      });
    });
  }

  close(): Promise<void> {
    this.#buffer = Buffer.alloc(0);
    return Promise.resolve();
  }

  #partition(store: Store, partition: number): PartitionRecord {
    requirePartition(this.topic, partition, this.partitions);
    return store.partitions.get([this.#record.id, partition]) ?? EMPTY_PARTITION;
  }

  /** The batch that holds an offset of the log. */
  #holding(store: Store, partition: number, offset: number): { readonly key: PlaceKey; readonly value: BatchRecord } {
    const { id } = this.#record;
    const [found] = store.index.getRange({ start: [id, partition, offset], end: [id, partition, -1], reverse: true, limit: 1 });
    if (found === undefined || found.value.lastOffset < offset) throw this.#damaged(partition, offset, 'is missing');
    return found;
  }

  /** Copies batches into the reused buffer: at least one, and then while they fit. */
  #collect(store: Store, partition: number, offset: number, end: number, maxBytes: number): Uint8Array {
    const { key } = this.#holding(store, partition, offset);
    let length = 0;
    for (const { key: place, value: record } of store.index.getRange({ start: key, end: [this.#record.id, partition, end] })) {
      if (length > 0 && length + record.bytes > maxBytes) break;
      const batch = this.#batch(store, place, record);
      if (this.#buffer.length < length + batch.length) this.#grow(length, batch.length);
      this.#buffer.set(batch, length);
      length += batch.length;
      if (length >= maxBytes) break;
    }
    return this.#buffer.subarray(0, length);
  }

  /** The bytes of a batch, valid until the next read of any kind, and checked to be those that were written. */
  #batch(store: Store, [, partition, baseOffset]: PlaceKey, { bytes, checksum }: BatchRecord): Uint8Array {
    // LMDB's buffer is one for all values, and longer than this one.
    const value = store.batches.getBinaryFast([this.#record.id, partition, baseOffset]);
    if (value?.length !== bytes) throw this.#damaged(partition, baseOffset, 'is missing');
    const batch = value.subarray(0, bytes);
    if (crc32(batch) !== checksum) throw this.#damaged(partition, baseOffset, 'is not what was written');
    return batch;
  }

  #grow(length: number, more: number): void {
    const grown = Buffer.allocUnsafeSlow(Math.max(this.#buffer.length * 2, length + more));
    this.#buffer.copy(grown, 0, 0, length);
    this.#buffer = grown;
  }

  #damaged(partition: number, offset: number, what: string): WeirError {
    return damagedLog(this.#session.directory, `is damaged: the batch at ${this.topic}/${partition}@${offset} ${what}`);
  }

  #outOfRange(partition: number, offset: number, start: number, end: number): WeirError {
    return new WeirError('LOG_OFFSET_OUT_OF_RANGE', `Offset ${offset} of ${this.topic}/${partition} is not in the log, which holds ${start} to ${end}.`, {
      remedy: `Start at ${start}, or restore the log.`,
    });
  }
}
