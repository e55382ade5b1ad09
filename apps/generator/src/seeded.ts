/** A number in [0, 1) that depends on the seed, the index and the salt alone (the finalizer of MurmurHash3 over their mix). */
export function seeded(seed: number, index: number, salt: number): number {
  let hash = Math.imul(index ^ Math.imul(seed + 1, 0x9e3779b1), 0x85ebca6b) ^ Math.imul(salt + 1, 0xc2b2ae35);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return ((hash ^ (hash >>> 16)) >>> 0) / 2 ** 32;
}
