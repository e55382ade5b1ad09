import { days } from '@weir/model';
import { tumbling } from '@weir/operators';
import { record, string } from '@weir/schema';
import { pipeline } from '@weir/topology';
import { bidStatisticFields, bidStatistics } from './bid-statistics.ts';
import { NexmarkBid } from './records.ts';
import { NO_LATE_ROWS, daily, whenMade } from './settings.ts';
import { dayText } from './utc-time.ts';

const DayStatistics = record('DayStatistics', { day: string(), ...bidStatisticFields });

/** Bidding statistics: bids, bidders and auctions of a day, in all and of three ranks of price. */
export const q15 = pipeline({ name: 'nexmark-q15', sources: { bids: NexmarkBid }, sinks: { results: DayStatistics } }, ({ bids }, sinks) => {
  const { results, late } = bids
    .withEventTime(whenMade)
    .keyBy(() => 'all')
    .window(tumbling(days(1)), daily)
    .aggregate('statistics', bidStatistics);
  results.map(({ window, value }) => ({ day: dayText(window.start), ...value })).to(sinks.results);
  late.discard(NO_LATE_ROWS);
});
