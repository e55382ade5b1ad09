import { hours } from '@weir/model';
import type { RecordSchema } from '@weir/schema';
import { describe, expect, it } from 'vitest';
import type { View } from './view.ts';
import { layerQuery, viewQuery } from './view-query.ts';
import type { ViewQueryOptions } from './view-query.ts';

const view = (windows: View['windows']): View => ({
  name: 'totals',
  description: '',
  pipeline: 'p',
  sink: 's',
  windows,
  allowedLateness: hours(1),
  schema: { name: 'Totals', fields: [{ name: 'cents', type: 'int', nullable: false }] } as unknown as RecordSchema,
});

const EVIL = `'; DROP TABLE totals_speed --`;

const asked: readonly ViewQueryOptions[] = [
  { ownership: null, limit: 10, finality: 'any' },
  { ownership: { runId: EVIL, frontier: 5 }, limit: 10, finality: 'final' },
  { ownership: { runId: EVIL, frontier: 5 }, limit: 10, finality: 'any', from: 1, to: 2, key: EVIL, cursor: { end: 1, key: EVIL, start: 0 }, settledUpTo: 3 },
];

const queries = (['aligned', 'session'] as const).flatMap((windows) => [
  ...asked.map((options) => viewQuery(view(windows), options)),
  layerQuery(view(windows), { layer: 'speed' }, 5),
  layerQuery(view(windows), { layer: 'batch', runId: EVIL }, 5),
]);

describe('SQL of a view', () => {
  it('reads no table without resolving versions', () => {
    for (const { sql } of queries) {
      const reads = sql.match(/FROM `[^`]+`( FINAL)?/g) ?? [];
      expect(reads.length).toBeGreaterThan(0);
      for (const read of reads) expect(read).toMatch(/ FINAL$/);
    }
  });

  it('binds what a client says, each parameter once it is used', () => {
    for (const { sql, params } of queries) {
      expect(sql).not.toContain('DROP');
      const named = new Set([...sql.matchAll(/\{(\w+):\w+\}/g)].map((match) => match[1]));
      expect(new Set(Object.keys(params))).toEqual(named);
    }
  });

  it('asks the speed layer alone while nothing is owned', () => {
    for (const ownership of [null, { runId: 'r', frontier: Number.NEGATIVE_INFINITY }]) {
      expect(viewQuery(view('session'), { ownership, limit: 1, finality: 'any' }).sql).not.toContain('totals_batch');
    }
  });

  it('writes an unbounded frontier as the last instant', () => {
    const ownership = { runId: 'r', frontier: Number.POSITIVE_INFINITY };
    expect(viewQuery(view('aligned'), { ownership, limit: 1, finality: 'any' }).params['frontier']).toBe(8.64e15);
  });
});
