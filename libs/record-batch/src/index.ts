export { checkBatch } from './check-batch.ts';
export { crc32c } from './crc32c.ts';
export { CRC_FROM, HEADER_BYTES, assignBaseOffset, batchBytes, lastOffsetOf, leaderEpochOf, readHeader, viewOf } from './header.ts';
export type { BatchHeader } from './header.ts';
export { RecordBatchBuilder } from './record-batch-builder.ts';
export type { RecordHeader } from './record-batch-builder.ts';
export { RecordWalker } from './record-walker.ts';
export type { WalkOptions } from './record-walker.ts';
export { hideBatch, uncompressedBatch } from './rewrite-batch.ts';
