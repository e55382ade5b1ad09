import { join } from 'node:path';
import { ClickHouse } from '@weir/connector-clickhouse';
import { openEmbeddedLog } from '@weir/connector-embedded-log';
import { openCatalog, readMigrations } from '@weir/connector-postgres';
import { WeirError } from '@weir/model';
import type { ReplayProgress } from '@weir/runtime';
import { pino } from 'pino';
import { replayViews } from './replay-views.ts';
import { readSettings } from './settings.ts';

const logger = pino({ name: 'reprocessor' }, pino.destination({ dest: 2, sync: true }));
const REPORT_MILLISECONDS = 200;

async function main(): Promise<void> {
  const settings = readSettings();
  if (settings === undefined) return;
  // What an interrupted run has written stays unseen, as its frontier was never moved.
  if (settings.supervised) process.once('disconnect', () => process.exit(1));
  const log = await openEmbeddedLog(join(settings.data, 'log'));
  const catalog = await openCatalog({ url: settings.postgres, migrations: readMigrations(settings.migrations) });
  const clickhouse = new ClickHouse({ url: settings.clickhouse });
  await clickhouse.ping();
  const { pipelines, codeVersion, to } = settings;
  for (const { pipeline, runId, frontier, books } of await replayViews({ pipelines, log, catalog, clickhouse, codeVersion, to, onProgress: reporter(pipelines.map(({ name }) => name).join(', ')) })) {
    logger.info({ pipeline, run: runId, frontier: Number.isFinite(frontier) ? new Date(frontier).toISOString() : null, books }, 'published');
    process.send?.({ published: { pipeline, runId, frontier, books } });
  }
  process.send?.({ cpuSeconds: (process.cpuUsage().user + process.cpuUsage().system) / 1e6 });
  await clickhouse.close();
  await catalog.close();
  await log.close();
  if (process.connected) process.disconnect();
}

/** Tells how far it is, a few times a second: to the parent, or as lines. */
function reporter(pipeline: string): (progress: ReplayProgress) => void {
  let last = 0;
  return (progress) => {
    const now = performance.now();
    if (now - last < REPORT_MILLISECONDS && progress.done < progress.total) return;
    last = now;
    if (process.send !== undefined) process.send({ progress: { pipeline, ...progress } });
    else console.log(`${pipeline}: ${progress.phase} ${progress.done} of ${progress.total}`);
  };
}

main().then(
  () => process.exit(0),
  (error: unknown) => {
    if (error instanceof WeirError) logger.error({ code: error.code }, error.message);
    else logger.error(error);
    process.exit(1);
  },
);
