// What happens to rows that come late: within the allowed lateness the window fires again, beyond it the row goes to `late`.
//
// Prints:
//   the watermark is 55 s, the first minute is open
//   the watermark is 61 s, the first minute fires
//     /: 1 (on-time, pane 0)
//   one visit comes late, but within two minutes: it corrects the number
//     /: 2 (late, pane 1)
//   the watermark is 190 s: the first minute is closed for good, the second fires
//     /: 2 (on-time, pane 0)
//   one visit comes too late
//     late: / at 58000
import { minutes, seconds } from '@weir/model';
import { afterWatermark, boundedOutOfOrderness, count, tumbling } from '@weir/operators';
import { int, record, string, timestamp } from '@weir/schema';
import { testDriver } from '@weir/test-driver';
import { pipeline } from '@weir/topology';

const Visit = record('Visit', { page: string(), at: timestamp() });
const Visits = record('Visits', { page: string(), minute: timestamp(), visits: int() });

const visitsPerMinute = pipeline(
  { name: 'visits-per-minute', sources: { visits: Visit }, sinks: { counts: Visits, late: Visit } },
  ({ visits }, sinks) => {
    const { results, late } = visits
      .withEventTime({ timestamp: 'at', watermark: boundedOutOfOrderness(seconds(10)) })
      .keyBy('page')
      .window(tumbling(minutes(1)), { allowedLateness: minutes(2), trigger: afterWatermark(), accumulation: 'accumulating' })
      .aggregate('visits', { visits: count() });

    results.map(({ key, window, value }) => ({ page: key, minute: window.start, visits: value.visits })).to(sinks.counts);
    late.to(sinks.late);
  },
);

const driver = testDriver(visitsPerMinute);

function show(what: string): void {
  console.log(what);
  for (const { row, pane } of driver.drainResults('counts')) console.log(`  ${row.page}: ${row.visits} (${pane.timing}, pane ${pane.index}${pane.isLast ? ', last' : ''})`);
  for (const { page, at } of driver.drain('late')) console.log(`  late: ${page} at ${at}`);
}

driver.push('visits', [{ page: '/', at: 5_000 }, { page: '/', at: 65_000 }]);
show('the watermark is 55 s, the first minute is open');

driver.push('visits', { page: '/', at: 71_000 });
show('the watermark is 61 s, the first minute fires');

driver.push('visits', { page: '/', at: 59_000 });
show('one visit comes late, but within two minutes: it corrects the number');

driver.push('visits', { page: '/', at: 200_000 });
show('the watermark is 190 s: the first minute is closed for good, the second fires');

driver.push('visits', { page: '/', at: 58_000 });
show('one visit comes too late');
