import { randomUUID } from 'node:crypto';
import type { Log } from '@weir/connector-api';
import { ViewSink } from '@weir/connector-clickhouse';
import type { ClickHouse } from '@weir/connector-clickhouse';
import type { Catalog } from '@weir/connector-postgres';
import { json } from '@weir/codecs';
import { invariant } from '@weir/model';
import { replayTogether, scan } from '@weir/runtime';
import type { ReplayProgress, ReplayResult, ReplayedPipeline } from '@weir/runtime';
import type { Topology } from '@weir/topology';
import { createTable, referenceViews, tableNames, tableRow } from '@weir/views';
import type { View } from '@weir/views';
import { NothingLate } from './nothing-late.ts';

export interface ReplayViewsOptions {
  /** All read topic `orders` under that name, as the same rows. */
  readonly pipelines: readonly Topology[];
  readonly log: Log;
  readonly clickhouse: ClickHouse;
  readonly catalog: Catalog;
  readonly codeVersion: string;
  /** By partition, exclusive; default, and at most, the present ends. */
  readonly to?: readonly number[] | undefined;
  readonly onProgress: (progress: ReplayProgress) => void;
}

export interface ReplayedView extends ReplayResult {
  readonly pipeline: string;
  readonly runId: string;
}

/** A view that is about to be written under a run id that nobody reads yet. */
interface UnseenRun {
  readonly runId: string;
  readonly view: View;
  readonly pipeline: ReplayedPipeline;
}

/** Replays pipelines from the start of the log to its present end, then publishes each one's view; a run that fails stays unseen. */
export async function replayViews({ pipelines, log, clickhouse, catalog, codeVersion, to, onProgress }: ReplayViewsOptions): Promise<readonly ReplayedView[]> {
  const reader = await log.reader('orders');
  const ranges: { readonly from: number; readonly to: number }[] = [];
  for (let partition = 0; partition < reader.partitions; partition++) {
    const { logStart, highWatermark } = await reader.offsets(partition);
    ranges.push({ from: logStart, to: Math.max(logStart, Math.min(highWatermark, to?.[partition] ?? highWatermark)) });
  }
  const sources = { orders: { reader, codec: json(pipelines[0]!.sources['orders']!) } };
  const range = { orders: ranges };
  const segments = await scan({ topologies: pipelines, sources, range, onProgress });
  const runs: UnseenRun[] = [];
  try {
    for (const [index, topology] of pipelines.entries()) {
      const run = await openRun(topology, clickhouse, codeVersion);
      const about = { runId: run.runId, pipeline: topology.name, codeVersion, from: ranges.map(({ from }) => from), to: ranges.map(({ to }) => to) };
      await catalog.startRun({ ...about, frontier: segments.frontiers[index]!, state: 'running', books: null, startedAt: Date.now(), finishedAt: null });
      runs.push(run);
    }
    const results = await replayTogether({ pipelines: runs.map(({ pipeline }) => pipeline), sources, range, segments, onProgress });
    for (const [index, { runId, view }] of runs.entries()) await catalog.publishRun(runId, [view.name], results[index]!.books, Date.now());
    return runs.map(({ runId, pipeline }, index) => ({ ...results[index]!, runId, pipeline: pipeline.topology.name }));
  } catch (error) {
    // Those that were published stay so.
    for (const { runId } of runs) await catalog.failRun(runId, Date.now());
    throw error;
  }
}

async function openRun(topology: Topology, clickhouse: ClickHouse, codeVersion: string): Promise<UnseenRun> {
  const view = referenceViews.find(({ pipeline }) => pipeline === topology.name);
  invariant(view !== undefined, `pipeline ${topology.name} has a view`);
  await clickhouse.command(createTable(view, 'batch'));
  const runId = randomUUID();
  const sink = new ViewSink({
    clickhouse,
    table: tableNames(view).batch,
    row: (batch, position, taskEpoch, watermark) => tableRow(view, batch, position, { taskEpoch, watermark, runId, codeVersion }),
  });
  await sink.open({ pipeline: topology.name, sink: view.sink, taskEpoch: 0 });
  return { runId, view, pipeline: { topology, sinks: { [view.sink]: sink, late: new NothingLate(topology.name) } } };
}
