import { describe, expect, it } from 'vitest';
import { crc32c } from './crc32c.ts';

const sum = (bytes: Uint8Array): number => crc32c(bytes, 0, bytes.length);

describe('crc32c', () => {
  it('equals the published vectors', () => {
    // The check value of the CRC catalogue, then RFC 3720 B.4.
    expect(sum(new TextEncoder().encode('123456789'))).toBe(0xe3069283);
    expect(sum(new Uint8Array(32))).toBe(0x8a9136aa);
    expect(sum(new Uint8Array(32).fill(0xff))).toBe(0x62a8ab43);
    expect(sum(Uint8Array.from({ length: 32 }, (_, i) => i))).toBe(0x46dd794e);
    expect(sum(Uint8Array.from({ length: 32 }, (_, i) => 31 - i))).toBe(0x113fdb5c);
    expect(sum(new Uint8Array(0))).toBe(0);
  });

  it('equals division bit by bit at every length and beginning', () => {
    const bytes = Uint8Array.from({ length: 40 }, (_, i) => (i * 37 + 11) & 0xff);
    for (let from = 0; from < 9; from++) {
      for (let to = from; to <= bytes.length; to++) expect(crc32c(bytes, from, to)).toBe(bitByBit(bytes.subarray(from, to)));
    }
  });
});

function bitByBit(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0x82f63b78 : crc >>> 1;
  }
  return ~crc >>> 0;
}
