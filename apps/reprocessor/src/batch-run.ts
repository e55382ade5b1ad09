import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { ViewSink } from '@weir/connector-clickhouse';
import type { ClickHouse } from '@weir/connector-clickhouse';
import { HeldLease } from '@weir/connector-postgres';
import type { Books, Catalog } from '@weir/connector-postgres';
import { WeirError, invariant } from '@weir/model';
import type { Watermark } from '@weir/model';
import type { ReplayedPipeline } from '@weir/runtime';
import type { Topology } from '@weir/topology';
import { referenceViews, tableColumns, tableNames, tableValues } from '@weir/views';
import type { View } from '@weir/views';
import { NothingLate } from './nothing-late.ts';
import type { ReplayRange } from './range.ts';

export interface BatchRunOptions {
  readonly topology: Topology;
  readonly clickhouse: ClickHouse;
  readonly catalog: Catalog;
  readonly codeVersion: string;
  readonly warn: (message: string) => void;
  /** Told when another has the lease: the run may go on for nothing no longer. */
  readonly onLost: (error: unknown) => void;
  readonly signal: AbortSignal;
}

/** A run that was killed holds its lease until it runs out: 10 s. */
const PATIENCE_MILLISECONDS = 20_000;
const RETRY_MILLISECONDS = 500;

/** One pipeline that is being replayed, under a run id that nobody reads before it is published. It holds the lease of the pipeline's replays meanwhile. */
export class BatchRun {
  readonly runId: string;
  readonly pipeline: ReplayedPipeline;
  readonly #options: BatchRunOptions;
  readonly #view: View;
  readonly #lease: HeldLease;

  private constructor(options: BatchRunOptions, runId: string, view: View, lease: HeldLease, sink: ViewSink) {
    this.runId = runId;
    this.#options = options;
    this.#view = view;
    this.#lease = lease;
    this.pipeline = { topology: options.topology, sinks: { [view.sink]: sink, late: new NothingLate(options.topology.name) } };
    lease.keep().catch((error: unknown) => options.onLost(error));
  }

  /** Takes the lease, and fails the runs in the catalog whose processes are gone. Throws LEASE_HELD when another replay of the pipeline goes on. */
  static async open(options: BatchRunOptions): Promise<BatchRun> {
    const { topology, clickhouse, catalog, codeVersion, warn, signal } = options;
    const view = referenceViews.find(({ pipeline }) => pipeline === topology.name);
    invariant(view !== undefined, `pipeline ${topology.name} has a view`);
    const runId = randomUUID();
    const lease = await whenFree(() => HeldLease.take({ catalog, task: `batch/${topology.name}`, owner: runId, warn }), signal);
    try {
      for (const abandoned of await catalog.failAbandonedRuns(Date.now())) warn(`Run ${abandoned} ended without saying so; it is marked as failed, and ${runId} takes its place.`);
      const sink = new ViewSink({
        clickhouse,
        table: tableNames(view).batch,
        columns: tableColumns(view),
        row: (batch, position, taskEpoch, watermark, values) => tableValues(view, batch, position, { taskEpoch, watermark, runId, codeVersion }, values),
      });
      await sink.open({ pipeline: topology.name, sink: view.sink, taskEpoch: 0 });
      return new BatchRun(options, runId, view, lease, sink);
    } catch (error) {
      await lease.release();
      throw error;
    }
  }

  get name(): string {
    return this.#options.topology.name;
  }

  /** Enters the run into the catalog. */
  async start({ partitions }: ReplayRange, frontier: Watermark): Promise<void> {
    const { catalog, codeVersion } = this.#options;
    const about = { runId: this.runId, pipeline: this.name, codeVersion, from: partitions.map(({ from }) => from), to: partitions.map(({ to }) => to) };
    await catalog.startRun({ ...about, frontier, state: 'running', books: null, startedAt: Date.now(), finishedAt: null });
  }

  /** Makes the run what the view shows; one that is not whole ends unseen. Throws FRONTIER_BACKWARDS, and LEASE_LOST when another replay has begun meanwhile. */
  async end(books: Books, isWhole: boolean): Promise<void> {
    const { catalog } = this.#options;
    await this.#lease.assure();
    if (isWhole) await catalog.publishRun(this.runId, [this.#view.name], books, Date.now());
    else await catalog.endUnpublished(this.runId, books, Date.now());
  }

  /** Fails the run if it has not ended, and gives the lease back. */
  async close(): Promise<void> {
    await this.#options.catalog.failRun(this.runId, Date.now());
    await this.#lease.release();
  }
}

async function whenFree<T>(take: () => Promise<T>, signal: AbortSignal): Promise<T> {
  for (let waited = 0; ; waited += RETRY_MILLISECONDS) {
    try {
      return await take();
    } catch (error) {
      if (!(error instanceof WeirError) || error.code !== 'LEASE_HELD' || waited >= PATIENCE_MILLISECONDS || signal.aborted) throw error;
      await sleep(RETRY_MILLISECONDS);
    }
  }
}
