import type { KnownJobs } from './use-jobs.ts';

/** How the whole platform is doing, in a word. */
export interface PlatformState {
  readonly kind: 'connecting' | 'live' | 'replaying' | 'catching-up' | 'stale' | 'failed' | 'unreachable';
  readonly title: string;
  /** One sentence. */
  readonly detail: string;
}

/** A speed job that has said nothing for so long is not live. */
const STALE_MILLISECONDS = 15_000;
/** An answer that is older than this does not count as current. */
const UNREACHABLE_MILLISECONDS = 5_000;
/** Records behind the log from which on a pipeline is said to be catching up. */
const BEHIND_RECORDS = 10_000;

/** What the header says; the worst news first. */
export function platformState({ jobs, answeredAt, failure, now }: KnownJobs): PlatformState {
  if (jobs === null || answeredAt === null) {
    if (failure !== null) return { kind: 'unreachable', title: 'Unreachable', detail: failure };
    return { kind: 'connecting', title: 'Connecting', detail: 'Asking the serving API.' };
  }
  if (failure !== null && now - answeredAt > UNREACHABLE_MILLISECONDS) {
    return { kind: 'unreachable', title: 'Unreachable', detail: `${failure} The numbers below are as they were.` };
  }
  const speed = jobs.jobs.filter(({ layer }) => layer === 'speed');
  if (speed.length === 0) return { kind: 'stale', title: 'No jobs', detail: 'The speed layer has not started yet.' };
  const failed = speed.find(({ state }) => state === 'failed');
  if (failed !== undefined) return { kind: 'failed', title: 'Failed', detail: `${failed.pipeline}: ${failed.error ?? 'no reason is given'}` };
  const silent = speed.filter(({ state, updatedAt }) => state === 'stopped' || answeredAt - updatedAt > STALE_MILLISECONDS);
  if (silent.length > 0) {
    return { kind: 'stale', title: 'Stale', detail: `No news from ${silent.map(({ pipeline }) => pipeline).join(', ')}.` };
  }
  const running = jobs.runs.find(({ state }) => state === 'running');
  if (running !== undefined) return { kind: 'replaying', title: 'Replaying', detail: `The batch layer replays ${running.pipeline}; the speed layer goes on.` };
  const behind = Math.max(...speed.map(({ partitions }) => partitions.reduce((sum, { lag }) => sum + lag, 0)));
  if (behind > BEHIND_RECORDS || speed.some(({ state }) => state === 'starting' || state === 'recovering')) {
    return { kind: 'catching-up', title: 'Catching up', detail: `The speed layer is up to ${behind.toLocaleString('en-GB')} records behind the log.` };
  }
  return { kind: 'live', title: 'Live', detail: 'The speed layer follows the log.' };
}
