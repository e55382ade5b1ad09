import { milliseconds } from '@weir/model';
import { afterCount, count, global, repeat, sum } from '@weir/operators';
import { int, record } from '@weir/schema';
import { pipeline } from '@weir/topology';
import { NexmarkAuction, NexmarkBid } from './records.ts';
import { whenMade } from './settings.ts';
import { winningBids } from './winning-bids.ts';

const CategoryAverage = record('CategoryAverage', { category: int(), average: int() });

/** Average price for a category: of the winning bids of all auctions that are over, as a changelog with a change for each of them. */
export const q04 = pipeline(
  { name: 'nexmark-q04', sources: { auctions: NexmarkAuction, bids: NexmarkBid }, sinks: { results: CategoryAverage } },
  ({ auctions, bids }, sinks) => {
    const { results, late } = winningBids(auctions.withEventTime(whenMade).project('id', 'expires', 'category'), bids.withEventTime(whenMade).project('auction', 'price'))
      .map(({ auction, bid }) => ({ category: auction.category, price: bid.price }))
      .keyBy('category')
      .window(global(), { allowedLateness: milliseconds(0), trigger: repeat(afterCount(1)), accumulation: 'accumulating-and-retracting' })
      .aggregate('average', { total: sum('price'), auctions: count() });
    results.map(({ key, value }) => ({ category: key, average: Math.trunc(value.total / value.auctions) })).to(sinks.results);
    late.discard('the one window is never closed');
  },
);
