/**
 * 128 bits of a text as 32 hexadecimal digits: four lanes over its UTF-16 code units, each finished as MurmurHash3 does (Appleby). Not
 * for secrets; of 2^40 different texts two have the same hash with a chance of about 2^-49. O(length), without garbage but the result.
 */
export function textHash(text: string): string {
  let a = 0x9e3779b9;
  let b = 0x243f6a88;
  let c = 0xb7e15162;
  let d = 0xc2b2ae35;
  for (let i = 0, length = text.length; i < length; i++) {
    const unit = text.charCodeAt(i);
    a = Math.imul(a ^ unit, 0x85ebca6b);
    a = (a << 13) | (a >>> 19);
    b = Math.imul(b ^ unit, 0xc2b2ae35);
    b = (b << 14) | (b >>> 18);
    c = Math.imul(c ^ unit, 0x27d4eb2f);
    c = (c << 15) | (c >>> 17);
    d = Math.imul(d ^ unit, 0x165667b1);
    d = (d << 16) | (d >>> 16);
  }
  const sum = (a + b + c + d + text.length) | 0;
  return digits(a ^ Math.imul(sum, 0x85ebca6b)) + digits(b ^ Math.imul(sum, 0xc2b2ae35)) + digits(c ^ Math.imul(sum, 0x27d4eb2f)) + digits(d ^ Math.imul(sum, 0x165667b1));
}

/** Eight hexadecimal digits of which each depends on all bits of a lane (fmix32). */
function digits(lane: number): string {
  let mixed = Math.imul(lane ^ (lane >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  mixed = (mixed ^ (mixed >>> 16)) >>> 0;
  return BYTES[mixed >>> 24]! + BYTES[(mixed >>> 16) & 255]! + BYTES[(mixed >>> 8) & 255]! + BYTES[mixed & 255]!;
}

const BYTES = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));
