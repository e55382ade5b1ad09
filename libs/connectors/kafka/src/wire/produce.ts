import { WeirError } from '@weir/model';
import { CRC_FROM, HEADER_BYTES, crc32c, isCompressed, readHeader, transactionalHeader, viewOf } from '@weir/record-batch';
import { COMPRESSIONS, compressed } from '../compression.ts';
import type { Compression } from '../compression.ts';
import type { ApiVersion } from './connection.ts';
import { ByteCursor } from './byte-cursor.ts';
import type { RequestWriter } from './request-writer.ts';

/** Produce with topic names and acknowledgement by all replicas in sync. */
export const PRODUCE: ApiVersion = { key: 0, version: 9, flexible: true };

const ALL_REPLICAS = -1;
/** Brokers hang up on requests of more than 100 MiB (`socket.request.max.bytes`) instead of answering. */
const MOST_BATCH_BYTES = 64 << 20;

/** The identity under which a producer writes (KIP-98). */
export interface ProducerIdentity {
  readonly id: bigint;
  readonly epoch: number;
}

/** A batch as it goes out: a header of its own in front of the records of the given one. */
export interface OutgoingBatch {
  readonly header: Uint8Array;
  readonly records: Uint8Array;
  readonly count: number;
}

/** Records of a batch, compressed for sending. */
export interface CompressedRecords {
  readonly bytes: Uint8Array;
  readonly compression: Compression;
}

/** Compresses the records of a batch; undefined where they are compressed already or would not become smaller. */
export async function compressedRecords(batch: Uint8Array, compression: Compression): Promise<CompressedRecords | undefined> {
  if (batch.length < HEADER_BYTES || isCompressed(viewOf(batch), 0)) return undefined;
  const bytes = await compressed(batch.subarray(HEADER_BYTES), compression);
  return bytes.length < batch.length - HEADER_BYTES ? { bytes, compression } : undefined;
}

/**
 * Makes a batch part of a transaction: copies the header, leaves the records where they are, or takes them compressed. Throws
 * RECORD_BATCH_CORRUPT when the batch was damaged before, and LOG_RECORD_TOO_LARGE when no broker would take it.
 */
export function transactionalBatch(batch: Uint8Array, identity: ProducerIdentity, sequence: number, place: string, squeezed?: CompressedRecords): OutgoingBatch {
  const { records: count, crc, bytes, magic, isControl, lastOffset, baseOffset } = batch.length < HEADER_BYTES ? NO_HEADER : readHeader(viewOf(batch), 0);
  if (bytes !== batch.length || magic !== 2 || isControl || count < 1 || lastOffset - baseOffset + 1 !== count || crc32c(batch, CRC_FROM, batch.length) !== crc) {
    throw new WeirError('RECORD_BATCH_CORRUPT', `A batch that was to be appended to ${place} is damaged.`, { remedy: 'Build it anew from its records.' });
  }
  if (batch.length > MOST_BATCH_BYTES) {
    throw new WeirError('LOG_RECORD_TOO_LARGE', `A batch for ${place} is ${batch.length} bytes long; no request may be.`, { remedy: 'Write smaller batches.' });
  }
  const records = squeezed?.bytes ?? batch.subarray(HEADER_BYTES);
  const compression = squeezed === undefined ? 0 : COMPRESSIONS[squeezed.compression];
  return { header: transactionalHeader(batch, { ...identity, sequence }, records, compression), records, count };
}

const NO_HEADER = { records: 0, crc: 0, bytes: -1, magic: 0, isControl: false, lastOffset: 0, baseOffset: 0 };

/** The request for one batch of one partition, in parts, so that its records are not copied. */
export function writeProduce(writer: RequestWriter, transactionalId: string, topic: string, partition: number, { header, records }: OutgoingBatch, milliseconds: number): readonly Uint8Array[] {
  writer.reset().compactText(transactionalId).int16(ALL_REPLICAS).int32(milliseconds);
  writer.compactArray(1).compactText(topic).compactArray(1).int32(partition).unsignedVarint(header.length + records.length + 1);
  const front = writer.raw(header).toBytes();
  // Tags of the partition, of the topic and of the request.
  return [front, records, Buffer.alloc(3)];
}

export interface Produced {
  readonly error: number;
  readonly baseOffset: number;
}

/** What came of a request of one batch. */
export function readProduced(bytes: Uint8Array): Produced {
  const cursor = new ByteCursor(bytes);
  cursor.compactLength();
  cursor.take(cursor.compactLength());
  cursor.compactLength();
  cursor.int32();
  return { error: cursor.int16(), baseOffset: cursor.int64() };
}
