import { RecordWalker } from '@weir/record-batch';

interface ParsedBid {
  readonly auction: number;
  readonly price: number;
  readonly channel: string;
  readonly dateTime: number;
}

interface Total {
  bids: number;
  total: number;
}

const DELAY = 4_000;

/**
 * The same two queries as most would write them by hand: JSON.parse, and a Map of Maps by window and key. Answers how many windows it
 * gave and the sum over them, to compare with.
 */
export function byHand(batches: readonly Uint8Array[], size: number, slide: number, keyOf: 'channel' | 'auction'): { windows: number; total: number } {
  const walker = new RecordWalker();
  const decoder = new TextDecoder();
  const open = new Map<number, Map<string | number, Total>>();
  const out = { windows: 0, total: 0 };
  let newest = Number.NEGATIVE_INFINITY;
  for (const bytes of batches) {
    walker.walk(bytes, 0, Number.MAX_SAFE_INTEGER);
    for (let i = 0; i < walker.count; i++) {
      const bid = JSON.parse(decoder.decode(bytes.subarray(walker.valueStarts[i], walker.valueEnds[i]))) as ParsedBid;
      newest = Math.max(newest, bid.dateTime);
      if (bid.price <= 100) continue;
      for (let start = Math.floor(bid.dateTime / slide) * slide; start > bid.dateTime - size; start -= slide) {
        let keys = open.get(start);
        if (keys === undefined) open.set(start, (keys = new Map<string | number, Total>()));
        const key = bid[keyOf];
        const held = keys.get(key);
        if (held === undefined) keys.set(key, { bids: 1, total: bid.price });
        else {
          held.bids++;
          held.total += bid.price;
        }
      }
    }
    close(open, newest - DELAY - size, out);
  }
  return out;
}

function close(open: Map<number, Map<string | number, Total>>, upTo: number, out: { windows: number; total: number }): void {
  for (const [start, keys] of open) {
    if (start > upTo) continue;
    for (const { total } of keys.values()) {
      out.windows++;
      out.total += total;
    }
    open.delete(start);
  }
}
