import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { json } from '@weir/codecs';
import { ClickHouse } from '@weir/connector-clickhouse';
import { openEmbeddedLog } from '@weir/connector-embedded-log';
import { openCatalog, readMigrations } from '@weir/connector-postgres';
import { WeirError } from '@weir/model';
import { LiveJob } from '@weir/runtime';
import { pino } from 'pino';
import { readSettings } from './settings.ts';
import { ViewJob } from './view-job.ts';

/** The exit code of an attempt whose task another process has taken over: a supervisor need not start it again. */
const SUPERSEDED = 75;
const HELD_RETRY_MILLISECONDS = 500;
const HELD_DEADLINE_MILLISECONDS = 30_000;

const logger = pino({ name: 'speed' }, pino.destination({ dest: 2, sync: true }));

async function main(): Promise<void> {
  const settings = readSettings();
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

  const { data, pipelines, codeVersion } = settings;
  const warn = (message: string): void => logger.warn(message);
  const log = await openEmbeddedLog(join(data, 'log'));
  const catalog = await openCatalog({ url: settings.postgres, migrations: readMigrations(settings.migrations) });
  const clickhouse = new ClickHouse({ url: settings.clickhouse });
  await clickhouse.ping();
  const owner = settings.owner ?? randomUUID();
  const writer = await log.writer();
  const views: ViewJob[] = [];
  for (const topology of pipelines) {
    const options = { topology, log, writer, clickhouse, catalog, checkpoints: join(data, 'checkpoints'), codeVersion, owner, warn };
    views.push(await whenFree(() => ViewJob.open(options), () => stopping));
  }
  const sources = { orders: { reader: await log.reader('orders'), codec: json(pipelines[0]!.sources['orders']!) } };
  const job = new LiveJob({ pipelines: views.map(({ pipeline }) => pipeline), sources, codeVersion, clock: { now: Date.now }, warn });
  attempt.job = job;
  if (stopping) job.stop();
  process.send?.({ ready: true });
  logger.info({ pipelines: pipelines.map(({ name }) => name) }, 'running');
  await runWatched(job, views);
  await clickhouse.close();
  await catalog.close();
  await log.close();
  logger.info('stopped');
  if (process.connected) process.disconnect();
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

/** A predecessor that was killed holds its lease until it runs out. */
async function whenFree<T>(open: () => Promise<T>, stopping: () => boolean): Promise<T> {
  for (let waited = 0; ; waited += HELD_RETRY_MILLISECONDS) {
    try {
      return await open();
    } catch (error) {
      if (!(error instanceof WeirError) || error.code !== 'LEASE_HELD' || waited >= HELD_DEADLINE_MILLISECONDS || stopping()) throw error;
      await new Promise((resolve) => setTimeout(resolve, HELD_RETRY_MILLISECONDS));
    }
  }
}

main().then(
  () => process.exit(0),
  (error: unknown) => {
    if (error instanceof WeirError) logger.error({ code: error.code }, error.message);
    else logger.error(error);
    process.exit(error instanceof WeirError && error.code === 'LEASE_LOST' ? SUPERSEDED : 1);
  },
);
