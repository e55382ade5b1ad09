/** What the serving API answers, as far as the page reads it. Times are milliseconds since the epoch. */
export interface RowLabel {
  readonly layer: 'batch' | 'speed';
  readonly paneTiming: 'early' | 'on-time' | 'late';
  readonly completeness: 'complete' | 'provisional';
  readonly watermark: number | null;
  readonly frontier: number | null;
  readonly run: string | null;
  readonly codeVersion: string;
}

/** `end` is exclusive. */
export interface WindowBounds {
  readonly start: number;
  readonly end: number;
}

export interface Row<Data> {
  readonly key: string;
  readonly window: WindowBounds;
  readonly data: Data;
  readonly label: RowLabel;
}

export interface Revenue {
  readonly country: string;
  readonly hour: number;
  readonly cents: number;
  readonly units: number;
  readonly orders: number;
}

export interface Ranking {
  readonly windowEnd: number;
  readonly top: readonly { readonly product: string; readonly units: number }[];
}

export interface Session {
  readonly customer: string;
  readonly start: number;
  readonly end: number;
  readonly lines: number;
  readonly invoices: number;
  readonly cents: number;
  readonly lengthSeconds: number;
}

/** records = counted + late + filtered + deadLettered, unless something was lost. */
export interface Books {
  readonly records: number;
  readonly counted: number;
  readonly late: number;
  readonly filtered: number;
  readonly deadLettered: number;
}

export interface PartitionPosition {
  readonly partition: number;
  readonly position: number;
  readonly highWatermark: number;
  readonly watermark: number | null;
  readonly lag: number;
}

export interface Job {
  readonly pipeline: string;
  readonly layer: 'batch' | 'speed';
  readonly state: 'starting' | 'recovering' | 'running' | 'stopped' | 'failed';
  readonly epoch: number;
  readonly codeVersion: string;
  readonly watermark: number | null;
  readonly partitions: readonly PartitionPosition[];
  readonly books: Books;
  readonly cpuSeconds: number;
  readonly updatedAt: number;
  readonly error?: string;
}

export interface Run {
  readonly runId: string;
  readonly pipeline: string;
  readonly codeVersion: string;
  /** First offset of each partition. */
  readonly from: readonly number[];
  /** Offset after the last one of each partition. */
  readonly to: readonly number[];
  readonly frontier: number | null;
  readonly state: 'running' | 'published' | 'unpublished' | 'failed';
  readonly books: Books | null;
  readonly startedAt: number;
  readonly finishedAt: number | null;
}

export interface Comparison {
  readonly rowsCompared: number;
  readonly equal: number;
  /** Differences by cause; UNKNOWN must be 0. */
  readonly causes: Readonly<Record<string, number>>;
}

export interface Verification extends Comparison {
  readonly verifiedAt: number;
  readonly perView: Readonly<Record<string, Comparison>>;
}

export interface Ownership {
  readonly view: string;
  readonly runId: string;
  readonly frontier: number;
  readonly version: number;
}

export interface Jobs {
  readonly jobs: readonly Job[];
  /** Newest first. */
  readonly runs: readonly Run[];
  readonly verification: Verification | null;
  readonly ownership: readonly Ownership[];
}

const PATIENCE_MILLISECONDS = 10_000;

/** Asks the serving API; fails with the sentence of its problem. */
export async function ask<Answer>(path: string, signal?: AbortSignal): Promise<Answer> {
  const patience = AbortSignal.timeout(PATIENCE_MILLISECONDS);
  const response = await fetch(path, { headers: { accept: 'application/json' }, signal: signal === undefined ? patience : AbortSignal.any([signal, patience]) });
  if (response.ok) return (await response.json()) as Answer;
  const problem = (await response.json().catch(() => ({}))) as { readonly detail?: string };
  throw new Error(problem.detail ?? `The serving API answered ${response.status}.`);
}
