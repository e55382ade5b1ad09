/** One metric that a program of Weir exposes, as Prometheus reads it. */
export interface Metric {
  readonly name: string;
  readonly kind: 'counter' | 'gauge' | 'histogram';
  readonly help: string;
  /** Labels that tell its series apart; those that Prometheus adds are not among them. */
  readonly labels: readonly string[];
}

const JOB = ['pipeline', 'layer'] as const;

/** Every metric that is exposed: a dashboard or an alert can name these, and no others. Durations and instants are in seconds. */
export const METRICS = {
  requestDuration: { name: 'weir_http_request_duration_seconds', kind: 'histogram', help: 'Time from the request to the end of its answer.', labels: ['route', 'method', 'status'] },
  rowsServed: { name: 'weir_rows_served_total', kind: 'counter', help: 'Rows in answers, by the layer that they came from.', labels: ['view', 'layer'] },
  streamClients: { name: 'weir_stream_clients', kind: 'gauge', help: 'Open streams.', labels: ['view'] },
  lag: { name: 'weir_job_lag_records', kind: 'gauge', help: 'Records of a partition that a job has not processed yet.', labels: [...JOB, 'partition'] },
  watermark: { name: 'weir_job_watermark_seconds', kind: 'gauge', help: 'Watermark of a job, in seconds since the epoch.', labels: JOB },
  records: { name: 'weir_job_records', kind: 'gauge', help: 'Records that a job has read.', labels: JOB },
  late: { name: 'weir_job_late_records', kind: 'gauge', help: 'Records that came too late.', labels: JOB },
  deadLettered: { name: 'weir_job_dead_lettered_records', kind: 'gauge', help: 'Records that could not be decoded.', labels: JOB },
  imbalance: { name: 'weir_job_books_imbalance', kind: 'gauge', help: 'Records less counted, late, filtered and dead-lettered ones; anything but 0 is a loss.', labels: JOB },
  frontier: { name: 'weir_view_frontier_seconds', kind: 'gauge', help: 'Event time up to which a replay owns a view, in seconds since the epoch.', labels: ['view'] },
  unknown: { name: 'weir_verification_unknown', kind: 'gauge', help: 'Differences without an explanation in the last comparison; anything but 0 is a fault.', labels: [] },
  catalogUp: { name: 'weir_catalog_up', kind: 'gauge', help: '1 when the catalog could be read for this answer.', labels: [] },
} as const satisfies Readonly<Record<string, Metric>>;

/** The names under which Prometheus keeps a metric: a histogram has three. */
export function seriesNames({ name, kind }: Metric): readonly string[] {
  return kind === 'histogram' ? ['_bucket', '_count', '_sum'].map((suffix) => `${name}${suffix}`) : [name];
}
