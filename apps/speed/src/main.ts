import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { ClickHouse, migrateTables } from '@weir/connector-clickhouse';
import { openCatalog } from '@weir/connector-postgres';
import { WeirError } from '@weir/model';
import { referencePipelines } from '@weir/pipelines';
import { LiveJob } from '@weir/runtime';
import type { FlushTiming } from '@weir/runtime';
import { pino } from 'pino';
import { beat, catalogMigrations, codeVersion, openLog, readSettings, readingCodec, viewMigrations } from '@weir/settings';
import { takeAll } from './replica.ts';
import { speedSettings } from './settings.ts';
import type { ViewJob } from './view-job.ts';

/** The exit code of an attempt whose task another process has taken over: a supervisor need not start it again. */
const SUPERSEDED = 75;
/** How often the speed layer, which is always there, looks for replays that were killed. */
const ABANDONED_MILLISECONDS = 5_000;

const logger = pino({ name: 'speed' }, pino.destination({ dest: 2, sync: true }));

async function main(): Promise<void> {
  const settings = readSettings(speedSettings);
  if (settings === undefined) return;
  const attempt: { job?: LiveJob } = {};
  let stopping = false;
  const stop = (): void => {
    stopping = true;
    attempt.job?.stop();
  };
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
  if (settings.supervised) process.once('disconnect', stop);

  const { data, postgres } = settings;
  const version = codeVersion();
  const warn = (message: string): void => logger.warn(message);
  beat(settings.healthFile, warn);
  const pipelines = referencePipelines.filter(({ name }) => settings.pipelines.includes(name));
  const codec = await readingCodec(settings, { topic: 'orders', schema: pipelines[0]!.sources['orders']!, warn });
  const log = await openLog(settings, 'weir-speed', warn);
  const catalog = await openCatalog({ url: postgres, migrations: catalogMigrations() });
  const clickhouse = new ClickHouse({ url: settings.clickhouse, database: settings.clickhouseDatabase });
  await clickhouse.ping();
  await migrateTables(clickhouse, viewMigrations());
  const close = async (): Promise<void> => {
    await clickhouse.close();
    await catalog.close();
    await log.close();
    logger.info('stopped');
    if (process.connected) process.disconnect();
  };
  const surroundings = { log, clickhouse, catalog, checkpoints: join(data, 'checkpoints'), codeVersion: version, owner: settings.owner ?? randomUUID(), changelog: settings.changelog, warn, ...(settings.tellTimings ? { onFlushed: tellTiming } : {}) };
  // A writer writes one transaction at a time: each pipeline has one, so that none waits for the others.
  const bound = await Promise.all(pipelines.map(async (topology) => ({ topology, writer: await log.writer(), ...surroundings })));
  const views = await takeAll(bound, {
    milliseconds: (settings.waitSeconds ?? Number.POSITIVE_INFINITY) * 1_000,
    isStopping: () => stopping,
    onWaiting: (reason) => logger.info({ reason }, 'waiting as a replica'),
  });
  if (views === undefined) return close();
  const job = new LiveJob({
    pipelines: views.map(({ pipeline }) => pipeline),
    sources: { orders: { reader: await log.reader('orders'), codec } },
    codeVersion: version,
    clock: { now: Date.now },
    warn,
    onGap: settings.onGap,
    onDamage: settings.onDamage,
    checkpointEveryMilliseconds: settings.checkpointSeconds * 1_000,
    flushEveryMilliseconds: settings.flushMilliseconds,
  });
  attempt.job = job;
  if (stopping) job.stop();
  process.send?.({ ready: true });
  logger.info({ pipelines: pipelines.map(({ name }) => name), log: settings.log }, 'running');
  const looking = setInterval(() => {
    catalog.failAbandonedRuns(Date.now()).then(
      (runs) => runs.forEach((run) => warn(`Run ${run} of the batch layer ended without saying so, and is marked as failed.`)),
      (error: unknown) => warn(`The catalog could not be asked for abandoned runs: ${String(error)}`),
    );
  }, ABANDONED_MILLISECONDS);
  await runWatched(job, views);
  clearInterval(looking);
  await close();
}

/** Runs until it is stopped. One pipeline's failure or lost lease ends the attempt: its track is replayed by the next. */
async function runWatched(job: LiveJob, views: readonly ViewJob[]): Promise<void> {
  try {
    await Promise.race([job.run(), ...views.map((view) => view.watch(job))]);
    for (const view of views) await view.end(job);
  } catch (error) {
    for (const told of await Promise.allSettled(views.map((view) => view.fail(job, error)))) {
      if (told.status === 'rejected') logger.warn(told.reason, 'the catalog was not told of the failure');
    }
    throw error;
  }
}

/** In milliseconds since the epoch, which every process of the machine counts alike. */
function tellTiming(pipeline: string, { output, waitingSince, begunAt, endedAt }: FlushTiming): void {
  const { timeOrigin } = performance;
  process.send?.({ flushed: { pipeline, output, waitingSince: timeOrigin + waitingSince, begunAt: timeOrigin + begunAt, endedAt: timeOrigin + endedAt } });
}

main().then(
  () => process.exit(0),
  (error: unknown) => {
    if (error instanceof WeirError) logger.error({ code: error.code }, error.message);
    else logger.error(error);
    process.exit(error instanceof WeirError && error.code === 'LEASE_LOST' ? SUPERSEDED : 1);
  },
);
