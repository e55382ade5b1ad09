import { seconds } from '@weir/model';
import { afterWatermark, boundedOutOfOrderness, count, countSliding, delta, dynamicSession, global, never } from '@weir/operators';
import type { Trigger, WindowAssigner } from '@weir/operators';
import { int, record, string, timestamp } from '@weir/schema';
import { describe, expect, it } from 'vitest';
import { describe as text } from './describe.ts';
import { pipeline } from './pipeline.ts';
import { projection } from './projection.ts';
import type { KeyedStream, WindowOutputs } from './stream.ts';

const Click = record('Click', { user: string(), cents: int(), page: string(), at: timestamp() });
const Clicks = record('Clicks', { user: string(), clicks: int() });

interface Row {
  readonly user: string;
  readonly cents: number;
  readonly page: string;
  readonly at: number;
}

function built(step: (clicks: KeyedStream<Row, string>) => WindowOutputs<Row, string, { clicks: number }>) {
  return pipeline({ name: 'clicks', sources: { clicks: Click }, sinks: { clicks: Clicks } }, ({ clicks }, sinks) => {
    const { results, late } = step(clicks.withEventTime({ timestamp: 'at', watermark: boundedOutOfOrderness(seconds(0)) }).keyBy('user'));
    results.map(({ key, value }) => ({ user: key, clicks: value.clicks })).to(sinks.clicks);
    late.discard('a test');
  });
}

const windowed = (assigner: WindowAssigner<Row>, trigger: Trigger<Row>) =>
  built((clicks) => clicks.window(assigner, { allowedLateness: seconds(0), trigger, accumulation: 'accumulating' }).aggregate('clicks', { clicks: count() }));

describe('a windowed step', () => {
  it('knows the fields that its trigger and its assigner read', () => {
    expect(projection(windowed(global(), delta<Row>('cents', 5)), 'clicks')).toEqual(['user', 'cents', 'at']);
    expect(projection(windowed(dynamicSession<Row>('cents'), afterWatermark()), 'clicks')).toEqual(['user', 'cents', 'at']);
    expect(projection(windowed(global(), delta<Row>(({ cents }) => cents, 5)), 'clicks')).toBeUndefined();
  });

  it('refuses those that the rows do not have', () => {
    const price = delta<{ price: number }>('price', 5) as unknown as Trigger<Row>;
    expect(() => windowed(global(), price)).toThrow(/TOPOLOGY_FIELD_UNKNOWN/);
    const gap = dynamicSession<{ gap: number }>('gap') as unknown as WindowAssigner<Row>;
    expect(() => windowed(gap, never())).toThrow(/TOPOLOGY_FIELD_UNKNOWN/);
  });

  it('may be one of numbers of rows', () => {
    const topology = built((clicks) => clicks.countWindow(countSliding(3, 1)).aggregate('last3', { clicks: count() }));
    expect(text(topology)).toContain('count-window-aggregate by user, count sliding 3 by 1, clicks=count()');
    expect(() => built((clicks) => clicks.countWindow(countSliding(3, 1)).aggregate('last3', {} as { clicks: ReturnType<typeof count> } as never))).toThrow(/TOPOLOGY_AGGREGATE_EMPTY/);
  });
});
