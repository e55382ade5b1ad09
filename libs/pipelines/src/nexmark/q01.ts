import { int, record, string, timestamp } from '@weir/schema';
import { pipeline } from '@weir/topology';
import { NexmarkBid } from './records.ts';
import { whenMade } from './settings.ts';

const InEuros = record('InEuros', {
  auction: int(),
  bidder: int(),
  /** Thousandths of a euro cent: cents times 0.908 with three decimals, without any rounding. */
  priceThousandths: int(),
  dateTime: timestamp(),
  extra: string(),
});

/** Currency conversion: dollars to euros at 0.908. */
export const q01 = pipeline({ name: 'nexmark-q01', sources: { bids: NexmarkBid }, sinks: { results: InEuros } }, ({ bids }, sinks) => {
  bids
    .withEventTime(whenMade)
    .map(({ auction, bidder, price, dateTime, extra }) => ({ auction, bidder, priceThousandths: price * 908, dateTime, extra }))
    .to(sinks.results);
});
