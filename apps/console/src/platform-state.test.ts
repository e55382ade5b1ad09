import { describe, expect, it } from 'vitest';
import { platformState } from './platform-state.ts';
import type { Job, Jobs, Run } from './serving-api.ts';

const NOW = 1_000_000;

function job(change: Partial<Job> = {}): Job {
  return {
    pipeline: 'revenue',
    layer: 'speed',
    state: 'running',
    epoch: 1,
    codeVersion: 'v',
    watermark: 0,
    partitions: [{ partition: 0, position: 90, highWatermark: 100, watermark: 0, lag: 10 }],
    books: { records: 0, counted: 0, late: 0, filtered: 0, deadLettered: 0 },
    cpuSeconds: 0,
    updatedAt: NOW - 500,
    ...change,
  };
}

const RUNNING: Run = { runId: 'r', pipeline: 'revenue', codeVersion: 'v', from: [0], to: [1], frontier: null, state: 'running', books: null, startedAt: 0, finishedAt: null };

function state(jobs: readonly Job[], runs: readonly Run[] = [], failure: string | null = null, now = NOW) {
  const answer: Jobs = { jobs, runs, verification: null, ownership: [] };
  return platformState({ jobs: answer, answeredAt: NOW, failure, now }).kind;
}

describe('the state of the platform', () => {
  it('is live when every job runs and follows', () => {
    expect(state([job(), job({ pipeline: 'other' })])).toBe('live');
  });

  it('is replaying while a run is running', () => {
    expect(state([job()], [{ ...RUNNING, state: 'published' }, RUNNING])).toBe('replaying');
    expect(state([job()], [{ ...RUNNING, state: 'published' }])).toBe('live');
  });

  it('is catching up when a job is far behind or recovers', () => {
    expect(state([job({ partitions: [0, 1].map((partition) => ({ partition, position: 0, highWatermark: 6_000, watermark: 0, lag: 6_000 })) })])).toBe('catching-up');
    expect(state([job({ state: 'recovering' })])).toBe('catching-up');
  });

  it('is stale when a job has stopped or says nothing', () => {
    expect(state([])).toBe('stale');
    expect(state([job({ state: 'stopped' })])).toBe('stale');
    expect(state([job(), job({ pipeline: 'silent', updatedAt: NOW - 16_000 })], [RUNNING])).toBe('stale');
    expect(state([job(), job({ layer: 'batch', updatedAt: 0 })])).toBe('live');
  });

  it('is failed when a job has failed, with its reason', () => {
    const answer: Jobs = { jobs: [job({ state: 'failed', error: 'CODE: no disk' })], runs: [RUNNING], verification: null, ownership: [] };
    expect(platformState({ jobs: answer, answeredAt: NOW, failure: null, now: NOW })).toMatchObject({ kind: 'failed', detail: 'revenue: CODE: no disk' });
  });

  it('is unreachable when the API has not answered for a while, not after one failure', () => {
    expect(state([job()], [], 'No answer.', NOW + 3_000)).toBe('live');
    expect(state([job()], [], 'No answer.', NOW + 6_000)).toBe('unreachable');
    expect(platformState({ jobs: null, answeredAt: null, failure: 'No answer.', now: NOW }).kind).toBe('unreachable');
    expect(platformState({ jobs: null, answeredAt: null, failure: null, now: NOW }).kind).toBe('connecting');
  });
});
