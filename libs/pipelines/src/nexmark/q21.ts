import { int, record, string } from '@weir/schema';
import { pipeline } from '@weir/topology';
import { NexmarkBid } from './records.ts';
import { whenMade } from './settings.ts';

const Identified = record('Identified', { auction: int(), bidder: int(), price: int(), channel: string(), channelId: string() });

const KNOWN: Readonly<Record<string, string>> = { apple: '0', google: '1', facebook: '2', baidu: '3' };
const IN_URL = /(?:&|^)channel_id=([^&]*)/;

/** Channel ids: of the four known channels, or from the URL; bids with neither are left out. */
export const q21 = pipeline({ name: 'nexmark-q21', sources: { bids: NexmarkBid }, sinks: { results: Identified } }, ({ bids }, sinks) => {
  bids
    .withEventTime(whenMade)
    .filter((bid) => channelIdOf(bid) !== undefined)
    .map((bid) => ({ auction: bid.auction, bidder: bid.bidder, price: bid.price, channel: bid.channel, channelId: channelIdOf(bid)! }))
    .to(sinks.results);
});

function channelIdOf({ channel, url }: NexmarkBid): string | undefined {
  return KNOWN[channel.toLowerCase()] ?? IN_URL.exec(url)?.[1];
}
