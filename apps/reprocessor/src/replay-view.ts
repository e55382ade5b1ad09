import { randomUUID } from 'node:crypto';
import type { Log, Sink } from '@weir/connector-api';
import { ViewSink } from '@weir/connector-clickhouse';
import type { ClickHouse } from '@weir/connector-clickhouse';
import type { Catalog } from '@weir/connector-postgres';
import { json } from '@weir/codecs';
import { invariant } from '@weir/model';
import { replay, scan } from '@weir/runtime';
import type { ReplayProgress, ReplayResult } from '@weir/runtime';
import type { Topology } from '@weir/topology';
import { createTable, referenceViews, tableNames, tableRow } from '@weir/views';

export interface ReplayViewOptions {
  readonly topology: Topology;
  readonly log: Log;
  readonly clickhouse: ClickHouse;
  readonly catalog: Catalog;
  readonly codeVersion: string;
  readonly onProgress: (progress: ReplayProgress) => void;
}

export interface ReplayedView extends ReplayResult {
  readonly runId: string;
  readonly view: string;
}

/** Replays a pipeline from the start of the log to its present end under a run id that nobody reads, then publishes the run. */
export async function replayView({ topology, log, clickhouse, catalog, codeVersion, onProgress }: ReplayViewOptions): Promise<ReplayedView> {
  const view = referenceViews.find(({ pipeline }) => pipeline === topology.name);
  invariant(view !== undefined, `pipeline ${topology.name} has a view`);
  const runId = randomUUID();
  await clickhouse.command(createTable(view, 'batch'));
  const reader = await log.reader('orders');
  const ranges = [];
  for (let partition = 0; partition < reader.partitions; partition++) {
    const { logStart, highWatermark } = await reader.offsets(partition);
    ranges.push({ from: logStart, to: highWatermark });
  }
  const sink = new ViewSink({
    clickhouse,
    table: tableNames(view).batch,
    row: (batch, position, taskEpoch, watermark) => tableRow(view, batch, position, { taskEpoch, watermark, runId, codeVersion }),
  });
  await sink.open({ pipeline: topology.name, sink: view.sink, taskEpoch: 0 });
  const job = {
    topology,
    sources: { orders: { reader, codec: json(topology.sources['orders']!) } },
    sinks: { [view.sink]: sink, late: new NothingLate(topology.name) },
    range: { orders: ranges },
    onProgress,
  };
  const segments = await scan(job);
  const run = { runId, pipeline: topology.name, codeVersion, from: ranges.map(({ from }) => from), to: ranges.map(({ to }) => to), frontier: segments.frontier };
  await catalog.startRun({ ...run, state: 'running', books: null, startedAt: Date.now(), finishedAt: null });
  try {
    const result = await replay({ ...job, segments });
    await catalog.publishRun(runId, [view.name], result.books, Date.now());
    return { ...result, runId, view: view.name };
  } catch (error) {
    await catalog.failRun(runId, Date.now());
    throw error;
  }
}

/** A perfect watermark leaves nothing late; a row here is a defect of Weir. */
class NothingLate implements Sink {
  readonly pending = 0;
  readonly #pipeline: string;

  constructor(pipeline: string) {
    this.#pipeline = pipeline;
  }

  open(): Promise<void> {
    return Promise.resolve();
  }

  write(): void {
    invariant(false, `the replay of ${this.#pipeline} called a row late`);
  }

  flush(): Promise<void> {
    return Promise.resolve();
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}
