import { hours, minutes, seconds } from '@weir/model';
import { afterWatermark, boundedOutOfOrderness, count, every, session } from '@weir/operators';
import { int, record, string, timestamp } from '@weir/schema';
import type { Infer } from '@weir/schema';
import { pipeline } from '@weir/topology';
import { Click } from './click.ts';

const GAP = minutes(30);

/** What a user did without pausing for more than half an hour. */
export const Visit = record('Visit', {
  user: string(),
  /** The first click. */
  start: timestamp(),
  /** The last click; the window itself ends half an hour later. */
  end: timestamp(),
  clicks: int(),
});
export type Visit = Infer<typeof Visit>;

/** How often a user has looked at a topic, by which pages are chosen for them. */
export const Interest = record('Interest', {
  user: string(),
  topic: string(),
  clicks: int(),
});
export type Interest = Infer<typeof Interest>;

/** Visits of users, and counters of what they are interested in: a table that changes with each click. */
export const visits = pipeline({ name: 'visits', sources: { clicks: Click }, sinks: { visits: Visit, interests: Interest, late: Click } }, ({ clicks }, sinks) => {
  const once = clicks
    .withEventTime({ timestamp: 'clickedAt', watermark: boundedOutOfOrderness(seconds(90)), idleAfter: seconds(30) })
    .keyBy('clickId')
    .deduplicate('once', { within: hours(1), keep: 'first' });
  const sessions = once.results
    .keyBy('user')
    .window(session(GAP), { allowedLateness: minutes(5), trigger: afterWatermark({ early: every(seconds(10)) }), accumulation: 'accumulating' })
    .aggregate('sessions', { clicks: count() });
  const all = once.results.keyBy('clickId').toTable('clicks');

  sessions.results.map(({ key, window, value }) => ({ user: key, start: window.start, end: window.end - GAP, clicks: value.clicks })).to(sinks.visits);
  all.table
    .groupBy((click) => JSON.stringify([click.user, click.topic]))
    .aggregate('interests', { clicks: count() })
    .toStream()
    .map(({ key, value }) => {
      const [user, topic] = JSON.parse(key) as [string, string];
      return { user, topic, clicks: value.clicks };
    })
    .to(sinks.interests);
  once.late.union(sessions.late, all.late).to(sinks.late);
});
