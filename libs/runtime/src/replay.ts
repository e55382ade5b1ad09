import type { Sink } from '@weir/connector-api';
import type { Watermark } from '@weir/model';
import { MAX_WATERMARK } from '@weir/model';
import type { Topology } from '@weir/topology';
import { partitionsOf } from './bindings.ts';
import type { Bindings, SourceBinding } from './bindings.ts';
import type { BookTotals, RejectionListener } from './books.ts';
import { readRange, whileInLog } from './read-range.ts';
import type { Lookups } from './requests/lookup.ts';
import { TaskRequests } from './requests/task-requests.ts';
import type { Waits } from './requests/waits.ts';
import { SegmentQueues, recordsOf, scan } from './segments.ts';
import type { Pause, Range, ReplayProgress, Segments } from './segments.ts';
import { SourceDecoders } from './source-decoders.ts';
import { Task } from './task.ts';

/** One of the pipelines that are replayed together. */
export interface ReplayedPipeline {
  readonly topology: Topology;
  readonly sinks: Readonly<Record<string, Sink>>;
  readonly listener?: RejectionListener;
  /** What answers the steps that ask the outside world, by name. They are asked again: an answer that has changed changes the outcome. */
  readonly lookups?: Lookups;
  /** How requests wait for their time; default the timers of the process. */
  readonly waits?: Waits;
}

export interface ReplayTogetherOptions {
  /** Each reads any of the sources. They are replayed side by side, so that a record is read and decoded once for all. */
  readonly pipelines: readonly ReplayedPipeline[];
  readonly sources: Readonly<Record<string, SourceBinding>>;
  readonly range: Range;
  /** What `scan` found in the range for these topologies, in this order; by default it is scanned now. */
  readonly segments?: Segments;
  readonly onProgress?: (progress: ReplayProgress) => void;
  readonly pause?: Pause;
  /** True when nothing will ever follow the range: all windows fire, and the frontier is infinity. Default false. */
  readonly isComplete?: boolean;
  /** Bound on the rows that a sink may hold, about. */
  readonly maxPending?: number;
}

/** One pipeline over a range. */
export interface ReplayOptions extends Bindings, Omit<ReplayTogetherOptions, 'pipelines' | 'sources'> {
  readonly listener?: RejectionListener;
  readonly waits?: Waits;
}

/** What became of one pipeline. */
export interface ReplayResult {
  readonly books: BookTotals;
  /** Windows with end <= frontier were fired, once each. */
  readonly frontier: Watermark;
}

/**
 * The `perfect` driver over a bounded range. Its watermark is the least timestamp of all that is still to come, capped at the
 * watermark that the strategies have at the end of the range: nothing is late, and each window closes as early as it truthfully can. There are no ticks, so nothing fires early.
 * Answers by pipeline, in order.
 */
export async function replayTogether(options: ReplayTogetherOptions): Promise<readonly ReplayResult[]> {
  const { pipelines, sources, range, onProgress, pause, maxPending = 20_000 } = options;
  const topologies = pipelines.map(({ topology }) => topology);
  const segments = options.segments ?? (await scan({ topologies, sources, range, onProgress, pause }));
  const tasks = pipelines.map((pipeline) => taskOf(pipeline, sources));
  const requests = pipelines.map(({ lookups, waits }, index) => new TaskRequests(tasks[index]!, lookups, waits));
  // All that was asked in a segment is answered before the next one, so the outcome does not depend on how long the answers take.
  const settle = async (): Promise<void> => {
    for (const [index, task] of tasks.entries()) await requests[index]!.settleAll((step, answers) => task.onAnswers(step, answers));
  };
  const total = recordsOf(range);
  const ended = tasks.map(() => MAX_WATERMARK);
  const { watermarks, frontiers } = options.isComplete === true ? { watermarks: ended, frontiers: ended } : segments;
  const queues = new SegmentQueues(segments, tasks.length);
  const decoders = new SourceDecoders(topologies, sources);
  const readersOf = new Map(Object.keys(sources).map((source) => [source, tasks.filter((task) => Object.hasOwn(task.topology.sources, source))]));
  const advance = (source: string): void => {
    for (const task of readersOf.get(source)!) {
      const index = tasks.indexOf(task);
      task.onWatermark(source, Math.min(queues.watermark(source, index), watermarks[index]!));
    }
  };
  for (const source of readersOf.keys()) advance(source);
  let done = 0;
  for (let next = queues.take(); next !== undefined; next = queues.take()) {
    const { source, partition } = next;
    const { from, to } = next.segment;
    const { reader } = sources[source]!;
    const bytes = await whileInLog(reader, partition, from, to, () => readRange(reader, partition, from, to));
    const decoded = await decoders.decode({ source, partition, from, to, bytes }, () => true);
    for (const [index, task] of tasks.entries()) if (decoded[index] !== undefined) task.decoded(source, partition, to, decoded[index], bytes);
    advance(source);
    await settle();
    done += to - from;
    onProgress?.({ phase: 'replay', done, total });
    await flushOver(pipelines, maxPending);
    await pause?.(to - from);
  }
  await flushOver(pipelines, 0);
  for (const task of tasks) task.assertBalance();
  return tasks.map((task, index) => ({ books: task.books(), frontier: frontiers[index]! }));
}

/** `replayTogether` for one pipeline. */
export async function replay({ topology, sinks, listener, lookups, waits, ...rest }: ReplayOptions): Promise<ReplayResult> {
  const pipeline = { topology, sinks, ...(listener === undefined ? {} : { listener }), ...(lookups === undefined ? {} : { lookups }), ...(waits === undefined ? {} : { waits }) };
  const [result] = await replayTogether({ pipelines: [pipeline], ...rest });
  return result!;
}

function taskOf({ topology, sinks, listener }: ReplayedPipeline, sources: Readonly<Record<string, SourceBinding>>): Task {
  return new Task({ topology, partitions: partitionsOf(sources), outputs: sinks, watermarks: 'given', ...(listener === undefined ? {} : { listener }) });
}

/** Flushes the sinks that hold more rows than this. */
async function flushOver(pipelines: readonly ReplayedPipeline[], bound: number): Promise<void> {
  for (const { sinks } of pipelines) for (const sink of Object.values(sinks)) if (sink.pending > bound) await sink.flush();
}
