import { count, distinct, sum } from '@weir/operators';
import { int } from '@weir/schema';
import type { NexmarkBid } from './records.ts';

/** Prices in cents at which the second and the third rank begin, inclusive. */
const SECOND_RANK = 10_000;
const THIRD_RANK = 1_000_000;

const rankOf = ({ price }: NexmarkBid): number => (price < SECOND_RANK ? 1 : price < THIRD_RANK ? 2 : 3);

const bidsOf = (rank: number) => sum((bid: NexmarkBid) => (rankOf(bid) === rank ? 1 : 0));
const biddersOf = (rank: number) => distinct((bid: NexmarkBid) => (rankOf(bid) === rank ? bid.bidder : null));
const auctionsOf = (rank: number) => distinct((bid: NexmarkBid) => (rankOf(bid) === rank ? bid.auction : null));

/** How many bids there are, in all and of each rank. */
export const bidCounts = { totalBids: count<NexmarkBid>(), rank1Bids: bidsOf(1), rank2Bids: bidsOf(2), rank3Bids: bidsOf(3) };

/** How many bids, distinct bidders and distinct auctions there are, in all and of each rank. */
export const bidStatistics = {
  ...bidCounts,
  totalBidders: distinct<NexmarkBid>('bidder'),
  rank1Bidders: biddersOf(1),
  rank2Bidders: biddersOf(2),
  rank3Bidders: biddersOf(3),
  totalAuctions: distinct<NexmarkBid>('auction'),
  rank1Auctions: auctionsOf(1),
  rank2Auctions: auctionsOf(2),
  rank3Auctions: auctionsOf(3),
};

/** The fields of a sink that hold `bidCounts`. */
export const bidCountFields = { totalBids: int(), rank1Bids: int(), rank2Bids: int(), rank3Bids: int() };

/** The fields of a sink that hold `bidStatistics`. */
export const bidStatisticFields = {
  ...bidCountFields,
  totalBidders: int(),
  rank1Bidders: int(),
  rank2Bidders: int(),
  rank3Bidders: int(),
  totalAuctions: int(),
  rank1Auctions: int(),
  rank2Auctions: int(),
  rank3Auctions: int(),
};
