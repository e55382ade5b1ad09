import { setTimeout as sleep } from 'node:timers/promises';
import type { Log } from '@weir/connector-api';
import type { Catalog, JobStatus } from '@weir/connector-postgres';
import { WeirError } from '@weir/model';

const POLL_MILLISECONDS = 100;
const DEADLINE_MILLISECONDS = 90_000;

/** The present ends of a topic, by partition. */
export async function endsOf(log: Log, topic: string): Promise<readonly number[]> {
  const reader = await log.reader(topic);
  const ends: number[] = [];
  for (let partition = 0; partition < reader.partitions; partition++) ends.push((await reader.offsets(partition)).highWatermark);
  await reader.close();
  return ends;
}

/** Resolves when the output of every job of the speed layer is durable up to these ends; what a job said before `since` does not count. Throws TRIAL_BEHIND. */
export async function caughtUp(catalog: Catalog, ends: readonly number[], jobs: number, since: number, milliseconds = DEADLINE_MILLISECONDS): Promise<readonly JobStatus[]> {
  for (const until = Date.now() + milliseconds; ; await sleep(POLL_MILLISECONDS)) {
    const told = (await catalog.jobs()).filter((job) => job.layer === 'speed');
    const done = told.filter((job) => job.updatedAt >= since && ends.every((end, partition) => (job.flushed[partition] ?? 0) >= end));
    if (done.length === jobs) return done;
    if (Date.now() < until) continue;
    const where = told.map(({ pipeline, state, flushed, updatedAt }) => `${pipeline} ${state}, ${Date.now() - updatedAt} ms ago, at ${flushed.join(',')}`);
    throw new WeirError('TRIAL_BEHIND', `The speed layer does not come to ${ends.join(',')}: ${where.join('; ')}.`, { remedy: 'Look at the last words of its processes.' });
  }
}
