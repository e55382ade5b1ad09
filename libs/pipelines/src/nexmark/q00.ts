import { int, record, string, timestamp } from '@weir/schema';
import { pipeline } from '@weir/topology';
import { NexmarkBid } from './records.ts';
import { whenMade } from './settings.ts';

const Passed = record('Passed', { auction: int(), bidder: int(), price: int(), dateTime: timestamp(), extra: string() });

/** Pass through: every bid as it is, in five fields. */
export const q00 = pipeline({ name: 'nexmark-q00', sources: { bids: NexmarkBid }, sinks: { results: Passed } }, ({ bids }, sinks) => {
  bids.withEventTime(whenMade).project('auction', 'bidder', 'price', 'dateTime', 'extra').to(sinks.results);
});
