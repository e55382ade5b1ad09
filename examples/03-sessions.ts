// Sessions merge: a row between two sessions makes them one, and the result that had fired is withdrawn.
//
// Prints:
//   35 minutes of silence: the first session is over
//     ann [0, 40): 2 clicks
//   a click from minute 20 comes late and bridges the two
//     ann [0, 40) withdrawn
//     ann [0, 75): 4 clicks
import { minutes } from '@weir/model';
import { afterWatermark, boundedOutOfOrderness, count, session } from '@weir/operators';
import { int, record, string, timestamp } from '@weir/schema';
import { testDriver } from '@weir/test-driver';
import { pipeline } from '@weir/topology';

const Click = record('Click', { user: string(), at: timestamp() });
const Session = record('Session', { user: string(), clicks: int() });

const sessions = pipeline({ name: 'sessions', sources: { clicks: Click }, sinks: { sessions: Session } }, ({ clicks }, sinks) => {
  const { results, late } = clicks
    .withEventTime({ timestamp: 'at', watermark: boundedOutOfOrderness(minutes(0)) })
    .keyBy('user')
    .window(session(minutes(30)), { allowedLateness: minutes(60), trigger: afterWatermark(), accumulation: 'accumulating' })
    .aggregate('sessions', { clicks: count() });

  results.map(({ key, value }) => ({ user: key, clicks: value.clicks })).to(sinks.sessions);
  late.discard('older than an hour: of no interest here');
});

const driver = testDriver(sessions);
const at = (minute: number): number => minute * 60_000;

function show(what: string): void {
  console.log(what);
  for (const { row, window, withdrawn } of driver.drainResults('sessions')) {
    const span = `[${window.start / 60_000}, ${window.end / 60_000})`;
    console.log(withdrawn ? `  ${row.user} ${span} withdrawn` : `  ${row.user} ${span}: ${row.clicks} clicks`);
  }
}

driver.push('clicks', [{ user: 'ann', at: at(0) }, { user: 'ann', at: at(10) }, { user: 'ann', at: at(45) }]);
driver.advanceWatermark('clicks', at(40));
show('35 minutes of silence: the first session is over');

driver.push('clicks', { user: 'ann', at: at(20) });
driver.advanceWatermark('clicks', at(90));
show('a click from minute 20 comes late and bridges the two');
