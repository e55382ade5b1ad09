import { ATTRIBUTES, BATCH_LENGTH, CRC, CRC_FROM, HEADER_BYTES, LOG_OVERHEAD, viewOf } from './header.ts';
import { crc32c } from './crc32c.ts';

const COMPRESSION_MASK = 0x07;
const CONTROL_BIT = 0x20;

/** Makes a batch hold no records for any reader, in place, as a transaction's marker does: what an aborted transaction wrote. Its offsets stay. */
export function hideBatch(batch: Uint8Array): void {
  const view = viewOf(batch);
  view.setInt16(ATTRIBUTES, view.getInt16(ATTRIBUTES) | CONTROL_BIT);
  view.setUint32(CRC, crc32c(batch, CRC_FROM, batch.length));
}

/** The batch with its records uncompressed; `records` is what its compressed bytes hold. */
export function uncompressedBatch(batch: Uint8Array, records: Uint8Array): Uint8Array {
  const made = new Uint8Array(HEADER_BYTES + records.length);
  made.set(batch.subarray(0, HEADER_BYTES));
  made.set(records, HEADER_BYTES);
  const view = viewOf(made);
  view.setInt32(BATCH_LENGTH, made.length - LOG_OVERHEAD);
  view.setInt16(ATTRIBUTES, view.getInt16(ATTRIBUTES) & ~COMPRESSION_MASK);
  view.setUint32(CRC, crc32c(made, CRC_FROM, made.length));
  return made;
}
