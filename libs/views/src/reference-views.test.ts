import { referencePipelines } from '@weir/pipelines';
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
