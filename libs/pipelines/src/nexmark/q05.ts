import { seconds } from '@weir/model';
import { count, hopping, tumbling } from '@weir/operators';
import { int, record, timestamp } from '@weir/schema';
import { pipeline } from '@weir/topology';
import { allGreatest } from './all-greatest.ts';
import { NexmarkBid } from './records.ts';
import { NO_LATE_ROWS, once, whenMade } from './settings.ts';

const HotItems = record('HotItems', {
  auction: int(),
  bids: int(),
  /** End of the 10 s, exclusive. */
  windowEnd: timestamp(),
});

/** Hot items: the auctions with most bids in the last 10 s, every 2 s; several when they are level. */
export const q05 = pipeline({ name: 'nexmark-q05', sources: { bids: NexmarkBid }, sinks: { results: HotItems } }, ({ bids }, sinks) => {
  const perAuction = bids.withEventTime(whenMade).keyBy('auction').window(hopping(seconds(10), seconds(2)), once).aggregate('bids', { bids: count() });
  // A result's time is the last instant of its window, so the windows that end together fall into one window of 2 s.
  const hottest = perAuction.results
    .map(({ key, value }) => ({ auction: key, bids: value.bids }))
    .keyBy(() => 'all')
    .window(tumbling(seconds(2)), once)
    .aggregate('hottest', { hottest: allGreatest((each) => each.bids, (each) => each.auction) });
  hottest.results.flatMap(({ window, value }) => value.hottest.map(({ auction, bids: most }) => ({ auction, bids: most, windowEnd: window.end }))).to(sinks.results);
  perAuction.late.discard(NO_LATE_ROWS);
  hottest.late.discard('a window comes before the watermark that closes the next');
});
