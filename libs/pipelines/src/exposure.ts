import { days, seconds } from '@weir/model';
import { afterWatermark, boundedOutOfOrderness, count, every, tradingDay } from '@weir/operators';
import { int, record, string } from '@weir/schema';
import type { Infer } from '@weir/schema';
import { pipeline } from '@weir/topology';
import { latestVersions } from './latest-versions.ts';
import { Trade } from './trade.ts';

const ZONE = 'Europe/London';

/** What a desk holds of the trades of a trading day. */
export const Exposure = record('Exposure', {
  desk: string(),
  /** `yyyy-MM-dd`, by the clocks of the exchange. */
  day: string(),
  /** Sum of quantity times price of the trades' last versions; negative when more was sold. */
  cents: int(),
  /** Of all versions, those that came twice among them. */
  bookings: int(),
});
export type Exposure = Infer<typeof Exposure>;

/**
 * Exposure of each desk by trading day. A correction has the time of its trade, and comes up to two days later: the day of the trade is
 * then told again, which the allowed lateness of three days provides for.
 */
export const exposure = pipeline({ name: 'exposure', sources: { trades: Trade }, sinks: { exposures: Exposure, late: Trade } }, ({ trades }, sinks) => {
  const { results, late } = trades
    .withEventTime({ timestamp: 'tradedAt', watermark: boundedOutOfOrderness(seconds(90)), idleAfter: seconds(30) })
    .keyBy('desk')
    .window(tradingDay({ zone: ZONE, open: '08:00', close: '16:30', holidays: ['2026-04-03', '2026-04-06'] }), {
      allowedLateness: days(3),
      trigger: afterWatermark({ early: every(seconds(10)) }),
      accumulation: 'accumulating',
    })
    .aggregate('exposure', { cents: latestVersions(), bookings: count() });

  results.map(({ key, window, value }) => ({ desk: key, day: dayInZone(window.end), ...value })).to(sinks.exposures);
  late.to(sinks.late);
});

const formatDay = new Intl.DateTimeFormat('en-CA', { timeZone: ZONE, year: 'numeric', month: '2-digit', day: '2-digit' });

function dayInZone(time: number): string {
  return formatDay.format(time);
}
