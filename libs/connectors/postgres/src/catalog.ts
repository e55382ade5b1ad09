import type { Timestamp, Watermark } from '@weir/model';

/** Right to run one task; `epoch` only grows, and fences whoever held the lease before. */
export interface Lease {
  readonly task: string;
  readonly owner: string;
  readonly epoch: number;
}

export interface PartitionPosition {
  readonly partition: number;
  /** Offset of the next record to process. */
  readonly position: number;
  readonly highWatermark: number;
  readonly watermark: Watermark | null;
}

/** Conservation books of a job: records = counted + late + filtered + deadLettered, always. */
export interface Books {
  readonly records: number;
  readonly counted: number;
  readonly late: number;
  readonly filtered: number;
  readonly deadLettered: number;
}

/** What a running or ended job says of itself; overwritten about once a second. */
export interface JobStatus {
  readonly pipeline: string;
  readonly layer: 'speed' | 'batch';
  readonly state: 'starting' | 'recovering' | 'running' | 'stopped' | 'failed';
  readonly epoch: number;
  readonly codeVersion: string;
  readonly watermark: Watermark | null;
  readonly partitions: readonly PartitionPosition[];
  readonly books: Books;
  /** Everything up to these positions is durable in the sinks. */
  readonly flushed: readonly number[];
  readonly cpuSeconds: number;
  readonly updatedAt: Timestamp;
  readonly error?: string;
}

/** A range replayed by the batch layer. */
export interface Run {
  readonly runId: string;
  readonly pipeline: string;
  readonly codeVersion: string;
  /** Per partition: inclusive from, exclusive to. */
  readonly from: readonly number[];
  readonly to: readonly number[];
  /** Windows with end <= frontier are final in this run. */
  readonly frontier: Watermark;
  readonly state: 'running' | 'published' | 'unpublished' | 'failed';
  readonly books: Books | null;
  readonly startedAt: Timestamp;
  readonly finishedAt: Timestamp | null;
}

/** Which run owns the event time before `frontier` of a view; everything from there on is the speed layer's. */
export interface Ownership {
  readonly view: string;
  readonly runId: string;
  readonly frontier: Watermark;
  /** Grows by one with each publication of the view. */
  readonly version: number;
}

export interface Verification {
  readonly verifiedAt: Timestamp;
  readonly rowsCompared: number;
  readonly equal: number;
  /** Differences by cause code; UNKNOWN must be 0. */
  readonly causes: Readonly<Record<string, number>>;
  readonly perView: Readonly<Record<string, { readonly rowsCompared: number; readonly equal: number; readonly causes: Readonly<Record<string, number>> }>>;
}

/** What runs, what was published and who may write: the one place that all processes agree on. */
export interface Catalog {
  /** Takes the lease with a new epoch, if it is free, expired or already this owner's. Throws LEASE_HELD (retryable). */
  acquireLease(task: string, owner: string, ttlMilliseconds: number): Promise<Lease>;
  /** Throws LEASE_LOST when another owner took it since; the attempt must die. */
  renewLease(lease: Lease, ttlMilliseconds: number): Promise<void>;
  releaseLease(lease: Lease): Promise<void>;
  putJob(job: JobStatus): Promise<void>;
  jobs(): Promise<readonly JobStatus[]>;
  startRun(run: Run): Promise<void>;
  /** Ends the run and moves the frontier of its views, in one transaction. A frontier never moves back (FRONTIER_BACKWARDS). */
  publishRun(runId: string, views: readonly string[], books: Books, finishedAt: Timestamp): Promise<void>;
  failRun(runId: string, finishedAt: Timestamp): Promise<void>;
  /** Ends a run that is whole and moves no frontier. */
  endUnpublished(runId: string, books: Books, finishedAt: Timestamp): Promise<void>;
  /**
   * Fails the runs of processes that are gone: those that are running while nobody holds the lease `batch/<pipeline>` as `runId`. Answers which.
   */
  failAbandonedRuns(finishedAt: Timestamp): Promise<readonly string[]>;
  /** Newest first. */
  runs(limit: number): Promise<readonly Run[]>;
  ownership(view: string): Promise<Ownership | null>;
  /** Tells whoever listens now what has changed in a view, in less than 8,000 bytes. */
  announceChange(announcement: string): Promise<void>;
  putVerification(verification: Verification): Promise<void>;
  lastVerification(): Promise<Verification | null>;
  close(): Promise<void>;
}
