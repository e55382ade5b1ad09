import { crc32c as native } from '@node-rs/crc32';

/**
 * CRC-32C (Castagnoli, RFC 3720) of bytes[from, to), as Kafka's record batches carry it, as an unsigned 32-bit number; by the
 * processor's own instruction where it has one. `before` is the checksum of what came in front. O(to - from).
 */
export function crc32c(bytes: Uint8Array, from: number, to: number, before = 0): number {
  return native(Buffer.from(bytes.buffer, bytes.byteOffset + from, to - from), before);
}
