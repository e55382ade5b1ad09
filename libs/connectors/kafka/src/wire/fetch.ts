import type { ApiVersion } from './connection.ts';
import { ByteCursor } from './byte-cursor.ts';
import type { RequestWriter } from './request-writer.ts';

/** Fetch without sessions, by topic id (KIP-516), with the leader epoch checked (KIP-320). */
export const FETCH: ApiVersion = { key: 1, version: 15, flexible: true };

/** What is asked of one partition. */
export interface PartitionWanted {
  readonly partition: number;
  readonly offset: number;
  readonly leaderEpoch: number;
  /** Of the record in front of the offset; -1 when it is not known. The broker compares it with its own (KIP-320). */
  readonly lastEpoch: number;
  readonly maxBytes: number;
}

export interface FetchWanted {
  readonly topicId: string;
  readonly partitions: readonly PartitionWanted[];
  /** How long the broker may wait for the first byte. */
  readonly waitMilliseconds: number;
  readonly maxBytes: number;
}

/** A transaction that was aborted: what the producer wrote from this offset to its abort marker does not count. */
export interface AbortedTransaction {
  readonly producerId: number;
  readonly firstOffset: number;
}

/** What came of one partition. */
export interface PartitionFetched {
  readonly partition: number;
  readonly error: number;
  readonly highWatermark: number;
  readonly lastStableOffset: number;
  readonly logStart: number;
  readonly aborted: readonly AbortedTransaction[];
  /** The end of what the broker shares with the reader, when the reader has read what the broker no longer has; otherwise undefined. */
  readonly divergesAt: number | undefined;
  /** Record batches; the last may be cut. */
  readonly records: Uint8Array;
}

export interface Fetched {
  readonly error: number;
  readonly partitions: readonly PartitionFetched[];
}

const READ_COMMITTED = 1;
const NO_SESSION = -1;
const UNKNOWN = -1;
const EMPTY = new Uint8Array(0);

export function writeFetch(writer: RequestWriter, { topicId, partitions, waitMilliseconds, maxBytes }: FetchWanted): Buffer {
  writer.reset().int32(waitMilliseconds).int32(waitMilliseconds === 0 ? 0 : 1).int32(maxBytes).int8(READ_COMMITTED).int32(0).int32(NO_SESSION);
  writer.compactArray(1).uuid(topicId).compactArray(partitions.length);
  for (const wanted of partitions) {
    writer.int32(wanted.partition).int32(wanted.leaderEpoch).int64(wanted.offset).int32(wanted.lastEpoch).int64(UNKNOWN).int32(wanted.maxBytes).noTags();
  }
  writer.noTags();
  return writer.compactArray(0).compactText('').noTags().toBytes();
}

/** The bytes of the answer are views of those that are given. */
export function readFetch(bytes: Uint8Array): Fetched {
  const cursor = new ByteCursor(bytes);
  cursor.int32();
  const error = cursor.int16();
  cursor.int32();
  const partitions: PartitionFetched[] = [];
  for (let topics = cursor.compactLength(); topics > 0; topics--) {
    cursor.uuid();
    for (let left = cursor.compactLength(); left > 0; left--) partitions.push(readPartition(cursor));
    cursor.skipTags();
  }
  return { error, partitions };
}

function readPartition(cursor: ByteCursor): PartitionFetched {
  const partition = cursor.int32();
  const error = cursor.int16();
  const highWatermark = cursor.int64();
  const lastStableOffset = cursor.int64();
  const logStart = cursor.int64();
  const aborted: AbortedTransaction[] = [];
  for (let left = cursor.compactLength(); left > 0; left--) {
    aborted.push({ producerId: cursor.int64(), firstOffset: cursor.int64() });
    cursor.skipTags();
  }
  cursor.int32();
  const length = cursor.compactLength();
  const records = length > 0 ? cursor.take(length) : EMPTY;
  const divergesAt = readDivergence(cursor);
  return { partition, error, highWatermark, lastStableOffset, logStart, aborted, divergesAt, records };
}

const DIVERGING_EPOCH = 0;

/** Among the tagged fields of a partition: from which offset on the reader and the broker have different records. */
function readDivergence(cursor: ByteCursor): number | undefined {
  let divergesAt: number | undefined;
  for (let left = cursor.unsignedVarint(); left > 0; left--) {
    const tag = cursor.unsignedVarint();
    const field = new ByteCursor(cursor.take(cursor.unsignedVarint()));
    if (tag !== DIVERGING_EPOCH) continue;
    field.int32();
    divergesAt = field.int64();
  }
  return divergesAt;
}
