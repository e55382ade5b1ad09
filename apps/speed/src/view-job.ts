import { join } from 'node:path';
import type { Log } from '@weir/connector-api';
import { ViewSink } from '@weir/connector-clickhouse';
import type { ClickHouse } from '@weir/connector-clickhouse';
import type { Catalog, JobStatus, Lease } from '@weir/connector-postgres';
import { json } from '@weir/codecs';
import { invariant } from '@weir/model';
import { DeadLetters, LiveJob, LogSink } from '@weir/runtime';
import type { Topology } from '@weir/topology';
import { createTable, referenceViews, tableNames, tableRow } from '@weir/views';
import type { View } from '@weir/views';

export interface ViewJobOptions {
  readonly topology: Topology;
  readonly log: Log;
  readonly clickhouse: ClickHouse;
  readonly catalog: Catalog;
  readonly checkpoints: string;
  readonly codeVersion: string;
  readonly owner: string;
  readonly warn: (message: string) => void;
}

/** Long enough to outlast a pause, short enough that a successor need not wait. */
const LEASE_MILLISECONDS = 10_000;
const RENEW_MILLISECONDS = 2_000;
const STATUS_MILLISECONDS = 500;

/** One pipeline in the speed layer: holds the lease of its task, runs it live, tells the catalog how it is. */
export class ViewJob {
  readonly #options: ViewJobOptions;
  readonly #job: LiveJob;
  readonly #lease: Lease;
  #timers: NodeJS.Timeout[] = [];

  private constructor(options: ViewJobOptions, job: LiveJob, lease: Lease) {
    this.#options = options;
    this.#job = job;
    this.#lease = lease;
  }

  static async open(options: ViewJobOptions): Promise<ViewJob> {
    const { topology, log, catalog, clickhouse, codeVersion, owner, warn } = options;
    const lease = await catalog.acquireLease(`speed/${topology.name}`, owner, LEASE_MILLISECONDS);
    const view = viewOf(topology);
    await clickhouse.command(createTable(view, 'speed'));
    const deadLetterTopic = 'orders.dead-letters';
    const lateTopic = `${topology.name}.late`;
    for (const topic of [deadLetterTopic, lateTopic]) await log.ensureTopic(topic, { partitions: 1 });
    const writer = await log.writer();
    const job = new LiveJob({
      topology,
      sources: { orders: { reader: await log.reader('orders'), codec: json(topology.sources['orders']!) } },
      sinks: {
        [view.sink]: new ViewSink({
          clickhouse,
          table: tableNames(view).speed,
          row: (batch, position, taskEpoch, watermark) => tableRow(view, batch, position, { taskEpoch, watermark, runId: '', codeVersion }),
        }),
        late: new LogSink({ writer, topic: lateTopic, codec: json(topology.sinks['late']!) }),
      },
      taskEpoch: lease.epoch,
      codeVersion,
      directory: join(options.checkpoints, topology.name),
      clock: { now: Date.now },
      deadLetters: new DeadLetters({ pipeline: topology.name, policy: { on: 'dead-letter' }, writer, topic: deadLetterTopic }),
      warn,
    });
    return new ViewJob(options, job, lease);
  }

  /** Runs until `stop`. Rejects with what made it fail; LEASE_LOST when another process has taken over. */
  async run(): Promise<void> {
    const { catalog } = this.#options;
    const lost = new Promise<never>((_, reject) => {
      this.#repeat(RENEW_MILLISECONDS, () => catalog.renewLease(this.#lease, LEASE_MILLISECONDS), reject);
      this.#repeat(STATUS_MILLISECONDS, () => catalog.putJob(this.status()), reject);
    });
    try {
      await Promise.race([this.#job.run(), lost]);
    } finally {
      for (const timer of this.#timers) clearInterval(timer);
    }
    await catalog.putJob(this.status());
    await catalog.releaseLease(this.#lease);
  }

  stop(): void {
    this.#job.stop();
  }

  status(): JobStatus {
    const { phase, epoch, watermark, partitions, books, flushed } = this.#job.state();
    const finite = (value: number): number | null => (Number.isFinite(value) ? value : null);
    return {
      pipeline: this.#options.topology.name,
      layer: 'speed',
      state: phase,
      epoch,
      codeVersion: this.#options.codeVersion,
      watermark: finite(watermark),
      partitions: partitions.map(({ partition, position, highWatermark, watermark: own }) => ({ partition, position, highWatermark, watermark: finite(own) })),
      books,
      flushed,
      cpuSeconds: process.cpuUsage().user / 1e6 + process.cpuUsage().system / 1e6,
      updatedAt: Date.now(),
    };
  }

  /** One call at a time, however long it takes. */
  #repeat(milliseconds: number, work: () => Promise<void>, fail: (error: unknown) => void): void {
    let busy = false;
    const timer = setInterval(() => {
      if (busy) return;
      busy = true;
      work().then(
        () => (busy = false),
        (error: unknown) => fail(error),
      );
    }, milliseconds);
    this.#timers.push(timer);
  }
}

function viewOf(topology: Topology): View {
  const view = referenceViews.find(({ pipeline }) => pipeline === topology.name);
  invariant(view !== undefined, `pipeline ${topology.name} has a view`);
  return view;
}
