import { days } from '@weir/model';
import { max, min, sum, tumbling } from '@weir/operators';
import { int, record, string } from '@weir/schema';
import { pipeline } from '@weir/topology';
import { bidCountFields, bidCounts } from './bid-statistics.ts';
import { NexmarkBid } from './records.ts';
import { NO_LATE_ROWS, daily, whenMade } from './settings.ts';
import { dayText } from './utc-time.ts';

const AuctionStatistics = record('AuctionStatistics', {
  auction: int(),
  day: string(),
  ...bidCountFields,
  minPrice: int(),
  maxPrice: int(),
  /** Whole cents, cut off. */
  avgPrice: int(),
  sumPrice: int(),
});

/** Auction statistics: how many bids a day and their prices. */
export const q17 = pipeline({ name: 'nexmark-q17', sources: { bids: NexmarkBid }, sinks: { results: AuctionStatistics } }, ({ bids }, sinks) => {
  const { results, late } = bids
    .withEventTime(whenMade)
    .keyBy('auction')
    .window(tumbling(days(1)), daily)
    .aggregate('statistics', { ...bidCounts, minPrice: min('price'), maxPrice: max('price'), sumPrice: sum('price') });
  results
    .map(({ key, window, value: { minPrice, maxPrice, sumPrice, ...counts } }) => ({
      auction: key,
      day: dayText(window.start),
      ...counts,
      minPrice: minPrice!,
      maxPrice: maxPrice!,
      avgPrice: Math.trunc(sumPrice / counts.totalBids),
      sumPrice,
    }))
    .to(sinks.results);
  late.discard(NO_LATE_ROWS);
});
