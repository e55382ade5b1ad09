import { WeirError } from '@weir/model';
import { CRC_FROM, HEADER_BYTES, crc32c, readHeader, viewOf } from '@weir/record-batch';
import { COMPRESSIONS, compressed } from '../compression.ts';
import type { Compression } from '../compression.ts';
import type { ApiVersion } from './connection.ts';
import { ByteCursor } from './byte-cursor.ts';
import type { RequestWriter } from './request-writer.ts';

/** Produce with topic names and acknowledgement by all replicas in sync. */
export const PRODUCE: ApiVersion = { key: 0, version: 9, flexible: true };

const ALL_REPLICAS = -1;
const TRANSACTIONAL = 0x10;
const BATCH_LENGTH = 8;
/** Bytes that the length of a batch does not count. */
const LOG_OVERHEAD = 12;
const ATTRIBUTES = 21;
const CRC = 17;
const PRODUCER_ID = 43;
const PRODUCER_EPOCH = 51;
const BASE_SEQUENCE = 53;
const BASE_OFFSET_BYTES = 8;
/** Brokers hang up on requests of more than 100 MiB (`socket.request.max.bytes`) instead of answering. */
const MOST_BATCH_BYTES = 64 << 20;

/** The identity under which a producer writes (KIP-98). */
export interface ProducerIdentity {
  readonly id: bigint;
  readonly epoch: number;
}

/** A batch as it goes out: a header of its own in front of the records of the given one. */
export interface OutgoingBatch {
  readonly header: Buffer;
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
  if (batch.length < HEADER_BYTES || readHeader(viewOf(batch), 0).compression !== 0) return undefined;
  const bytes = await compressed(batch.subarray(HEADER_BYTES), compression);
  return bytes.length < batch.length - HEADER_BYTES ? { bytes, compression } : undefined;
}

/**
 * Makes a batch part of a transaction: copies the header, leaves the records where they are, or takes them compressed. Throws
 * RECORD_BATCH_CORRUPT when the batch was damaged before, and LOG_RECORD_TOO_LARGE when no broker would take it.
 */
export function transactionalBatch(batch: Uint8Array, { id, epoch }: ProducerIdentity, sequence: number, place: string, squeezed?: CompressedRecords): OutgoingBatch {
  const { records: count, crc, bytes, magic, isControl, lastOffset, baseOffset } = batch.length < HEADER_BYTES ? NO_HEADER : readHeader(viewOf(batch), 0);
  if (bytes !== batch.length || magic !== 2 || isControl || count < 1 || lastOffset - baseOffset + 1 !== count || crc32c(batch, CRC_FROM, batch.length) !== crc) {
    throw new WeirError('RECORD_BATCH_CORRUPT', `A batch that was to be appended to ${place} is damaged.`, { remedy: 'Build it anew from its records.' });
  }
  if (batch.length > MOST_BATCH_BYTES) {
    throw new WeirError('LOG_RECORD_TOO_LARGE', `A batch for ${place} is ${batch.length} bytes long; no request may be.`, { remedy: 'Write smaller batches.' });
  }
  const header = Buffer.from(batch.subarray(0, HEADER_BYTES));
  header.fill(0, 0, BASE_OFFSET_BYTES);
  header.writeInt16BE(header.readInt16BE(ATTRIBUTES) | TRANSACTIONAL, ATTRIBUTES);
  header.writeBigInt64BE(id, PRODUCER_ID);
  header.writeInt16BE(epoch, PRODUCER_EPOCH);
  header.writeInt32BE(sequence, BASE_SEQUENCE);
  const records = squeezed?.bytes ?? batch.subarray(HEADER_BYTES);
  if (squeezed !== undefined) {
    header.writeInt32BE(HEADER_BYTES + records.length - LOG_OVERHEAD, BATCH_LENGTH);
    header.writeInt16BE(header.readInt16BE(ATTRIBUTES) | COMPRESSIONS[squeezed.compression], ATTRIBUTES);
  }
  const checksum = crc32c(records, 0, records.length, crc32c(header, CRC_FROM, header.length));
  header.writeUInt32BE(checksum, CRC);
  return { header, records, count };
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
