/**
 * A number in [0, 1) that depends on the seed, the index and the salt alone. Each of the three goes through a mixer of its own, so that
 * neighbours in any of them have nothing to do with each other.
 */
export function seeded(seed: number, index: number, salt: number): number {
  return (mixed(index + mixed(seed + mixed(salt))) >>> 0) / 2 ** 32;
}

/** A 32-bit mixer of three rounds (Wellons' triple32), a bijection with hardly any bias. */
function mixed(value: number): number {
  let hash = (value + 0x9e3779b9) | 0;
  hash = Math.imul(hash ^ (hash >>> 17), 0xed5ad4bb);
  hash = Math.imul(hash ^ (hash >>> 11), 0xac4c1b51);
  hash = Math.imul(hash ^ (hash >>> 15), 0x31848bab);
  return hash ^ (hash >>> 14);
}
