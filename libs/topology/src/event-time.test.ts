import { hours, minutes, seconds } from '@weir/model';
import { boundedOutOfOrderness, punctuated } from '@weir/operators';
import { int, record, string, timestamp } from '@weir/schema';
import { describe as group, expect, it } from 'vitest';
import { describe } from './describe.ts';
import type { EventTimeOptions } from './event-time.ts';
import { pipeline } from './pipeline.ts';
import { projection } from './projection.ts';
import type { Topology } from './topology.ts';

const Event = record('Event', { key: string(), at: timestamp(), mark: int(), note: string() });
const Out = record('Out', { key: string() });
type Row = { readonly key: string; readonly at: number; readonly mark: number; readonly note: string };

const watermark = boundedOutOfOrderness(seconds(5));
const idleAfter = seconds(30);

function topologyOf(options: Partial<EventTimeOptions<Row>>): Topology {
  return pipeline({ name: 'p', sources: { events: Event }, sinks: { out: Out } }, ({ events }, sinks) => {
    events.withEventTime({ timestamp: 'at', watermark, ...options }).to(sinks.out);
  });
}

const lineOf = (options: Partial<EventTimeOptions<Row>>): string => describe(topologyOf(options)).split('\n')[1]!.trim();

group('event time', () => {
  it('says all that was decided, and nothing that is as by default', () => {
    expect(lineOf({})).toBe('source events (Event): time at, bounded out-of-orderness 5s, never idle, at most 1d ahead');
    expect(lineOf({ idleAfter, whenAllIdle: 'advance', alignment: { group: 'g', maxDrift: minutes(2) }, maxFuture: hours(1), whenTooFarAhead: 'clamp' })).toBe(
      'source events (Event): time at, bounded out-of-orderness 5s, idle after 30s, advancing when all are idle, aligned in g within 2m, at most 1h ahead or without effect on the watermark',
    );
  });

  it.each<readonly [string, Partial<EventTimeOptions<Row>>]>([
    ['alignment', { alignment: { group: 'g', maxDrift: minutes(2) } }],
    ["whenAllIdle: 'advance'", { whenAllIdle: 'advance' }],
  ])('refuses %s where no partition is ever idle', (option, options) => {
    expect(() => topologyOf(options)).toThrow(`EVENT_TIME_NEEDS_IDLE p: Source 'events' has ${option}, and no partition of it is ever idle.`);
    expect(() => topologyOf({ ...options, idleAfter })).not.toThrow();
  });

  it('reads its time, what the strategy says that it reads, and everything where that is not known', () => {
    expect(projection(topologyOf({}), 'events')).toEqual(['key', 'at']);
    expect(projection(topologyOf({ watermark: punctuated((row: Row) => row.mark, { reads: ['mark'] }) }), 'events')).toEqual(['key', 'at', 'mark']);
    expect(projection(topologyOf({ watermark: punctuated((row: Row) => row.mark) }), 'events')).toBeUndefined();
    expect(projection(topologyOf({ timestamp: (row) => row.at }), 'events')).toBeUndefined();
  });
});
