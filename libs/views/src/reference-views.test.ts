import { referencePipelines } from '@weir/pipelines';
import { describe, expect, it } from 'vitest';
import { referenceViews } from './reference-views.ts';
import { view } from './view.ts';

describe('the reference views', () => {
  it('serve each reference pipeline under its own name', () => {
    expect(referenceViews.map(({ name, pipeline }) => [name, pipeline])).toEqual(referencePipelines.map(({ name }) => [name, name]));
  });

  it('know which windows merge', () => {
    expect(referenceViews.map(({ sink, windows }) => [sink, windows])).toEqual([
      ['revenue', 'aligned'],
      ['ranking', 'aligned'],
      ['sessions', 'session'],
    ]);
  });
});

describe('view', () => {
  const topology = referencePipelines[0];

  it('refuses a name that could not be a table, and a sink that is not there', () => {
    expect(() => view(topology, { name: 'x; DROP', description: '', sink: 'revenue', windows: 'aligned' })).toThrow('VIEW_NAME');
    // @ts-expect-error: there is no such sink
    expect(() => view(topology, { name: 'x', description: '', sink: 'revenu', windows: 'aligned' })).toThrow('VIEW_SINK revenue-by-country');
  });

  it('refuses a field that would hide a column of the table', () => {
    const fields = [{ name: 'version', type: 'int', nullable: false }] as const;
    const clash = { ...topology, sinks: { revenue: { ...topology.sinks.revenue, fields } } };
    expect(() => view(clash, { name: 'x', description: '', sink: 'revenue', windows: 'aligned' })).toThrow('VIEW_COLUMN revenue-by-country/x');
  });
});
