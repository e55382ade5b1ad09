import { open } from 'lmdb';
import type { Database, RootDatabase } from 'lmdb';
import { WeirError } from '@weir/model';
import { prepareLogDirectory } from './log-directory.ts';

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
  /** Of the record timestamps; -infinity is stored as null. */
  readonly maxTimestamp: number | null;
}

/** What is known of a batch without reading it. */
export interface BatchRecord {
  readonly maxTimestamp: number;
  readonly bytes: number;
  readonly lastOffset: number;
}

export type PlaceKey = [topic: number, partition: number, baseOffset: number];

/** The databases of a log; all of them change together in one transaction of the root. */
export interface Store {
  readonly root: RootDatabase;
  readonly topics: Database<TopicRecord, string>;
  readonly partitions: Database<PartitionRecord, [number, number]>;
  /** One value is one record batch; the order of keys is the order of the log. */
  readonly batches: Database<Buffer, PlaceKey>;
  readonly index: Database<BatchRecord, PlaceKey>;
  /** The newest sequence of a producer in a partition. */
  readonly sequences: Database<number, [string, number, number]>;
}

/** Opens the databases in a directory. Throws what `prepareLogDirectory` throws, and LOG_DAMAGED when LMDB refuses. */
export function openStore(directory: string): Store {
  prepareLogDirectory(directory);
  try {
    // Commits are durable when they return: the meta page must not run ahead of the data.
    const root = open({ path: directory, maxDbs: 8, maxReaders: 256, overlappingSync: false, noMemInit: true, encoding: 'json' });
    return {
      root,
      topics: root.openDB({ name: 'topics', encoding: 'json' }),
      partitions: root.openDB({ name: 'partitions', encoding: 'json' }),
      batches: root.openDB({ name: 'batches', encoding: 'binary' }),
      index: root.openDB({ name: 'index', encoding: 'json' }),
      sequences: root.openDB({ name: 'sequences', encoding: 'json' }),
    };
  } catch (cause) {
    throw new WeirError('LOG_DAMAGED', `The embedded log in ${directory} cannot be opened: ${cause instanceof Error ? cause.message : String(cause)}.`, {
      remedy: 'Restore the directory from a copy, or start in a new one.',
      cause,
    });
  }
}
