import { int, record, string, timestamp } from '@weir/schema';
import { pipeline } from '@weir/topology';
import { NexmarkBid } from './records.ts';
import { NO_LATE_ROWS, whenMade } from './settings.ts';

const RankedBid = record('RankedBid', {
  auction: int(),
  bidder: int(),
  price: int(),
  channel: string(),
  url: string(),
  dateTime: timestamp(),
  extra: string(),
  /** 1 to 10. */
  rankNumber: int(),
});

/** Auction top 10: the ten highest bids of each auction with their places, as a changelog; of equal prices in the order of their ids. */
export const q19 = pipeline({ name: 'nexmark-q19', sources: { bids: NexmarkBid }, sinks: { results: RankedBid } }, ({ bids }, sinks) => {
  const { table, late } = bids.withEventTime(whenMade).assignIds('id').keyBy('id').toTable('bids');
  table
    .groupBy('auction')
    .topN('ranking', { n: 10, by: 'price', order: 'descending', ranks: true })
    .toStream()
    .map(({ value: { rank, row } }) => ({
      auction: row.auction,
      bidder: row.bidder,
      price: row.price,
      channel: row.channel,
      url: row.url,
      dateTime: row.dateTime,
      extra: row.extra,
      rankNumber: rank,
    }))
    .to(sinks.results);
  late.discard(NO_LATE_ROWS);
});
