import { int, record, string } from '@weir/schema';
import { pipeline } from '@weir/topology';
import { NexmarkBid } from './records.ts';
import { whenMade } from './settings.ts';

const Directories = record('Directories', {
  auction: int(),
  bidder: int(),
  price: int(),
  channel: string(),
  dir1: string(),
  dir2: string(),
  dir3: string(),
});

/** URL directories: the first three parts of the path. */
export const q22 = pipeline({ name: 'nexmark-q22', sources: { bids: NexmarkBid }, sinks: { results: Directories } }, ({ bids }, sinks) => {
  bids
    .withEventTime(whenMade)
    .map(({ auction, bidder, price, channel, url }) => {
      // Part 0 is the scheme, 1 is empty, 2 is the host.
      const [, , , dir1 = '', dir2 = '', dir3 = ''] = url.split('/');
      return { auction, bidder, price, channel, dir1, dir2, dir3 };
    })
    .to(sinks.results);
});
