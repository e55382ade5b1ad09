import { setTimeout as sleep } from 'node:timers/promises';
import type { Log } from '@weir/connector-api';
import type { Catalog, JobStatus } from '@weir/connector-postgres';

const POLL_MILLISECONDS = 100;

export interface CatchUp {
  /** Records that every job has processed, over what there is. */
  readonly done: number;
  readonly total: number;
}

/** Resolves when the output of every speed job is durable up to the present ends of topic `orders`. */
export async function caughtUp(catalog: Catalog, log: Log, pipelines: readonly string[], since: number, onProgress: (progress: CatchUp) => void): Promise<readonly JobStatus[]> {
  const reader = await log.reader('orders');
  const ends: number[] = [];
  for (let partition = 0; partition < reader.partitions; partition++) ends.push((await reader.offsets(partition)).highWatermark);
  await reader.close();
  const total = ends.reduce((sum, end) => sum + end, 0) * pipelines.length;
  for (;;) {
    const jobs = (await catalog.jobs()).filter((job) => job.layer === 'speed' && pipelines.includes(job.pipeline) && job.updatedAt >= since);
    if (jobs.length === pipelines.length && jobs.every((job) => ends.every((end, partition) => (job.flushed[partition] ?? 0) >= end))) return jobs;
    onProgress({ done: jobs.reduce((sum, job) => sum + job.partitions.reduce((inner, { position }) => inner + position, 0), 0), total });
    await sleep(POLL_MILLISECONDS);
  }
}
