import { pipeline } from '@weir/topology';
import { NexmarkBid } from './records.ts';
import { NO_LATE_ROWS, whenMade } from './settings.ts';

/** Find last bid: the last bid of each bidder for each auction, as a table. */
export const q18 = pipeline({ name: 'nexmark-q18', sources: { bids: NexmarkBid }, sinks: { results: NexmarkBid } }, ({ bids }, sinks) => {
  const { table, late } = bids
    .withEventTime(whenMade)
    .keyBy((bid) => `${bid.bidder} ${bid.auction}`)
    .toTable('last');
  table.toStream().map(({ value }) => value).to(sinks.results);
  late.discard(NO_LATE_ROWS);
});
