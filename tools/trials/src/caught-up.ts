import { setTimeout as sleep } from 'node:timers/promises';
import type { Log } from '@weir/connector-api';
import type { Catalog, JobStatus } from '@weir/connector-postgres';

const POLL_MILLISECONDS = 100;

/** The present ends of a topic, by partition. */
export async function endsOf(log: Log, topic: string): Promise<readonly number[]> {
  const reader = await log.reader(topic);
  const ends: number[] = [];
  for (let partition = 0; partition < reader.partitions; partition++) ends.push((await reader.offsets(partition)).highWatermark);
  await reader.close();
  return ends;
}

/** Resolves when the output of every job of the speed layer is durable up to these ends; what a job said before `since` does not count. */
export async function caughtUp(catalog: Catalog, ends: readonly number[], jobs: number, since: number): Promise<readonly JobStatus[]> {
  for (;;) {
    const done = (await catalog.jobs()).filter((job) => job.layer === 'speed' && job.updatedAt >= since && ends.every((end, partition) => (job.flushed[partition] ?? 0) >= end));
    if (done.length === jobs) return done;
    await sleep(POLL_MILLISECONDS);
  }
}
