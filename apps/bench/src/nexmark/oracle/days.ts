import type { NexmarkBid } from '@weir/pipelines';
import type { Answer, AnswerRow } from './answer.ts';
import { grouped, isoOf, total } from './answer.ts';

const dayOf = (bid: NexmarkBid): string => isoOf(bid.dateTime).slice(0, 10);

const cheap = ({ price }: NexmarkBid): boolean => price < 10_000;
const middling = ({ price }: NexmarkBid): boolean => price >= 10_000 && price < 1_000_000;
const dear = ({ price }: NexmarkBid): boolean => price >= 1_000_000;

const distinct = (bids: readonly NexmarkBid[], field: 'bidder' | 'auction'): number => new Set(bids.map((bid) => bid[field])).size;

function statistics(bids: readonly NexmarkBid[]): AnswerRow {
  const [low, mid, high] = [bids.filter(cheap), bids.filter(middling), bids.filter(dear)];
  return {
    totalBids: bids.length,
    rank1Bids: low.length,
    rank2Bids: mid.length,
    rank3Bids: high.length,
    totalBidders: distinct(bids, 'bidder'),
    rank1Bidders: distinct(low, 'bidder'),
    rank2Bidders: distinct(mid, 'bidder'),
    rank3Bidders: distinct(high, 'bidder'),
    totalAuctions: distinct(bids, 'auction'),
    rank1Auctions: distinct(low, 'auction'),
    rank2Auctions: distinct(mid, 'auction'),
    rank3Auctions: distinct(high, 'auction'),
  };
}

export const q15: Answer = ({ bids }) => {
  const rows = bids.map(({ row }) => row);
  return [...grouped(rows, dayOf)].map(([day, ofDay]) => ({ day, ...statistics(ofDay) }));
};

export const q16: Answer = ({ bids }) => {
  const rows = bids.map(({ row }) => row);
  return [...grouped(rows, (bid) => `${bid.channel} ${dayOf(bid)}`).values()].map((group) => {
    const minutes = group.map((bid) => isoOf(bid.dateTime).slice(11, 16)).sort();
    return { channel: group[0]!.channel, day: dayOf(group[0]!), minute: minutes.at(-1)!, ...statistics(group) };
  });
};

export const q17: Answer = ({ bids }) => {
  const rows = bids.map(({ row }) => row);
  return [...grouped(rows, (bid) => `${bid.auction} ${dayOf(bid)}`).values()].map((group) => {
    const prices = group.map(({ price }) => price).sort((a, b) => a - b);
    const sumPrice = total(prices);
    return {
      auction: group[0]!.auction,
      day: dayOf(group[0]!),
      totalBids: group.length,
      rank1Bids: group.filter(cheap).length,
      rank2Bids: group.filter(middling).length,
      rank3Bids: group.filter(dear).length,
      minPrice: prices[0]!,
      maxPrice: prices.at(-1)!,
      avgPrice: Math.trunc(sumPrice / group.length),
      sumPrice,
    };
  });
};
