import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { ClickHouse } from '@weir/connector-clickhouse';
import { openEmbeddedLog } from '@weir/connector-embedded-log';
import { openCatalog, readMigrations } from '@weir/connector-postgres';
import { WeirError } from '@weir/model';
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
  const jobs: ViewJob[] = [];
  let stopping = false;
  const stop = (): void => {
    stopping = true;
    for (const job of jobs) job.stop();
  };
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
  if (settings.supervised) process.once('disconnect', stop);

  const log = await openEmbeddedLog(join(settings.data, 'log'));
  const catalog = await openCatalog({ url: settings.postgres, migrations: readMigrations(settings.migrations) });
  const clickhouse = new ClickHouse({ url: settings.clickhouse });
  await clickhouse.ping();
  const owner = settings.owner ?? randomUUID();
  for (const topology of settings.pipelines) {
    const options = { topology, log, clickhouse, catalog, checkpoints: join(settings.data, 'checkpoints'), codeVersion: settings.codeVersion, owner, warn: (message: string) => logger.warn(message) };
    jobs.push(await whenFree(() => ViewJob.open(options), () => stopping));
  }
  if (stopping) stop();
  process.send?.({ ready: true });
  logger.info({ pipelines: settings.pipelines.map(({ name }) => name) }, 'running');
  const runs = jobs.map((job) => job.run());
  try {
    await Promise.all(runs);
  } catch (error) {
    // One job's failure ends the attempt; the others make their checkpoints first.
    stop();
    await Promise.allSettled(runs);
    throw error;
  }
  await clickhouse.close();
  await catalog.close();
  await log.close();
  logger.info('stopped');
  if (process.connected) process.disconnect();
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
