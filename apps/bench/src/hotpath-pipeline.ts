import { milliseconds, seconds } from '@weir/model';
import { afterWatermark, boundedOutOfOrderness, count, hopping, sum, tumbling } from '@weir/operators';
import { int, json, record, string, timestamp } from '@weir/schema';
import { pipeline } from '@weir/topology';

/** A bid of about 200 bytes of JSON, after Nexmark. */
export const Bid = record('Bid', {
  auction: int(),
  bidder: int(),
  price: int(),
  channel: string(),
  url: string(),
  dateTime: timestamp(),
  extra: string(),
});

const Windowed = record('Windowed', { key: json<string | number>(), start: timestamp(), bids: int(), total: int() });

const decisions = { allowedLateness: milliseconds(0), trigger: afterWatermark(), accumulation: 'accumulating' } as const;
const whenBid = { timestamp: 'dateTime', watermark: boundedOutOfOrderness(seconds(4)) } as const;

/** Bids and turnover per channel and 10 s, of bids above a price. */
export const tumblingBids = pipeline({ name: 'tumbling-bids', sources: { bids: Bid }, sinks: { windows: Windowed } }, ({ bids }, sinks) => {
  const { results, late } = bids
    .withEventTime(whenBid)
    .filter((bid) => bid.price > 100)
    .keyBy('channel')
    .window(tumbling(seconds(10)), decisions)
    .aggregate('turnover', { bids: count(), total: sum('price') });
  results.map((result) => ({ key: result.key as string | number, start: result.window.start, ...result.value })).to(sinks.windows);
  late.discard('none is late in this benchmark');
});

/** Bids and turnover per auction in the last 10 s, every 2 s, of bids above a price. */
export const hoppingBids = pipeline({ name: 'hopping-bids', sources: { bids: Bid }, sinks: { windows: Windowed } }, ({ bids }, sinks) => {
  const { results, late } = bids
    .withEventTime(whenBid)
    .filter((bid) => bid.price > 100)
    .keyBy('auction')
    .window(hopping(seconds(10), seconds(2)), decisions)
    .aggregate('turnover', { bids: count(), total: sum('price') });
  results.map((result) => ({ key: result.key as string | number, start: result.window.start, ...result.value })).to(sinks.windows);
  late.discard('none is late in this benchmark');
});
