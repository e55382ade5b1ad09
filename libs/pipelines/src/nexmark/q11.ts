import { seconds } from '@weir/model';
import { count, session } from '@weir/operators';
import { int, record, timestamp } from '@weir/schema';
import { pipeline } from '@weir/topology';
import { NexmarkBid } from './records.ts';
import { NO_LATE_ROWS, once, whenMade } from './settings.ts';

const UserSession = record('UserSession', {
  bidder: int(),
  bids: int(),
  /** The first bid. */
  start: timestamp(),
  /** 10 s after the last bid. */
  end: timestamp(),
});

/** User sessions: how many bids a bidder made without pausing for more than 10 s. */
export const q11 = pipeline({ name: 'nexmark-q11', sources: { bids: NexmarkBid }, sinks: { results: UserSession } }, ({ bids }, sinks) => {
  const { results, late } = bids.withEventTime(whenMade).keyBy('bidder').window(session(seconds(10)), once).aggregate('sessions', { bids: count() });
  results.map(({ key, window, value }) => ({ bidder: key, bids: value.bids, start: window.start, end: window.end })).to(sinks.results);
  late.discard(NO_LATE_ROWS);
});
