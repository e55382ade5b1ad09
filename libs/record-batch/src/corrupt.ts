import { WeirError } from '@weir/model';
import { COMPRESSION_MASK, CRC_FROM, CURRENT_MAGIC, HEADER_BYTES, readHeader, viewOf } from './header.ts';
import type { BatchHeader } from './header.ts';
import { crc32c } from './crc32c.ts';

const COMPRESSIONS = ['none', 'gzip', 'snappy', 'lz4', 'zstd'];

/** Bytes that are not a record batch, told with the offset at which they stand. */
export function corrupt(offset: number, reason: string): WeirError {
  return new WeirError('RECORD_BATCH_CORRUPT', `The record batch at offset ${offset} is damaged: ${reason}.`, {
    remedy: 'Restore the log from a copy, or skip the batch by starting behind it.',
  });
}

/**
 * Reads and checks the header of the batch at `at` in concatenated batches. Throws RECORD_BATCH_CORRUPT when it is cut or not of
 * version 2, and RECORD_BATCH_COMPRESSION when its records are compressed.
 */
export function checkedHeader(bytes: Uint8Array, view: DataView, at: number, checksum: boolean): BatchHeader {
  if (bytes.length - at < HEADER_BYTES) throw corrupt(-1, `only ${bytes.length - at} of ${HEADER_BYTES} header bytes are there`);
  const header = readHeader(view, at);
  if (header.magic !== CURRENT_MAGIC) throw corrupt(header.baseOffset, `its version is ${header.magic}, not ${CURRENT_MAGIC}`);
  if (header.bytes < HEADER_BYTES || header.bytes > bytes.length - at) {
    throw corrupt(header.baseOffset, `it says to be ${header.bytes} bytes long, ${bytes.length - at} are there`);
  }
  if (header.records < 0 || header.records > header.bytes || header.lastOffset < header.baseOffset) throw corrupt(header.baseOffset, `it says to hold ${header.records} records`);
  if (checksum && crc32c(bytes, at + CRC_FROM, at + header.bytes) !== header.crc) throw corrupt(header.baseOffset, 'its checksum does not match');
  const compression = header.attributes & COMPRESSION_MASK;
  if (compression !== 0) {
    throw new WeirError('RECORD_BATCH_COMPRESSION', `The record batch at offset ${header.baseOffset} is compressed with ${COMPRESSIONS[compression] ?? compression}.`, {
      remedy: 'Produce to this log without compression.',
    });
  }
  return header;
}

/** Checks one whole batch, with its checksum, before it is appended; answers its header. */
export function checkBatch(batch: Uint8Array): BatchHeader {
  const header = checkedHeader(batch, viewOf(batch), 0, true);
  if (header.bytes !== batch.length) throw corrupt(header.baseOffset, `${batch.length - header.bytes} bytes follow it`);
  return header;
}
