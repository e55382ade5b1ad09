const SEEDS = [0x9e3779b9, 0x243f6a88, 0xb7e15162, 0xc2b2ae35];
const FACTORS = [0x85ebca6b, 0xc2b2ae35, 0x27d4eb2f, 0x165667b1];

/**
 * 128 bits of a text as 32 hexadecimal digits: four lanes over its UTF-16 code units, each finished as MurmurHash3 does (Appleby). Not
 * for secrets; of 2^40 different texts two have the same hash with a chance of about 2^-49.
 */
export function textHash(text: string): string {
  const lanes = [...SEEDS];
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    for (let lane = 0; lane < 4; lane++) {
      const mixed = Math.imul(lanes[lane]! ^ unit, FACTORS[lane]!);
      lanes[lane] = (mixed << (13 + lane)) | (mixed >>> (19 - lane));
    }
  }
  const sum = lanes.reduce((total, lane) => (total + lane) | 0, text.length);
  return lanes.map((lane, index) => finished(lane ^ Math.imul(sum, FACTORS[index]!)).toString(16).padStart(8, '0')).join('');
}

/** Makes each bit depend on all others (fmix32). */
function finished(lane: number): number {
  let mixed = Math.imul(lane ^ (lane >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return (mixed ^ (mixed >>> 16)) >>> 0;
}
