import { ATTRIBUTES, BASE_OFFSET, BASE_SEQUENCE, BATCH_LENGTH, COMPRESSION_MASK, CONTROL_BIT, CRC, CRC_FROM, HEADER_BYTES, LOG_OVERHEAD, PRODUCER_EPOCH, PRODUCER_ID, TRANSACTIONAL_BIT, viewOf, writeInt64 } from './header.ts';
import { crc32c } from './crc32c.ts';

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

/** Who appends a batch in a transaction (KIP-98), and where in its sequence the first record is. */
export interface Sequenced {
  readonly id: bigint;
  readonly epoch: number;
  readonly sequence: number;
}

/**
 * The header of a batch as it is sent in a transaction, in front of `records`: the batch's own, or these compressed, by the number of the
 * way. The batch is not changed; which place it gets is for the broker to say.
 */
export function transactionalHeader(batch: Uint8Array, { id, epoch, sequence }: Sequenced, records: Uint8Array, compression = 0): Uint8Array {
  const header = Uint8Array.from(batch.subarray(0, HEADER_BYTES));
  const view = viewOf(header);
  writeInt64(view, BASE_OFFSET, 0);
  view.setInt32(BATCH_LENGTH, HEADER_BYTES + records.length - LOG_OVERHEAD);
  view.setInt16(ATTRIBUTES, view.getInt16(ATTRIBUTES) | TRANSACTIONAL_BIT | compression);
  view.setBigInt64(PRODUCER_ID, id);
  view.setInt16(PRODUCER_EPOCH, epoch);
  view.setInt32(BASE_SEQUENCE, sequence);
  view.setUint32(CRC, crc32c(records, 0, records.length, crc32c(header, CRC_FROM, HEADER_BYTES)));
  return header;
}
