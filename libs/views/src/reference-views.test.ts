import { minutes } from '@weir/model';
import { afterWatermark, boundedOutOfOrderness, count, dynamicSession } from '@weir/operators';
import { referencePipelines } from '@weir/pipelines';
import { int, record, string, timestamp } from '@weir/schema';
import { pipeline } from '@weir/topology';
import { describe, expect, it } from 'vitest';
import { referenceViews } from './reference-views.ts';
import { view } from './view.ts';

describe('the reference views', () => {
  it('serve each reference pipeline under its own name', () => {
    expect(referenceViews.map(({ name, pipeline }) => [name, pipeline])).toEqual(referencePipelines.map(({ name }) => [name, name]));
  });

  it('know from the pipeline which windows merge, and for how long results may change', () => {
    expect(referenceViews.map(({ sink, windows, allowedLateness }) => [sink, windows, allowedLateness])).toEqual([
      ['revenue', 'aligned', 3_600_000],
      ['ranking', 'aligned', 3_600_000],
      ['sessions', 'session', 3_600_000],
    ]);
  });
});

describe('view', () => {
  const topology = referencePipelines[0];

  it('knows of any assigner whether its windows merge', () => {
    const Click = record('Click', { user: string(), at: timestamp() });
    const Visit = record('Visit', { user: string(), clicks: int() });
    const visits = pipeline({ name: 'visits', sources: { clicks: Click }, sinks: { visits: Visit } }, ({ clicks }, sinks) => {
      const { results, late } = clicks
        .withEventTime({ timestamp: 'at', watermark: boundedOutOfOrderness(minutes(1)) })
        .keyBy('user')
        .window(dynamicSession(() => minutes(1)), { allowedLateness: minutes(0), trigger: afterWatermark(), accumulation: 'accumulating' })
        .aggregate('visits', { clicks: count() });
      results.map(({ key, value }) => ({ user: key, clicks: value.clicks })).to(sinks.visits);
      late.discard('not of interest here');
    });
    expect(view(visits, { name: 'visits', description: '', sink: 'visits' }).windows).toBe('session');
  });

  it('refuses a name that could not be a table, and a sink that is not there', () => {
    expect(() => view(topology, { name: 'x; DROP', description: '', sink: 'revenue' })).toThrow('VIEW_NAME');
    // @ts-expect-error: there is no such sink
    expect(() => view(topology, { name: 'x', description: '', sink: 'revenu' })).toThrow('VIEW_SINK revenue-by-country');
    expect(() => view(topology, { name: 'x', description: '', sink: 'late' })).toThrow('VIEW_SINK revenue-by-country');
  });

  it('refuses a field that would hide a column of the table', () => {
    const fields = [{ name: 'version', type: 'int', nullable: false }] as const;
    const clash = { ...topology, sinks: { revenue: { ...topology.sinks.revenue, fields } } };
    expect(() => view(clash, { name: 'x', description: '', sink: 'revenue' })).toThrow('VIEW_COLUMN revenue-by-country/x');
  });
});
