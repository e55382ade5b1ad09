import { gunzipSync, gzip, zstdCompress, zstdDecompressSync } from 'node:zlib';
import type { InputType } from 'node:zlib';
import { promisify } from 'node:util';
import { compressionsAlgorithms } from '@platformatic/kafka';

/** How records may be compressed, by their numbers in the header of a batch. */
export const COMPRESSIONS = { gzip: 1, snappy: 2, lz4: 3, zstd: 4 } as const;
/** One of these ways, by its name. */
export type Compression = keyof typeof COMPRESSIONS;

/** Of one batch, decompressed: what would be more is made to be. Kafka's own limit is 1 MiB, compressed. */
export const MOST_DECOMPRESSED_BYTES = 128 << 20;
const LIMIT = { maxOutputLength: MOST_DECOMPRESSED_BYTES };

/** By the number in a batch's header. Snappy and lz4 shrink at most 255-fold, so that looking at the result is soon enough for them. */
export const DECOMPRESS: Readonly<Record<number, (bytes: Buffer) => Buffer>> = {
  [COMPRESSIONS.gzip]: (bytes) => gunzipSync(bytes, LIMIT),
  [COMPRESSIONS.snappy]: (bytes) => compressionsAlgorithms.snappy.decompressSync(bytes),
  [COMPRESSIONS.lz4]: (bytes) => compressionsAlgorithms.lz4.decompressSync(bytes),
  [COMPRESSIONS.zstd]: (bytes) => zstdDecompressSync(bytes, LIMIT),
};

const gzipAside = promisify<InputType, Buffer>(gzip);
const zstdAside = promisify<InputType, Buffer>(zstdCompress);

/** The two slow ones in a thread of their own. */
const COMPRESS: Readonly<Record<Compression, (bytes: Buffer) => Buffer | Promise<Buffer>>> = {
  gzip: (bytes) => gzipAside(bytes),
  snappy: (bytes) => compressionsAlgorithms.snappy.compressSync(bytes) as Buffer,
  lz4: (bytes) => compressionsAlgorithms.lz4.compressSync(bytes) as Buffer,
  zstd: (bytes) => zstdAside(bytes),
};

/** Compresses the records of a batch. */
export async function compressed(records: Uint8Array, compression: Compression): Promise<Uint8Array> {
  return COMPRESS[compression](Buffer.from(records.buffer, records.byteOffset, records.length));
}
