import { int, record, string, timestamp } from '@weir/schema';
import { pipeline } from '@weir/topology';
import { NexmarkBid } from './records.ts';
import { whenMade } from './settings.ts';
import { hourOf } from './utc-time.ts';

const Calculated = record('Calculated', {
  auction: int(),
  bidder: int(),
  /** Thousandths of a euro cent. */
  priceThousandths: int(),
  /** dayTime from 8 to 18, nightTime to 6 and from 20, otherTime at 7 and 19; whole hours in UTC. */
  bidTimeType: string(),
  dateTime: timestamp(),
  extra: string(),
  /** How often `c` stands in `extra`. */
  cCount: int(),
});

/** Calculation: bids within two prices, neither included, with the time of day and a count of letters. */
export const q14 = pipeline({ name: 'nexmark-q14', sources: { bids: NexmarkBid }, sinks: { results: Calculated } }, ({ bids }, sinks) => {
  bids
    .withEventTime(whenMade)
    .filter((bid) => bid.price * 908 > 1_000_000_000 && bid.price * 908 < 50_000_000_000)
    .map(({ auction, bidder, price, dateTime, extra }) => ({
      auction,
      bidder,
      priceThousandths: price * 908,
      bidTimeType: timeType(hourOf(dateTime)),
      dateTime,
      extra,
      cCount: countOf('c', extra),
    }))
    .to(sinks.results);
});

function timeType(hour: number): string {
  if (hour >= 8 && hour <= 18) return 'dayTime';
  return hour <= 6 || hour >= 20 ? 'nightTime' : 'otherTime';
}

function countOf(letter: string, text: string): number {
  let times = 0;
  for (let at = text.indexOf(letter); at !== -1; at = text.indexOf(letter, at + 1)) times++;
  return times;
}
