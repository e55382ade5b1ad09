import { crc32 } from 'node:zlib';

const CHECKSUM_BYTES = 4;

/** Small values of the log: JSON with a checksum behind it, so that a damaged number is not taken for a number. */
export const checkedJson = {
  encode(value: unknown): Buffer {
    const text = JSON.stringify(value);
    const bytes = Buffer.allocUnsafe(Buffer.byteLength(text) + CHECKSUM_BYTES);
    const end = bytes.write(text);
    bytes.writeUInt32LE(crc32(bytes.subarray(0, end)), end);
    return bytes;
  },

  /** `bytes` may be a longer buffer whose `length` says how much of it is the value. Throws ChecksumMismatch. */
  decode(bytes: Buffer): unknown {
    const end = bytes.length - CHECKSUM_BYTES;
    if (end < 0 || crc32(bytes.subarray(0, end)) !== bytes.readUInt32LE(end)) throw new ChecksumMismatch('a checksum does not match');
    return JSON.parse(bytes.toString('utf8', 0, end));
  },
};

/** A value that is not what was written. */
export class ChecksumMismatch extends Error {}
