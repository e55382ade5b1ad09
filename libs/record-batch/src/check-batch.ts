import { viewOf } from './header.ts';
import type { BatchHeader } from './header.ts';
import { checkedHeader, corrupt, verifyChecksum } from './corrupt.ts';
import { RecordWalker } from './record-walker.ts';

const walker = new RecordWalker();

/**
 * Checks one whole batch before it is appended: checksum, every record's frame, and offsets that leave nothing out, for a log gives
 * each record the next one. Answers its header. Throws RECORD_BATCH_CORRUPT or RECORD_BATCH_COMPRESSION. O(bytes).
 */
export function checkBatch(batch: Uint8Array): BatchHeader {
  const header = checkedHeader(batch, viewOf(batch), 0);
  if (header.bytes !== batch.length) throw corrupt(header.baseOffset, `${batch.length - header.bytes} bytes follow it`);
  verifyChecksum(batch, 0, header);
  if (header.isControl) throw corrupt(header.baseOffset, 'it is a marker of a transaction, which only a broker writes');
  walker.walk(batch, 0, Number.POSITIVE_INFINITY);
  if (header.records === 0 || header.lastOffset - header.baseOffset + 1 !== header.records) {
    throw corrupt(header.baseOffset, `it spans ${header.lastOffset - header.baseOffset + 1} offsets but holds ${header.records} records`);
  }
  return header;
}
