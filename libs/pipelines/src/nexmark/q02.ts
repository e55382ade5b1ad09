import { int, record } from '@weir/schema';
import { pipeline } from '@weir/topology';
import { NexmarkBid } from './records.ts';
import { whenMade } from './settings.ts';

const Selected = record('Selected', { auction: int(), price: int() });

/** Selection: the bids for every 123rd auction. */
export const q02 = pipeline({ name: 'nexmark-q02', sources: { bids: NexmarkBid }, sinks: { results: Selected } }, ({ bids }, sinks) => {
  bids
    .withEventTime(whenMade)
    .filter((bid) => bid.auction % 123 === 0)
    .map(({ auction, price }) => ({ auction, price }))
    .to(sinks.results);
});
