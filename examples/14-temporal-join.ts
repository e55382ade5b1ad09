// Each trade meets the exchange rate that was valid at its own time, however late the rate or the trade arrives.
//
// Prints:
//   the trades wait, because a rate of before their time may still come
//   a rate that is valid from minute 10 on, inclusive
//     first: 50 euros
//     second: 75 euros
//   two trades behind the watermark, by 30 and by 90 seconds
//     third: 75 euros
//     fourth is too late
import { minutes, seconds } from '@weir/model';
import { boundedOutOfOrderness } from '@weir/operators';
import { float, int, record, string, timestamp } from '@weir/schema';
import { testDriver } from '@weir/test-driver';
import { pipeline } from '@weir/topology';

const Rate = record('Rate', { currency: string(), euros: float(), validFrom: timestamp() });
const Trade = record('Trade', { id: string(), currency: string(), amount: int(), tradedAt: timestamp() });
const Valued = record('Valued', { trade: string(), euros: float() });

const valuation = pipeline({ name: 'valuation', sources: { rates: Rate, trades: Trade }, sinks: { valued: Valued, lateTrades: Trade } }, ({ rates, trades }, sinks) => {
  const { table: rateOf, late: lateRates } = rates
    .withEventTime({ timestamp: 'validFrom', watermark: boundedOutOfOrderness(seconds(0)) })
    .keyBy('currency')
    .toTable('rates');
  lateRates.discard('the trades of its time have been valued');

  const { results, late } = trades
    .withEventTime({ timestamp: 'tradedAt', watermark: boundedOutOfOrderness(seconds(0)) })
    .keyBy('currency')
    .temporalJoin('valuation', rateOf, { kind: 'inner', allowedLateness: minutes(1) }, (trade, rate) => ({ trade: trade.id, euros: trade.amount * rate.euros }));
  results.to(sinks.valued);
  late.to(sinks.lateTrades);
});

const driver = testDriver(valuation);
const at = (minute: number): number => minute * 60_000;

function show(what: string): void {
  console.log(what);
  for (const { trade, euros } of driver.drain('valued')) console.log(`  ${trade}: ${euros} euros`);
  for (const { id } of driver.drain('lateTrades')) console.log(`  ${id} is too late`);
}

driver.push('rates', { currency: 'usd', euros: 0.5, validFrom: at(0) });
driver.push('trades', [
  { id: 'first', currency: 'usd', amount: 100, tradedAt: at(5) },
  { id: 'second', currency: 'usd', amount: 100, tradedAt: at(10) },
]);
driver.advanceWatermark('trades', at(11));
show('the trades wait, because a rate of before their time may still come');

driver.push('rates', { currency: 'usd', euros: 0.75, validFrom: at(10) });
driver.advanceWatermark('rates', at(11));
show('a rate that is valid from minute 10 on, inclusive');

driver.push('trades', { id: 'third', currency: 'usd', amount: 100, tradedAt: at(10.5) });
driver.push('trades', { id: 'fourth', currency: 'usd', amount: 100, tradedAt: at(9.5) });
show('two trades behind the watermark, by 30 and by 90 seconds');
