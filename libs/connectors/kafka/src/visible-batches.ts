import { gunzipSync, zstdDecompressSync } from 'node:zlib';
import { compressionsAlgorithms } from '@platformatic/kafka';
import { WeirError } from '@weir/model';
import { CRC_FROM, HEADER_BYTES, crc32c, hideBatch, readHeader, uncompressedBatch, viewOf } from '@weir/record-batch';
import type { BatchHeader } from '@weir/record-batch';
import type { AbortedTransaction } from './wire/fetch.ts';

export interface VisibleOptions {
  /** Verify the checksum of each batch. */
  readonly checksums: boolean;
  /** The place, for errors: `topic/partition`. */
  readonly place: string;
}

/** Whole batches as the port of a log hands them over, and where they end. */
export interface Visible {
  readonly bytes: Uint8Array;
  /** Offset behind the last batch; undefined when there is no whole one. */
  readonly end: number | undefined;
  /** Of the last batch; -1 when there is none. */
  readonly leaderEpoch: number;
}

/** Where a batch lies among the bytes. */
interface Placed extends BatchHeader {
  readonly at: number;
}

/**
 * What a reader of committed records sees of a fetch: whole, uncompressed batches. Those of aborted transactions are made to hold no
 * records, as a transaction's marker does, so that offsets stay where they are. Nothing is copied unless a batch is
 * compressed. The bytes are changed in place. Throws RECORD_BATCH_CORRUPT, RECORD_BATCH_COMPRESSION,
 * LOG_RECORD_TOO_LARGE or KAFKA_BROKER_TOO_OLD.
 */
export function visibleBatches(records: Uint8Array, aborted: readonly AbortedTransaction[], { checksums, place }: VisibleOptions): Visible {
  const batches = wholeBatches(records, place);
  const last = batches.at(-1);
  if (last === undefined) return { bytes: records.subarray(0, 0), end: undefined, leaderEpoch: -1 };
  const length = last.at + last.bytes;
  const bytes = records.subarray(0, length);
  if (checksums) for (const batch of batches) verify(bytes, batch, place);
  if (aborted.length > 0) hideAborted(bytes, batches, aborted);
  const end = last.lastOffset + 1;
  const { leaderEpoch } = last;
  if (batches.every((batch) => batch.compression === 0)) return { bytes, end, leaderEpoch };
  const parts = batches.map((batch) => {
    const whole = bytes.subarray(batch.at, batch.at + batch.bytes);
    return batch.compression === 0 || readHeader(viewOf(whole), 0).isControl ? whole : uncompressedBatch(whole, decompressed(whole, batch, place));
  });
  return { bytes: Buffer.concat(parts), end, leaderEpoch };
}

function wholeBatches(records: Uint8Array, place: string): readonly Placed[] {
  const view = viewOf(records);
  const batches: Placed[] = [];
  for (let at = 0; at + HEADER_BYTES <= records.length; ) {
    const header = readHeader(view, at);
    if (header.magic !== 2) {
      throw new WeirError('KAFKA_BROKER_TOO_OLD', `${place} holds records of format ${header.magic} at offset ${header.baseOffset}.`, { remedy: 'Let the broker rewrite them (message format 2), or begin behind them.' });
    }
    if (header.bytes < HEADER_BYTES) throw corrupt(place, header.baseOffset, 'its length cannot be');
    if (at + header.bytes > records.length) break;
    batches.push({ ...header, at });
    at += header.bytes;
  }
  return batches;
}

function verify(bytes: Uint8Array, { at, bytes: length, crc, baseOffset }: Placed, place: string): void {
  if (crc32c(bytes, at + CRC_FROM, at + length) !== crc) throw corrupt(place, baseOffset, 'its checksum does not fit');
}

/**
 * A producer may have several aborted transactions in one fetch, and each ends at its own marker: so transactions begin to count as
 * batches pass their first offset, and cease at the marker (as in org.apache.kafka.clients.consumer.internals.CompletedFetch).
 */
function hideAborted(bytes: Uint8Array, batches: readonly Placed[], aborted: readonly AbortedTransaction[]): void {
  const upcoming = [...aborted].sort((a, b) => a.firstOffset - b.firstOffset);
  const active = new Set<number>();
  let next = 0;
  for (const batch of batches) {
    for (; next < upcoming.length && upcoming[next]!.firstOffset <= batch.lastOffset; next++) active.add(upcoming[next]!.producerId);
    if (batch.isControl) active.delete(batch.producerId);
    else if (batch.isTransactional && active.has(batch.producerId)) hideBatch(bytes.subarray(batch.at, batch.at + batch.bytes));
  }
}

/** Of one batch, decompressed: what would be more is made to be. Kafka's own limit is 1 MiB, compressed. */
export const MOST_DECOMPRESSED_BYTES = 128 << 20;
const LIMIT = { maxOutputLength: MOST_DECOMPRESSED_BYTES };

/** By the number in a batch's header. Snappy and lz4 shrink at most 255-fold, so that looking at the result is soon enough for them. */
const DECOMPRESS: Readonly<Record<number, (bytes: Buffer) => Buffer>> = {
  1: (bytes) => gunzipSync(bytes, LIMIT),
  2: (bytes) => compressionsAlgorithms.snappy.decompressSync(bytes),
  3: (bytes) => compressionsAlgorithms.lz4.decompressSync(bytes),
  4: (bytes) => zstdDecompressSync(bytes, LIMIT),
};

function decompressed(batch: Uint8Array, { compression, baseOffset }: BatchHeader, place: string): Uint8Array {
  const decompress = DECOMPRESS[compression];
  if (decompress === undefined) {
    throw new WeirError('RECORD_BATCH_COMPRESSION', `${place} holds a batch at offset ${baseOffset} of compression ${compression}.`, { remedy: 'Use gzip, snappy, lz4 or zstd.' });
  }
  const records = batch.subarray(HEADER_BYTES);
  try {
    const result = decompress(Buffer.from(records.buffer, records.byteOffset, records.length));
    if (result.length <= MOST_DECOMPRESSED_BYTES) return result;
  } catch (error) {
    if (!(error instanceof RangeError)) throw corrupt(place, baseOffset, 'it cannot be decompressed', error);
  }
  throw new WeirError('LOG_RECORD_TOO_LARGE', `The batch of ${place} at offset ${baseOffset} holds more than ${MOST_DECOMPRESSED_BYTES >> 20} MiB.`, { remedy: 'Produce smaller batches, or begin behind this one.' });
}

function corrupt(place: string, offset: number, why: string, cause?: unknown): WeirError {
  return new WeirError('RECORD_BATCH_CORRUPT', `The batch of ${place} at offset ${offset} is damaged: ${why}.`, { remedy: 'Restore the segment from a replica, or go on behind the batch.', cause });
}
