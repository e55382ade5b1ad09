import { open } from 'lmdb';
import type { CommittedOffset } from '@weir/connector-api';
import type { Database, RootDatabase } from 'lmdb';
import { checkedJson } from './checked-json.ts';
import { ensureRoom } from './disk-room.ts';
import { translated } from './lmdb-error.ts';
import { markInitialized, prepareLogDirectory } from './log-directory.ts';

/** A topic as it is stored. */
export interface TopicRecord {
  readonly id: number;
  readonly partitions: number;
  readonly retentionMilliseconds?: number;
  readonly retentionBytes?: number;
}

/** What is known of a partition without reading its batches. */
export interface PartitionRecord {
  /** Offset of the next record. */
  readonly end: number;
  /** Lowest offset that is there. */
  readonly start: number;
  readonly bytes: number;
  /** The greatest record timestamp there ever was; null before the first. */
  readonly newest: number | null;
}

/** What is known of a batch without reading it. */
export interface BatchRecord {
  readonly bytes: number;
  readonly lastOffset: number;
  readonly maxTimestamp: number;
  /** The greatest record timestamp of the partition up to here: grows with the offset, so that times can be searched by halves. */
  readonly newest: number;
  /** CRC-32 of the stored bytes: the batch's own checksum leaves out its base offset, and costs four times as much to verify. */
  readonly checksum: number;
}

export type PlaceKey = [topic: number, partition: number, baseOffset: number];

/** The databases of a log; all of them change together in one transaction of the root. */
export interface Store {
  readonly directory: string;
  readonly root: RootDatabase;
  readonly topics: Database<TopicRecord, string>;
  readonly partitions: Database<PartitionRecord, [number, number]>;
  /** One value is one record batch; the order of keys is the order of the log. */
  readonly batches: Database<Buffer, PlaceKey>;
  readonly index: Database<BatchRecord, PlaceKey>;
  /** The newest sequence of a producer in a partition. */
  readonly sequences: Database<number, [string, number, number]>;
  /** How far a group has read a partition. */
  readonly commits: Database<CommittedOffset, [string, number, number]>;
}

/** Address space, not memory: reserved so that a growing log is seldom mapped anew. Beyond it LMDB doubles. */
const MAP_BYTES = 16 * 1024 ** 3;
const READERS = 256;
/** Of the first pages. */
const MAKING_BYTES = 64 * 1024;

/** Opens the databases in a directory. Throws what `prepareLogDirectory` throws, LOG_DISK_FULL, and LOG_DAMAGED when LMDB refuses. */
export function openStore(directory: string, keepFreeBytes: number): Store {
  const isThere = prepareLogDirectory(directory);
  return translated(directory, () => {
    // A log that is there can be read on a full disk.
    if (!isThere) ensureRoom(directory, MAKING_BYTES, keepFreeBytes);
    // Commits are durable when they return: the meta page must not run ahead of the data.
    const root = open({ path: directory, maxDbs: 8, maxReaders: READERS, mapSize: MAP_BYTES, overlappingSync: false });
    const store: Store = {
      directory,
      root,
      topics: root.openDB(checked('topics')),
      partitions: root.openDB(checked('partitions')),
      batches: root.openDB({ name: 'batches', encoding: 'binary' }),
      index: root.openDB(checked('index')),
      sequences: root.openDB(checked('sequences')),
      commits: root.openDB(checked('commits')),
    };
    markInitialized(directory);
    return store;
  });
}

/** The types of lmdb-js leave out that it takes an encoder. */
function checked(name: string): { readonly name: string } {
  const options = { name, encoder: checkedJson };
  return options;
}
