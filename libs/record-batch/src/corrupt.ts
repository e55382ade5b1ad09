import { WeirError } from '@weir/model';
import { CRC_FROM, CURRENT_MAGIC, HEADER_BYTES, readHeader } from './header.ts';
import type { BatchHeader } from './header.ts';
import { crc32c } from './crc32c.ts';

const COMPRESSIONS = ['none', 'gzip', 'snappy', 'lz4', 'zstd'];

/** Bytes that are not a record batch, told with the offset at which they say to stand. */
export function corrupt(offset: number, reason: string): WeirError {
  return new WeirError('RECORD_BATCH_CORRUPT', `The record batch at offset ${offset} is damaged: ${reason}.`, {
    remedy: 'Restore the log from a copy, or skip the batch by starting behind it.',
  });
}

/**
 * Reads and checks the header of the batch at byte `at` of concatenated batches. Throws RECORD_BATCH_CORRUPT when it is cut or not
 * of version 2.
 */
export function checkedHeader(bytes: Uint8Array, view: DataView, at: number): BatchHeader {
  const there = bytes.length - at;
  // The base offset is all that can be told of a batch that is cut in its header.
  if (there < HEADER_BYTES) throw corrupt(there < 8 ? -1 : Number(view.getBigInt64(at)), `only ${there} of ${HEADER_BYTES} header bytes are there`);
  const header = readHeader(view, at);
  const { baseOffset, records } = header;
  if (header.magic !== CURRENT_MAGIC) throw corrupt(baseOffset, `its version is ${header.magic}, not ${CURRENT_MAGIC}`);
  if (header.bytes < HEADER_BYTES || header.bytes > there) throw corrupt(baseOffset, `it says to be ${header.bytes} bytes long, ${there} are there`);
  if (records < 0 || records > header.bytes) throw corrupt(baseOffset, `it says to hold ${records} records`);
  if (baseOffset < 0 || header.lastOffset < baseOffset) throw corrupt(baseOffset, `it says to end at offset ${header.lastOffset}`);
  return header;
}

/** Throws RECORD_BATCH_CORRUPT when the batch at byte `at` is not what its producer made. O(bytes of the batch). */
export function verifyChecksum(bytes: Uint8Array, at: number, header: BatchHeader): void {
  if (crc32c(bytes, at + CRC_FROM, at + header.bytes) !== header.crc) throw corrupt(header.baseOffset, 'its checksum does not match');
}

/** Throws RECORD_BATCH_COMPRESSION. */
export function refuseCompression({ baseOffset, compression }: BatchHeader): void {
  if (compression === 0) return;
  throw new WeirError('RECORD_BATCH_COMPRESSION', `The record batch at offset ${baseOffset} is compressed with ${COMPRESSIONS[compression] ?? `codec ${compression}`}.`, {
    remedy: 'Produce to this log without compression.',
  });
}
