import type { Key, Timestamp } from '@weir/model';

/** What the place of a row in an answer depends on; two rows of one place are versions of one result. */
export interface Place {
  readonly end: Timestamp;
  readonly key: Key;
  readonly start: Timestamp;
}

/** The order of the rows of an answer, oldest first: by the end of their window, then by key, then by start. */
export function comparePlaces(a: Place, b: Place): number {
  return a.end - b.end || compareKeys(String(a.key), String(b.key)) || a.start - b.start;
}

/** The order of keys in answers: that of their bytes in UTF-8, as ClickHouse sorts texts, which is that of their code points. O(length). */
function compareKeys(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let index = 0; index < length; index++) {
    const difference = rank(a.charCodeAt(index)) - rank(b.charCodeAt(index));
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}

/** Halves of characters beyond U+FFFF lie below U+E000, and the characters themselves above U+FFFF. */
function rank(unit: number): number {
  return unit >= 0xd800 && unit < 0xe000 ? unit + 0x10000 : unit;
}
