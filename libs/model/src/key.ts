/** What a stream may be keyed by. A composite key is spelled as a string by the pipeline. */
export type Key = string | number;

/** How many key groups there are: the unit of placement, of snapshots and of rescaling. Fixed for the life of a state. */
export const KEY_GROUPS = 128;

/** The key group of a key, 0 to KEY_GROUPS - 1: FNV-1a over the UTF-16 code units of its text. */
export function keyGroupOf(key: Key): number {
  const text = typeof key === 'string' ? key : `#${key}`;
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) {
    hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  }
  return (hash >>> 0) % KEY_GROUPS;
}
