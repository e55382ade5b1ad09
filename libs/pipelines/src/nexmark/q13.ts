import { seconds } from '@weir/model';
import { monotonous } from '@weir/operators';
import { int, record, string, timestamp } from '@weir/schema';
import { pipeline } from '@weir/topology';
import { NexmarkBid, NexmarkSide } from './records.ts';
import { NO_LATE_ROWS, whenMade } from './settings.ts';

const Enriched = record('Enriched', { auction: int(), bidder: int(), price: int(), dateTime: timestamp(), value: string() });

/** Bounded side input: each bid with the text that a small table has for it. The table is read once, and every instance has all of it. */
export const q13 = pipeline(
  { name: 'nexmark-q13', sources: { bids: NexmarkBid, side: NexmarkSide }, sinks: { results: Enriched } },
  ({ bids, side }, sinks) => {
    // Bounded: when nothing more has come for a second, it no longer holds the watermark back.
    const entries = side.withEventTime({ timestamp: 'dateTime', watermark: monotonous(), idleAfter: seconds(1) }).keyBy('key').toTable('side');
    const found = bids
      .withEventTime(whenMade)
      .project('auction', 'bidder', 'price', 'dateTime')
      .lookupJoin('lookup', entries.table, { kind: 'inner', key: (bid) => bid.auction % 10_000 }, ({ auction, bidder, price, dateTime }, { value }) => ({
        auction,
        bidder,
        price,
        dateTime,
        value,
      }));
    found.results.to(sinks.results);
    found.late.discard(NO_LATE_ROWS);
    entries.late.discard('the table is there before the bids');
  },
);
