// What no operator covers: state and timers of each key by hand. A device that was heard of and then is silent for a minute is
// reported once, and again when it comes back.
//
// Prints:
//   thermostat is silent at 00:01:10 after 2 readings
//   boiler is silent at 00:01:35 after 1 readings
//   thermostat is back at 00:03:00
//   thermostat is silent at 00:04:00 after 3 readings
import { minutes, seconds } from '@weir/model';
import { boundedOutOfOrderness, output, valueState } from '@weir/operators';
import { record, string, timestamp } from '@weir/schema';
import { testDriver } from '@weir/test-driver';
import { pipeline } from '@weir/topology';

const Reading = record('Reading', { device: string(), at: timestamp() });
const Report = record('Report', { text: string() });

const time = (at: number): string => new Date(at).toISOString().slice(11, 19);

const silence = pipeline({ name: 'silence', sources: { readings: Reading }, sinks: { reports: Report } }, ({ readings }, sinks) => {
  const { out, late } = readings
    .withEventTime({ timestamp: 'at', watermark: boundedOutOfOrderness(seconds(5)) })
    .keyBy('device')
    .process(
      'silence',
      {
        state: { last: valueState<number>(), readings: valueState<number>(), silent: valueState<boolean>() },
        emits: output<{ text: string }>(),
        onRow(reading, ctx) {
          const { last, readings: count, silent } = ctx.state;
          const before = last.get();
          if (before !== undefined) ctx.timers.delete(before + minutes(1));
          ctx.timers.at(reading.at + minutes(1));
          last.set(reading.at);
          count.set((count.get() ?? 0) + 1);
          if (silent.get() === true) ctx.emit({ text: `${ctx.key} is back at ${time(reading.at)}` });
          silent.clear();
        },
        onTimer(timer, ctx) {
          ctx.state.silent.set(true);
          ctx.emit({ text: `${ctx.key} is silent at ${time(timer.time)} after ${ctx.state.readings.get()} readings` });
        },
      },
      { order: 'event-time' },
    );
  out.to(sinks.reports);
  late.discard('a reading that comes too late says nothing about silence');
});

const driver = testDriver(silence);
const at = (second: number): number => second * 1_000;
driver.push('readings', [
  { device: 'thermostat', at: at(10) },
  { device: 'boiler', at: at(35) },
  { device: 'thermostat', at: at(0) },
]);
driver.push('readings', [{ device: 'thermostat', at: at(180) }]);
driver.advanceWatermark('readings', at(600));
for (const { text } of driver.drain('reports')) console.log(text);
