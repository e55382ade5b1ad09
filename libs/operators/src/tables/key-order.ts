import type { Key } from '@weir/model';

/** The order of keys wherever one has to be chosen: numbers ascending, then texts by their UTF-16 code units. */
export function compareKeys(a: Key, b: Key): number {
  if (typeof a === 'number') return typeof b === 'number' ? a - b : -1;
  if (typeof b === 'number') return 1;
  return a < b ? -1 : a > b ? 1 : 0;
}
