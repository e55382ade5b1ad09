import { WeirError } from '@weir/model';
import { CRC_FROM, HEADER_BYTES, batchBytes, crc32c, crcOf, hideBatch, isCompressed, lastOffsetOf, leaderEpochOf, magicOf, readHeader, uncompressedBatch, viewOf } from '@weir/record-batch';
import type { BatchHeader } from '@weir/record-batch';
import { DECOMPRESS, MOST_DECOMPRESSED_BYTES } from './compression.ts';
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
 * compressed. The bytes are changed in place. Ends in front of a batch that is no use, so that those before it are not lost with it;
 * where that one is the first it throws RECORD_BATCH_CORRUPT, RECORD_BATCH_COMPRESSION, LOG_RECORD_TOO_LARGE or KAFKA_BROKER_TOO_OLD.
 */
export function visibleBatches(records: Uint8Array, aborted: readonly AbortedTransaction[], { checksums, place }: VisibleOptions): Visible {
  const view = viewOf(records);
  let length = 0;
  let last = -1;
  let end = 0;
  let hasCompressed = false;
  try {
    while (length + HEADER_BYTES <= records.length) {
      const bytes = wholeBatch(records, view, length, checksums, place);
      if (bytes < 0) break;
      const lastOffset = lastOffsetOf(view, length);
      // Offsets are not covered by the checksum.
      if (lastOffset < end) throw corrupt(place, end, 'its offsets do not follow those before it');
      end = lastOffset + 1;
      hasCompressed ||= isCompressed(view, length);
      last = length;
      length += bytes;
    }
  } catch (error) {
    if (last < 0) throw error;
  }
  const whole = records.subarray(0, length);
  if (last < 0) return { bytes: whole, end: undefined, leaderEpoch: -1 };
  if (aborted.length > 0) hideAborted(whole, headersOf(whole), aborted);
  if (hasCompressed) return uncompressed(whole, place);
  return { bytes: whole, end, leaderEpoch: leaderEpochOf(view, last) };
}

/** Bytes of the batch at `at`; -1 when it is cut. Throws when it is no batch. Makes no object: this is for every batch that is read. */
function wholeBatch(records: Uint8Array, view: DataView, at: number, checksums: boolean, place: string): number {
  const magic = magicOf(view, at);
  if (magic > 2 || magic < 0) throw corrupt(place, readHeader(view, at).baseOffset, `there is no format ${magic}`);
  if (magic !== 2) {
    throw new WeirError('KAFKA_BROKER_TOO_OLD', `${place} holds records of format ${magic} at offset ${readHeader(view, at).baseOffset}.`, { remedy: 'Copy the topic with a producer of today, or begin behind them.' });
  }
  const bytes = batchBytes(view, at);
  if (bytes < HEADER_BYTES) throw corrupt(place, readHeader(view, at).baseOffset, 'its length cannot be');
  if (at + bytes > records.length) return -1;
  if (checksums && crc32c(records, at + CRC_FROM, at + bytes) !== crcOf(view, at)) throw corrupt(place, readHeader(view, at).baseOffset, 'its checksum does not fit');
  return bytes;
}

/** Where each of the batches lies. */
function headersOf(bytes: Uint8Array): readonly Placed[] {
  const view = viewOf(bytes);
  const batches: Placed[] = [];
  for (let at = 0; at < bytes.length; at += batchBytes(view, at)) batches.push({ ...readHeader(view, at), at });
  return batches;
}

function uncompressed(bytes: Uint8Array, place: string): Visible {
  const parts: Uint8Array[] = [];
  let last: Placed | undefined;
  try {
    for (const batch of headersOf(bytes)) {
      const whole = bytes.subarray(batch.at, batch.at + batch.bytes);
      parts.push(batch.compression === 0 || batch.isControl ? whole : uncompressedBatch(whole, decompressed(whole, batch, place)));
      last = batch;
    }
  } catch (error) {
    if (last === undefined) throw error;
  }
  return { bytes: Buffer.concat(parts), end: last!.lastOffset + 1, leaderEpoch: last!.leaderEpoch };
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

/** A batch that cannot be read as one. */
export function corrupt(place: string, offset: number, why: string, cause?: unknown): WeirError {
  return new WeirError('RECORD_BATCH_CORRUPT', `The batch of ${place} at offset ${offset} is damaged: ${why}.`, { remedy: 'Restore the segment from a replica; or have the broker drop the records up to behind the batch, and allow the gap.', cause });
}
