import { milliseconds, seconds } from '@weir/model';
import { before, max, tumbling } from '@weir/operators';
import { int, record, string, timestamp } from '@weir/schema';
import { pipeline } from '@weir/topology';
import { NexmarkBid } from './records.ts';
import { NO_LATE_ROWS, once, whenMade } from './settings.ts';

const HighestBid = record('HighestBid', {
  auction: int(),
  bidder: int(),
  price: int(),
  dateTime: timestamp(),
  extra: string(),
  /** End of the 10 s of which it is the highest price. */
  windowEnd: timestamp(),
});

/**
 * Highest bid: the bids with the highest price of each 10 s, several when they are level. As in the SQL of the benchmark, a bid at the
 * very end counts for the window before as well.
 */
export const q07 = pipeline({ name: 'nexmark-q07', sources: { bids: NexmarkBid }, sinks: { results: HighestBid } }, ({ bids }, sinks) => {
  const made = bids.withEventTime(whenMade).project('auction', 'bidder', 'price', 'dateTime', 'extra');
  const highest = made.keyBy(() => 'all').window(tumbling(seconds(10)), once).aggregate('highest', { price: max('price') });
  // A result's time is the last instant of its window: the window begins 9,999 ms before it and ends 1 ms after.
  const found = highest.results
    .map(({ window, value }) => ({ price: value.price!, windowEnd: window.end }))
    .keyBy('price')
    .intervalJoin('bids', made.keyBy('price'), { kind: 'inner', between: [before(milliseconds(9_999)), milliseconds(1)] }, ({ windowEnd }, bid) => ({ ...bid, windowEnd }));
  found.results.to(sinks.results);
  highest.late.discard(NO_LATE_ROWS);
  found.lateLeft.discard('the highest price of a window comes before the watermark that closes the next');
  found.lateRight.discard(NO_LATE_ROWS);
});
