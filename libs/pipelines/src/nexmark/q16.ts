import { days } from '@weir/model';
import { max, tumbling } from '@weir/operators';
import { record, string } from '@weir/schema';
import { pipeline } from '@weir/topology';
import { bidStatisticFields, bidStatistics } from './bid-statistics.ts';
import { NexmarkBid } from './records.ts';
import { NO_LATE_ROWS, daily, whenMade } from './settings.ts';
import { dayText, minuteText } from './utc-time.ts';

const ChannelStatistics = record('ChannelStatistics', {
  channel: string(),
  day: string(),
  /** The minute of the last bid so far, `HH:mm`. */
  minute: string(),
  ...bidStatisticFields,
});

/** Channel statistics: as q15, for each channel. */
export const q16 = pipeline({ name: 'nexmark-q16', sources: { bids: NexmarkBid }, sinks: { results: ChannelStatistics } }, ({ bids }, sinks) => {
  const { results, late } = bids
    .withEventTime(whenMade)
    .keyBy('channel')
    .window(tumbling(days(1)), daily)
    .aggregate('statistics', { ...bidStatistics, last: max('dateTime') });
  results
    .map(({ key, window, value: { last, ...statistics } }) => ({ channel: key, day: dayText(window.start), minute: minuteText(last!), ...statistics }))
    .to(sinks.results);
  late.discard(NO_LATE_ROWS);
});
