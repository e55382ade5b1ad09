import { int, record, string, timestamp } from '@weir/schema';
import { pipeline } from '@weir/topology';
import { NexmarkBid } from './records.ts';
import { whenMade } from './settings.ts';
import { dayText, minuteText } from './utc-time.ts';

const Filed = record('Filed', {
  auction: int(),
  bidder: int(),
  price: int(),
  dateTime: timestamp(),
  extra: string(),
  /** The day, `yyyy-MM-dd` in UTC; with `hm` the partition that the row is filed in. */
  dt: string(),
  /** The minute, `HH:mm` in UTC. */
  hm: string(),
});

/** Log to a file system: every bid with the partition that it belongs in. */
export const q10 = pipeline({ name: 'nexmark-q10', sources: { bids: NexmarkBid }, sinks: { results: Filed } }, ({ bids }, sinks) => {
  bids
    .withEventTime(whenMade)
    .map(({ auction, bidder, price, dateTime, extra }) => ({ auction, bidder, price, dateTime, extra, dt: dayText(dateTime), hm: minuteText(dateTime) }))
    .to(sinks.results);
});
