import type { CatalogSnapshot, CatalogSnapshots } from './catalog-snapshot.ts';
import { Jobs, problems } from './schemas.ts';
import type { JobsJson } from './schemas.ts';
import type { ServingApp } from './serving-app.ts';

/** GET /v1/jobs: what runs, what was replayed, what owns each view and how the last comparison went. */
export function jobsRoute(app: ServingApp, catalog: CatalogSnapshots): void {
  app.get('/v1/jobs', { schema: { summary: 'Jobs, replays, ownership and the last verification', tags: ['operation'], response: { 200: Jobs, ...problems } } }, async () =>
    jobsJson(await catalog.current()),
  );
}

function jobsJson({ jobs, runs, verification, ownership }: CatalogSnapshot): JobsJson {
  return {
    jobs: jobs.map((job) => ({
      ...job,
      partitions: job.partitions.map((partition) => ({ ...partition, lag: Math.max(0, partition.highWatermark - partition.position) })),
      flushed: [...job.flushed],
    })),
    runs: runs.map((run) => ({ ...run, from: [...run.from], to: [...run.to] })),
    verification: verification === null ? null : mutable(verification),
    ownership: [...ownership.values()].filter((owned) => owned !== null),
  };
}

function mutable(verification: NonNullable<CatalogSnapshot['verification']>): NonNullable<JobsJson['verification']> {
  return { ...verification, perView: { ...verification.perView } };
}
