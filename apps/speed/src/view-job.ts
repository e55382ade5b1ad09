import { join } from 'node:path';
import type { Log, LogWriter } from '@weir/connector-api';
import { ViewSink } from '@weir/connector-clickhouse';
import type { ClickHouse } from '@weir/connector-clickhouse';
import { HeldLease } from '@weir/connector-postgres';
import type { Catalog, JobStatus } from '@weir/connector-postgres';
import { json } from '@weir/codecs';
import { invariant } from '@weir/model';
import { DeadLetters, LogSink } from '@weir/runtime';
import type { FlushTiming, LiveJob, LivePipeline } from '@weir/runtime';
import type { Topology } from '@weir/topology';
import { announcementOf, referenceViews, storedWatermark, tableColumns, tableNames, tableValues } from '@weir/views';
import type { View } from '@weir/views';
import { Announcements } from './announcements.ts';

export interface ViewJobOptions {
  readonly topology: Topology;
  readonly log: Log;
  readonly writer: LogWriter;
  readonly clickhouse: ClickHouse;
  readonly catalog: Catalog;
  readonly checkpoints: string;
  readonly codeVersion: string;
  readonly owner: string;
  /** Also write every result to a topic of the log. */
  readonly changelog: boolean;
  readonly warn: (message: string) => void;
  /** Told of each write that made results durable. */
  readonly onFlushed?: (pipeline: string, timing: FlushTiming) => void;
}

const STATUS_MILLISECONDS = 500;
const DEAD_LETTERS = 'orders.dead-letters';

/** One pipeline in the speed layer: holds the lease of its task, says what it is bound to, and tells the catalog how it is. */
export class ViewJob {
  readonly pipeline: LivePipeline;
  readonly #options: ViewJobOptions;
  readonly #lease: HeldLease;
  #timer: NodeJS.Timeout | undefined;
  #telling: Promise<void> | undefined;

  private constructor(options: ViewJobOptions, lease: HeldLease) {
    const { topology, writer, clickhouse, catalog, codeVersion, warn, onFlushed } = options;
    const view = viewOf(topology);
    const announcements = new Announcements(view.name, (text) => catalog.announceChange(text), warn);
    const rows = new ViewSink({
      clickhouse,
      table: tableNames(view).speed,
      columns: tableColumns(view),
      row: (batch, position, taskEpoch, watermark, values) => tableValues(view, batch, position, { taskEpoch, watermark, runId: '', codeVersion }, values),
      // The steps that led to them are durable by then: whoever takes the task over writes the same rows.
      onSending: (sent) => {
        const text = view.windows === 'aligned' ? announcementOf(view, sent) : undefined;
        if (text !== undefined) announcements.tell(text);
        return text !== undefined;
      },
      onSent: () => announcements.changed(),
    });
    this.#options = options;
    this.#lease = lease;
    this.pipeline = {
      topology,
      taskEpoch: lease.epoch,
      directory: join(options.checkpoints, topology.name),
      fence: () => lease.assure(),
      isHeld: () => lease.isGood,
      deadLetters: new DeadLetters({ pipeline: topology.name, policy: { on: 'dead-letter' }, writer, topic: DEAD_LETTERS }),
      sinks: {
        [view.sink]: options.changelog ? [rows, new LogSink({ writer, topic: changelogTopicOf(view), codec: json(topology.sinks[view.sink]!) })] : rows,
        late: new LogSink({ writer, topic: lateTopicOf(topology), codec: json(topology.sources['orders']!) }),
      },
      onFlushed: (timing) => onFlushed?.(topology.name, timing),
    };
  }

  /** Takes the lease and makes what the pipeline writes to. Throws LEASE_HELD. */
  static async open(options: ViewJobOptions): Promise<ViewJob> {
    const { topology, log, catalog, owner, warn } = options;
    const lease = await HeldLease.take({ catalog, task: `speed/${topology.name}`, owner, warn });
    const topics = [DEAD_LETTERS, lateTopicOf(topology), ...(options.changelog ? [changelogTopicOf(viewOf(topology))] : [])];
    for (const topic of topics) await log.ensureTopic(topic, { partitions: 1 });
    return new ViewJob(options, lease);
  }

  /** Keeps the lease and the catalog up to date from now on. Never resolves; rejects when the lease is lost. */
  watch(job: LiveJob): Promise<never> {
    const { catalog, warn } = this.#options;
    this.#timer = setInterval(() => {
      // A catalog that does not answer makes the lease run out, and that ends the attempt.
      this.#telling ??= catalog
        .putJob(this.status(job))
        .catch((error: unknown) => warn(`The catalog was not told how ${this.#options.topology.name} is: ${String(error)}`))
        .finally(() => (this.#telling = undefined));
    }, STATUS_MILLISECONDS);
    return this.#lease.keep();
  }

  /** Tells the last status and gives the lease back. */
  async end(job: LiveJob): Promise<void> {
    this.unwatch();
    await this.#telling;
    await this.#options.catalog.putJob(this.status(job));
    await this.#lease.release();
  }

  /** Gives the lease back before anything was done under it. */
  giveBack(): Promise<void> {
    return this.#lease.release();
  }

  /** Stops telling; the lease runs out by itself. */
  unwatch(): void {
    clearInterval(this.#timer);
    this.#lease.forget();
  }

  /** Tells why the attempt ended. */
  async fail(job: LiveJob, error: unknown): Promise<void> {
    this.unwatch();
    await this.#telling;
    await this.#options.catalog.putJob({ ...this.status(job), state: 'failed', error: error instanceof Error ? error.message : String(error) });
  }

  status(job: LiveJob): JobStatus {
    const { topology, codeVersion } = this.#options;
    const { phase, epoch, watermark, partitions, books, flushed } = job.state(topology.name);
    const { user, system } = process.cpuUsage();
    return {
      pipeline: topology.name,
      layer: 'speed',
      state: phase,
      epoch,
      codeVersion,
      watermark: storedWatermark(watermark),
      partitions: partitions.map(({ partition, position, highWatermark, watermark: own }) => ({ partition, position, highWatermark, watermark: storedWatermark(own) })),
      books,
      flushed,
      cpuSeconds: (user + system) / 1e6,
      updatedAt: Date.now(),
    };
  }
}

function lateTopicOf(topology: Topology): string {
  return `${topology.name}.late`;
}

function changelogTopicOf(view: View): string {
  return `${view.name}.changelog`;
}

function viewOf(topology: Topology): View {
  const view = referenceViews.find(({ pipeline }) => pipeline === topology.name);
  invariant(view !== undefined, `pipeline ${topology.name} has a view`);
  return view;
}
