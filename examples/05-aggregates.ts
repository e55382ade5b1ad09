// Aggregates are values: name as many as you like, each over a field or over a function of the row.
// None of them depends on the order of rows: the same sums, firsts and lists come out live, in a replay and after a restart.
//
// Prints:
//   [
//     {
//       symbol: 'WEIR',
//       bar: {
//         trades: 4,
//         shares: 500,
//         fees: '0.34',
//         open: 10.4,
//         close: 10.2,
//         mean: 10.55,
//         deviation: 0.645497224367903,
//         largest: '300 at 10.2',
//         prices: { values: [ 10.4, 10.1, 11.5 ], omitted: 1 },
//         spread: {
//           below: 0,
//           bins: [
//             { from: 10, to: 10.5, count: 3 },
//             { from: 10.5, to: 11, count: 0 }
//           ],
//           above: 1
//         },
//         range: 1.4000000000000004
//       }
//     }
//   ]
import { minutes, seconds } from '@weir/model';
import { aggregator, afterWatermark, average, boundedOutOfOrderness, count, decimalSum, first, histogram, last, list, maxBy, standardDeviation, sum, tumbling } from '@weir/operators';
import { float, int, json, record, string, timestamp } from '@weir/schema';
import { testDriver } from '@weir/test-driver';
import { pipeline } from '@weir/topology';

const Trade = record('Trade', { symbol: string(), price: float(), fee: string(), shares: int(), tradedAt: timestamp() });
const Bar = record('Bar', { symbol: string(), bar: json<Readonly<Record<string, unknown>>>() });

interface Range {
  readonly low: number | null;
  readonly high: number | null;
}

/** One's own: how far the prices lie apart. Its accumulator is JSON, so it needs no write and read. */
const range = aggregator({
  name: 'range',
  reads: ['price'],
  create: (): Range => ({ low: null, high: null }),
  add: ({ low, high }, { price }: { readonly price: number }): Range => ({ low: Math.min(low ?? price, price), high: Math.max(high ?? price, price) }),
  merge: (a, b): Range => (a.low === null || a.high === null ? b : b.low === null || b.high === null ? a : { low: Math.min(a.low, b.low), high: Math.max(a.high, b.high) }),
  finish: ({ low, high }) => (high ?? 0) - (low ?? 0),
});

const bars = pipeline({ name: 'bars', sources: { trades: Trade }, sinks: { bars: Bar, lateTrades: Trade } }, ({ trades }, sinks) => {
  const { results, late } = trades
    .withEventTime({ timestamp: 'tradedAt', watermark: boundedOutOfOrderness(seconds(5)) })
    .keyBy('symbol')
    .window(tumbling(minutes(1)), { allowedLateness: minutes(0), trigger: afterWatermark(), accumulation: 'accumulating' })
    .aggregate('bar', {
      trades: count(),
      shares: sum('shares'),
      fees: decimalSum('fee'),
      open: first('price', { by: 'tradedAt' }),
      close: last('price', { by: 'tradedAt' }),
      mean: average('price'),
      deviation: standardDeviation('price', 'sample'),
      largest: maxBy((trade) => `${trade.shares} at ${trade.price}`, { by: 'shares' }),
      prices: list('price', { limit: 3, by: 'tradedAt' }),
      spread: histogram('price', { bounds: [10, 10.5, 11] }),
      range,
    });
  results.map(({ key, value }) => ({ symbol: key, bar: value })).to(sinks.bars);
  late.to(sinks.lateTrades);
});

const driver = testDriver(bars);
// Out of order: the third trade is the first of the minute.
driver.push('trades', [
  { symbol: 'WEIR', price: 10.1, fee: '0.10', shares: 100, tradedAt: 2_000 },
  { symbol: 'WEIR', price: 10.2, fee: '0.20', shares: 300, tradedAt: 59_999 },
  { symbol: 'WEIR', price: 10.4, fee: '0.01', shares: 50, tradedAt: 1_000 },
  { symbol: 'WEIR', price: 11.5, fee: '0.03', shares: 50, tradedAt: 30_000 },
]);
driver.advanceWatermark('trades', 60_000);
console.dir(driver.drain('bars'), { depth: null });
