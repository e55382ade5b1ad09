import { PrometheusSerializer } from '@opentelemetry/exporter-prometheus';
import { AggregationType, MeterProvider, MetricReader } from '@opentelemetry/sdk-metrics';
import type { BatchObservableResult, Counter, Histogram, Meter, Observable } from '@opentelemetry/api';
import { METRICS } from '@weir/telemetry';
import type { Metric } from '@weir/telemetry';
import type { ServedRow } from '@weir/views';
import type { CatalogSnapshot, CatalogSnapshots } from './catalog-snapshot.ts';

/** Upper bounds of the buckets of request durations, in seconds. */
const SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/** Metrics of the server and, as far as the catalog knows, of the jobs; read as Prometheus text. */
export class Metrics {
  readonly #reader = new OnDemandReader();
  // Only our own labels: no prefix, no time stamps, nothing about the process or the library.
  readonly #serializer = new PrometheusSerializer(undefined, false, undefined, true, true);
  readonly #provider: MeterProvider;
  readonly #durations: Histogram;
  readonly #rows: Counter;

  constructor(catalog: CatalogSnapshots, streamClients: () => ReadonlyMap<string, number>) {
    this.#provider = new MeterProvider({
      readers: [this.#reader],
      views: [{ instrumentName: METRICS.requestDuration.name, aggregation: { type: AggregationType.EXPLICIT_BUCKET_HISTOGRAM, options: { boundaries: SECONDS } } }],
    });
    const meter = this.#provider.getMeter('weir');
    this.#durations = meter.createHistogram(METRICS.requestDuration.name, { description: METRICS.requestDuration.help });
    this.#rows = meter.createCounter(METRICS.rowsServed.name, { description: METRICS.rowsServed.help });
    gaugeOf(meter, METRICS.streamClients).addCallback((result) => {
      for (const [view, clients] of streamClients()) result.observe(clients, { view });
    });
    observeCatalog(meter, catalog);
  }

  requested(route: string, method: string, status: number, seconds: number): void {
    this.#durations.record(seconds, { route, method, status: String(status) });
  }

  served(view: string, rows: readonly ServedRow[]): void {
    const batch = rows.reduce((count, { label }) => (label.layer === 'batch' ? count + 1 : count), 0);
    if (batch > 0) this.#rows.add(batch, { view, layer: 'batch' });
    if (rows.length > batch) this.#rows.add(rows.length - batch, { view, layer: 'speed' });
  }

  async text(): Promise<string> {
    const { resourceMetrics } = await this.#reader.collect();
    return this.#serializer.serialize(resourceMetrics);
  }

  async close(): Promise<void> {
    await this.#provider.shutdown();
  }
}

class OnDemandReader extends MetricReader {
  protected override onForceFlush(): Promise<void> {
    return Promise.resolve();
  }

  protected override onShutdown(): Promise<void> {
    return Promise.resolve();
  }
}

function gaugeOf(meter: Meter, { name, help }: Metric): Observable {
  return meter.createObservableGauge(name, { description: help });
}

function observeCatalog(meter: Meter, catalog: CatalogSnapshots): void {
  const { lag, watermark, records, late, deadLettered, imbalance, frontier, unknown, catalogUp } = METRICS;
  const instruments = Object.fromEntries(
    Object.entries({ lag, watermark, records, late, deadLettered, imbalance, frontier, unknown, up: catalogUp }).map(([key, metric]) => [key, gaugeOf(meter, metric)]),
  );
  meter.addBatchObservableCallback(async (result) => {
    let snapshot: CatalogSnapshot | null = null;
    try {
      snapshot = await catalog.current();
    } catch {
      // The gauge says it; a scrape must not fail because of it.
    }
    result.observe(instruments['up']!, snapshot === null ? 0 : 1);
    if (snapshot !== null) observe(result, instruments, snapshot);
  }, Object.values(instruments));
}

function observe(result: BatchObservableResult, to: Readonly<Record<string, Observable>>, { jobs, ownership, verification }: CatalogSnapshot): void {
  for (const { pipeline, layer, partitions, watermark, books } of jobs) {
    const labels = { pipeline, layer };
    for (const { partition, position, highWatermark } of partitions) {
      result.observe(to['lag']!, Math.max(0, highWatermark - position), { ...labels, partition: String(partition) });
    }
    if (watermark !== null) result.observe(to['watermark']!, watermark / 1000, labels);
    result.observe(to['records']!, books.records, labels);
    result.observe(to['late']!, books.late, labels);
    result.observe(to['deadLettered']!, books.deadLettered, labels);
    result.observe(to['imbalance']!, books.records - books.counted - books.late - books.filtered - books.deadLettered, labels);
  }
  for (const [view, owned] of ownership) if (owned !== null) result.observe(to['frontier']!, owned.frontier / 1000, { view });
  if (verification !== null) result.observe(to['unknown']!, verification.causes['UNKNOWN'] ?? 0);
}
