import { RecordWalker } from '@weir/record-batch';
import type { BatchRecord, PlaceKey } from './store.ts';

interface Entry {
  readonly key: PlaceKey;
  readonly value: BatchRecord;
}

/** How the search looks at the batches of a partition. */
export interface BatchLookup {
  /** The batch that holds an offset. */
  holding(offset: number): Entry;
  /** Batches from a base offset on, ascending. */
  from(offset: number): Iterable<Entry>;
  bytes(key: PlaceKey, record: BatchRecord): Uint8Array;
}

const walker = new RecordWalker();

/**
 * The first offset in [start, end) whose record has `timestamp` or later; `end` when there is none. Times need not be in order: the
 * greatest so far is, and is searched by halves. O(log batches).
 */
export function offsetForTime(timestamp: number, start: number, end: number, lookup: BatchLookup): number {
  let low = start;
  for (let high = end; low < high; ) {
    const { key, value } = lookup.holding(low + Math.floor((high - low) / 2));
    if (value.newest >= timestamp) high = key[2];
    else low = value.lastOffset + 1;
  }
  // The batch at `low` has the record, unless the greatest time is that of a batch which is no longer there.
  for (const { key, value } of lookup.from(low)) {
    if (value.maxTimestamp < timestamp) continue;
    walker.walk(lookup.bytes(key, value), key[2], Number.POSITIVE_INFINITY);
    for (let i = 0; i < walker.count; i++) if (walker.timestamps[i]! >= timestamp) return walker.offsets[i]!;
  }
  return end;
}
