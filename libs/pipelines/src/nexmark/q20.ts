import { int, record, string, timestamp } from '@weir/schema';
import { pipeline } from '@weir/topology';
import { NexmarkAuction, NexmarkBid } from './records.ts';
import { KEPT, NO_LATE_ROWS, whenMade } from './settings.ts';

const ExpandedBid = record('ExpandedBid', {
  auction: int(),
  bidder: int(),
  price: int(),
  channel: string(),
  url: string(),
  dateTime: timestamp(),
  extra: string(),
  itemName: string(),
  description: string(),
  initialBid: int(),
  reserve: int(),
  auctionDateTime: timestamp(),
  expires: timestamp(),
  seller: int(),
  category: int(),
  auctionExtra: string(),
});

/** Expand bid with auction: bids for auctions of category 10, with all that is known of the auction. A bid may come before its auction. */
export const q20 = pipeline(
  { name: 'nexmark-q20', sources: { auctions: NexmarkAuction, bids: NexmarkBid }, sinks: { results: ExpandedBid } },
  ({ auctions, bids }, sinks) => {
    const wanted = auctions.withEventTime(whenMade).filter((auction) => auction.category === 10).keyBy('id');
    const found = bids
      .withEventTime(whenMade)
      .keyBy('auction')
      .join('auctions', wanted, { kind: 'inner', ttl: KEPT }, (bid, { itemName, description, initialBid, reserve, dateTime, expires, seller, category, extra }) => ({
        ...bid,
        itemName,
        description,
        initialBid,
        reserve,
        auctionDateTime: dateTime,
        expires,
        seller,
        category,
        auctionExtra: extra,
      }));
    found.results.to(sinks.results);
    found.lateLeft.discard(NO_LATE_ROWS);
    found.lateRight.discard(NO_LATE_ROWS);
  },
);
