import { int, record, string, timestamp } from '@weir/schema';
import { pipeline } from '@weir/topology';
import { NexmarkAuction, NexmarkBid } from './records.ts';
import { whenMade } from './settings.ts';
import { winningBids } from './winning-bids.ts';

const WinningBid = record('WinningBid', {
  id: int(),
  itemName: string(),
  description: string(),
  initialBid: int(),
  reserve: int(),
  dateTime: timestamp(),
  expires: timestamp(),
  seller: int(),
  category: int(),
  extra: string(),
  auction: int(),
  bidder: int(),
  price: int(),
  bidDateTime: timestamp(),
  bidExtra: string(),
});

/** Winning bids: each auction that is over, with the bid that won it. */
export const q09 = pipeline(
  { name: 'nexmark-q09', sources: { auctions: NexmarkAuction, bids: NexmarkBid }, sinks: { results: WinningBid } },
  ({ auctions, bids }, sinks) => {
    winningBids(auctions.withEventTime(whenMade), bids.withEventTime(whenMade).project('auction', 'bidder', 'price', 'dateTime', 'extra'))
      .map(({ auction, bid }) => ({ ...auction, auction: bid.auction, bidder: bid.bidder, price: bid.price, bidDateTime: bid.dateTime, bidExtra: bid.extra }))
      .to(sinks.results);
  },
);
