import { hours, milliseconds, minutes, seconds } from '@weir/model';
import { afterWatermark, boundedOutOfOrderness, calendar, count, every, max, output, valueState } from '@weir/operators';
import { float, int, nullable, record, string, timestamp } from '@weir/schema';
import type { Infer } from '@weir/schema';
import { pipeline } from '@weir/topology';
import { Reading } from './reading.ts';

/** A device is missing when it says nothing for longer than this. */
const SILENCE = minutes(5);
/** So many readings on end above this are an alarm. */
const HOT_CELSIUS = 80;
const HOT_READINGS = 3;
const ZONE = 'Europe/Berlin';

/** What is wrong with a device. */
export const DeviceAlarm = record('DeviceAlarm', {
  device: string(),
  /** `missing`, `back` or `hot`. */
  alarm: string(),
  at: timestamp(),
  /** Of one that is missing or back: the last reading before the silence. */
  lastSeen: nullable(timestamp()),
});
export type DeviceAlarm = Infer<typeof DeviceAlarm>;

/** What a device measured on a day as the clocks of the zone show it, which may be 23 or 25 hours. */
export const DeviceDay = record('DeviceDay', {
  device: string(),
  /** `yyyy-MM-dd`. */
  day: string(),
  readings: int(),
  highest: float(),
});
export type DeviceDay = Infer<typeof DeviceDay>;

/** Devices that fell silent or are too hot, and the days of each. */
export const deviceWatch = pipeline(
  { name: 'device-watch', sources: { readings: Reading }, sinks: { alarms: DeviceAlarm, days: DeviceDay, late: Reading } },
  ({ readings }, sinks) => {
    const once = readings
      .withEventTime({ timestamp: 'readAt', watermark: boundedOutOfOrderness(seconds(90)), idleAfter: seconds(30) })
      .keyBy('readingId')
      .deduplicate('once', { within: hours(1), keep: 'first' });
    const byDevice = once.results.keyBy('device');

    const watched = byDevice.process(
      'watch',
      {
        state: { lastSeen: valueState<number>(), hot: valueState<number>() },
        emits: output<DeviceAlarm>(),
        onRow: ({ celsius, readAt }, ctx) => {
          const { lastSeen, hot } = ctx.state;
          const before = lastSeen.get();
          if (before !== undefined && readAt - before > SILENCE) ctx.emit({ device: ctx.key, alarm: 'back', at: readAt, lastSeen: before });
          if (before !== undefined) ctx.timers.delete(before + SILENCE + 1);
          ctx.timers.at(readAt + SILENCE + 1);
          lastSeen.set(readAt);
          const onEnd = celsius > HOT_CELSIUS ? (hot.get() ?? 0) + 1 : 0;
          if (onEnd === HOT_READINGS) ctx.emit({ device: ctx.key, alarm: 'hot', at: readAt, lastSeen: null });
          if (onEnd === 0) hot.clear();
          else hot.set(onEnd);
        },
        onTimer: ({ time }, ctx) => ctx.emit({ device: ctx.key, alarm: 'missing', at: time, lastSeen: ctx.state.lastSeen.get()! }),
      },
      { order: 'event-time' },
    );
    const daily = byDevice
      .window(calendar('day', { zone: ZONE }), { allowedLateness: milliseconds(0), trigger: afterWatermark({ early: every(minutes(1)) }), accumulation: 'accumulating' })
      .aggregate('daily', { readings: count(), highest: max('celsius') });

    watched.out.to(sinks.alarms);
    daily.results
      .map(({ key, window, value }) => ({ device: key, day: dayInZone(window.start), readings: value.readings, highest: value.highest! }))
      .to(sinks.days);
    once.late.union(watched.late, daily.late).to(sinks.late);
  },
);

const formatDay = new Intl.DateTimeFormat('en-CA', { timeZone: ZONE, year: 'numeric', month: '2-digit', day: '2-digit' });

function dayInZone(time: number): string {
  return formatDay.format(time);
}
