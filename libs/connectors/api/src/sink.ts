import type { Batch, Watermark } from '@weir/model';

/** Who writes: what a sink needs for versions, fences and names. */
export interface SinkContext {
  readonly pipeline: string;
  readonly sink: string;
  /** Grows with every owner of the task; in the version of every row, so that an outlived owner's rows lose. */
  readonly taskEpoch: number;
}

/**
 * Takes batches synchronously (copying what it keeps) and makes them durable on `flush`. Applying the same batch twice must
 * equal applying it once: results are identified by (pipeline, step, key, window), any batch by its sequence.
 */
export interface Sink {
  open(context: SinkContext): Promise<void>;
  /**
   * `sequence` counts the batches that the task has ever written to this sink, from 0 and across restarts: a replay of the same steps
   * gives each batch the number that it had.
   */
  write(batch: Batch, watermark: Watermark, sequence: number): void;
  /** Rows held and not yet durable; the runtime flushes when it passes its bound. */
  readonly pending: number;
  /** All that was written before the call is durable when it resolves. A flush never overlaps another. */
  flush(): Promise<void>;
  close(): Promise<void>;
}
