import { setPriority } from 'node:os';
import { ClickHouse, migrateTables } from '@weir/connector-clickhouse';
import { openCatalog } from '@weir/connector-postgres';
import type { Log } from '@weir/connector-api';
import { WeirError } from '@weir/model';
import { referencePipelines } from '@weir/pipelines';
import type { ReplayProgress } from '@weir/runtime';
import { beat, catalogMigrations, codeVersion, openLog, readSettings, readingCodec, viewMigrations } from '@weir/settings';
import { pino } from 'pino';
import { Pacer } from './pacer.ts';
import { rangeOf } from './range.ts';
import type { ReplayRange } from './range.ts';
import { ReplayReport, lineOf } from './replay-report.ts';
import { replayViews } from './replay-views.ts';
import { reprocessorSettings } from './settings.ts';

const logger = pino({ name: 'reprocessor' }, pino.destination({ dest: 2, sync: true }));
const REPORT_MILLISECONDS = 200;
const PRINT_MILLISECONDS = 2_000;

async function main(): Promise<void> {
  const settings = readSettings(reprocessorSettings);
  if (settings === undefined) return;
  const stop = new AbortController();
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => stop.abort());
  if (settings.supervised) process.once('disconnect', () => stop.abort());
  if (settings.nice > 0) setPriority(settings.nice);
  const warn = (message: string): void => logger.warn(message);
  beat(settings.healthFile, warn);
  const chosen = referencePipelines.filter(({ name }) => settings.pipelines.includes(name));
  const codec = await readingCodec(settings, { topic: 'orders', schema: chosen[0]!.sources['orders']!, warn });
  const log = await openLog(settings, 'weir-reprocessor', warn);
  const catalog = await openCatalog({ url: settings.postgres, migrations: catalogMigrations() });
  const clickhouse = new ClickHouse({ url: settings.clickhouse, database: settings.clickhouseDatabase });
  await clickhouse.ping();
  await migrateTables(clickhouse, viewMigrations());
  const passes = settings.together ? [chosen] : chosen.map((pipeline) => [pipeline]);
  const report = new ReplayReport(passes.length, () => performance.now());
  const pacer = new Pacer({ recordsPerSecond: settings.recordsPerSecond, cpuShare: settings.cpuShare, signal: stop.signal });
  const range = await rangeIn(log, settings.from, settings.to);
  const surroundings = {
    log, codec, range, catalog, clickhouse,
    codeVersion: codeVersion(),
    warn,
    onLost: (error: unknown): void => stop.abort(error),
    signal: stop.signal,
    pause: (records: number): Promise<void> => pacer.pause(records),
  };
  for (const pipelines of passes) {
    const onProgress = reporter(pipelines.map(({ name }) => name).join(', '), report);
    for (const { pipeline, runId, frontier, books } of await replayViews({ pipelines, onProgress, ...surroundings })) {
      logger.info({ pipeline, run: runId, frontier: Number.isFinite(frontier) ? new Date(frontier).toISOString() : null, books }, range.isWhole ? 'published' : 'replayed, and not published: the range does not begin at the start of the log');
      process.send?.({ [range.isWhole ? 'published' : 'replayed']: { pipeline, runId, frontier, books } });
    }
    report.endPass();
  }
  process.send?.({ cpuSeconds: (process.cpuUsage().user + process.cpuUsage().system) / 1e6 });
  await clickhouse.close();
  await catalog.close();
  await log.close();
  if (process.connected) process.disconnect();
}

async function rangeIn(log: Log, from: string, to: string): Promise<ReplayRange> {
  const reader = await log.reader('orders');
  try {
    return await rangeOf(reader, from, to);
  } finally {
    await reader.close();
  }
}

/** Tells how far it is: to the parent a few times a second, or as a line every two. */
function reporter(pipeline: string, report: ReplayReport): (progress: ReplayProgress) => void {
  const every = process.send === undefined ? PRINT_MILLISECONDS : REPORT_MILLISECONDS;
  let last = Number.NEGATIVE_INFINITY;
  return (progress) => {
    const now = performance.now();
    if (now - last < every && progress.done < progress.total) return;
    last = now;
    const reported = report.of(progress);
    if (process.send !== undefined) process.send({ progress: { pipeline, ...reported } });
    else console.log(`${pipeline}: ${lineOf(reported)}`);
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
