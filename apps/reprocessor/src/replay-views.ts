import type { Codec, Log } from '@weir/connector-api';
import { replayTogether, scan } from '@weir/runtime';
import type { Pause, ReplayProgress, ReplayResult } from '@weir/runtime';
import type { Topology } from '@weir/topology';
import { BatchRun } from './batch-run.ts';
import type { BatchRunOptions } from './batch-run.ts';
import type { ReplayRange } from './range.ts';

export interface ReplayViewsOptions extends Omit<BatchRunOptions, 'topology'> {
  /** All read topic `orders` under that name, as the same rows. */
  readonly pipelines: readonly Topology[];
  readonly log: Log;
  /** Of topic `orders`. */
  readonly codec: Codec;
  readonly range: ReplayRange;
  readonly onProgress: (progress: ReplayProgress) => void;
  readonly pause: Pause;
}

export interface ReplayedView extends ReplayResult {
  readonly pipeline: string;
  readonly runId: string;
}

/** Replays pipelines side by side over a range, then publishes each one's view if the range is whole; a run that fails stays unseen. */
export async function replayViews({ pipelines, log, codec, range, onProgress, pause, ...surroundings }: ReplayViewsOptions): Promise<readonly ReplayedView[]> {
  const runs: BatchRun[] = [];
  const reader = await log.reader('orders');
  try {
    for (const topology of [...pipelines].sort((a, b) => (a.name < b.name ? -1 : 1))) runs.push(await BatchRun.open({ topology, ...surroundings }));
    const sources = { orders: { reader, codec } };
    const replayed = { sources, range: { orders: range.partitions }, onProgress, pause };
    const segments = await scan({ topologies: runs.map(({ pipeline }) => pipeline.topology), ...replayed });
    for (const [index, run] of runs.entries()) await run.start(range, segments.frontiers[index]!);
    const results = await replayTogether({ pipelines: runs.map(({ pipeline }) => pipeline), segments, ...replayed });
    for (const [index, run] of runs.entries()) await run.end(results[index]!.books, range.isWhole);
    return runs.map(({ runId, name }, index) => ({ ...results[index]!, runId, pipeline: name }));
  } finally {
    // Those that have ended stay as they are.
    for (const told of await Promise.allSettled(runs.map((run) => run.close()))) {
      if (told.status === 'rejected') surroundings.warn(`The catalog was not told of the end of a run: ${String(told.reason)}`);
    }
    await reader.close();
  }
}
