import type { Decoder } from '@weir/connector-api';
import type { Watermark } from '@weir/model';
import { invariant } from '@weir/model';
import type { SourceNode } from '@weir/topology';
import { partitionsOf } from './bindings.ts';
import type { Bindings, SourceBinding } from './bindings.ts';
import type { BookTotals, RejectionListener } from './books.ts';
import { EventTimeAssigner } from './event-time.ts';
import { endOffset, readRange } from './read-range.ts';
import { Task } from './task.ts';

/** Offsets [from, to) of each partition of each source. */
export type Range = Readonly<Record<string, readonly { readonly from: number; readonly to: number }[]>>;

export interface ReplayProgress {
  readonly phase: 'scan' | 'replay';
  readonly done: number;
  readonly total: number;
}

export interface ReplayOptions extends Bindings {
  readonly range: Range;
  /** Windows that end later are not fired. Default: the watermark that the source's strategy has at the end of the range. */
  readonly frontier?: Watermark;
  readonly segments?: Segments;
  readonly listener?: RejectionListener;
  readonly onProgress?: (progress: ReplayProgress) => void;
  /** Bound on the rows that sinks may hold. */
  readonly maxPending?: number;
}

export interface ReplayResult {
  readonly books: BookTotals;
  /** Windows with end <= frontier were fired, once each. */
  readonly frontier: Watermark;
}

/** A stretch of a partition that is processed in one step. */
interface Segment {
  readonly from: number;
  readonly to: number;
  /** Of its rows; infinity when it has none. */
  readonly least: number;
}

/** What the projected scan of a range found. */
export interface Segments {
  /** By source, then partition. */
  readonly bySource: ReadonlyMap<string, readonly (readonly Segment[])[]>;
  readonly frontier: Watermark;
}

const SEGMENT_BYTES = 512 * 1024;

/**
 * The `perfect` driver over a bounded range. Its watermark is the least timestamp of all that is still to come, capped at the
 * frontier: nothing is late, and each window closes as early as it truthfully can. There are no ticks, so nothing fires early.
 */
export async function replay(options: ReplayOptions): Promise<ReplayResult> {
  const { topology, sources, sinks, range, onProgress, maxPending = 20_000 } = options;
  const { bySource, frontier: found } = options.segments ?? (await scan(options));
  const frontier = options.frontier ?? found;
  let rejected = 0;
  const task = new Task({
    topology,
    partitions: partitionsOf(sources),
    outputs: sinks,
    decoders: Object.fromEntries(Object.entries(sources).map(([name, { codec }]) => [name, codec.decoder()])),
    watermarks: 'given',
    onRejections: (_source, _partition, rejections) => (rejected += rejections.length),
    ...(options.listener === undefined ? {} : { listener: options.listener }),
  });
  const total = recordsOf(range);
  let done = 0;
  for (const [source, partitions] of bySource) {
    const queue = new SegmentQueue(partitions);
    task.onWatermark(source, Math.min(queue.watermark(), frontier));
    for (let next = queue.take(); next !== undefined; next = queue.take()) {
      const { partition, segment } = next;
      const bytes = await readRange(sources[source]!.reader, partition, segment.from, segment.to);
      task.records(source, partition, segment.from, segment.to, bytes);
      task.onWatermark(source, Math.min(queue.watermark(), frontier));
      done += segment.to - segment.from;
      onProgress?.({ phase: 'replay', done, total });
      if (Object.values(sinks).some((sink) => sink.pending > maxPending)) await flushAll(options);
    }
  }
  await flushAll(options);
  const books = task.books();
  invariant(rejected === books.deadLettered, 'every rejected record is on the books');
  task.snapshot();
  return { books, frontier };
}

/** The segments of a range with their least timestamps, and the frontier that the strategy gives at its end: one pass that decodes times only. */
export async function scan({ topology, sources, range, onProgress }: Pick<ReplayOptions, 'topology' | 'sources' | 'range' | 'onProgress'>): Promise<Segments> {
  const bySource = new Map<string, readonly (readonly Segment[])[]>();
  const total = recordsOf(range);
  let done = 0;
  let frontier = Number.POSITIVE_INFINITY;
  for (const node of topology.nodes) {
    if (node.kind !== 'source') continue;
    const binding = sources[node.source]!;
    const scanner = new TimeScanner(node, binding);
    const partitions: Segment[][] = [];
    for (const [partition, { from, to }] of range[node.source]!.entries()) {
      const segments: Segment[] = [];
      partitions.push(segments);
      let most = Number.NEGATIVE_INFINITY;
      for (let at = from; at < to; ) {
        const { bytes } = await binding.reader.read(partition, at, SEGMENT_BYTES);
        const end = bytes.length === 0 ? at : Math.min(to, endOffset(bytes));
        if (end <= at) break;
        const { least, greatest } = scanner.extremes(bytes, partition, at, end);
        segments.push({ from: at, to: end, least });
        most = Math.max(most, greatest);
        done += end - at;
        at = end;
        onProgress?.({ phase: 'scan', done, total });
      }
      if (most !== Number.NEGATIVE_INFINITY) frontier = Math.min(frontier, node.eventTime.watermark.watermarkAfter(most));
    }
    bySource.set(node.source, partitions);
  }
  return { bySource, frontier: frontier === Number.POSITIVE_INFINITY ? Number.NEGATIVE_INFINITY : frontier };
}

/** Finds the least and greatest event time of some records. */
class TimeScanner {
  readonly #source: string;
  readonly #decoder: Decoder;
  readonly #assigner: EventTimeAssigner;

  constructor(node: SourceNode, { codec }: SourceBinding) {
    const { timestamp } = node.eventTime;
    this.#source = node.source;
    this.#decoder = codec.decoder('field' in timestamp ? { projection: [timestamp.field] } : {});
    this.#assigner = new EventTimeAssigner(node.eventTime);
  }

  extremes(bytes: Uint8Array, partition: number, from: number, to: number): { readonly least: number; readonly greatest: number } {
    const { batch } = this.#assigner.assign(this.#decoder.decode(bytes, this.#source, partition, from, to).batch);
    let least = Number.POSITIVE_INFINITY;
    let greatest = Number.NEGATIVE_INFINITY;
    for (let i = 0; i < batch.length; i++) {
      const timestamp = batch.timestamps[batch.rows[i]!]!;
      if (timestamp < least) least = timestamp;
      if (timestamp > greatest) greatest = timestamp;
    }
    return { least, greatest };
  }
}

/** Hands out the segments of all partitions, the one that holds the watermark back first. */
class SegmentQueue {
  readonly #partitions: readonly (readonly Segment[])[];
  /** By partition and segment: the least timestamp from there to the end. */
  readonly #remaining: readonly (readonly number[])[];
  readonly #next: number[];

  constructor(partitions: readonly (readonly Segment[])[]) {
    this.#partitions = partitions;
    this.#next = partitions.map(() => 0);
    this.#remaining = partitions.map((segments) => {
      const least: number[] = new Array<number>(segments.length + 1).fill(Number.POSITIVE_INFINITY);
      for (let i = segments.length - 1; i >= 0; i--) least[i] = Math.min(segments[i]!.least, least[i + 1]!);
      return least;
    });
  }

  /** The least timestamp of all that was not handed out. */
  watermark(): Watermark {
    return Math.min(...this.#next.map((next, partition) => this.#remaining[partition]![next]!));
  }

  take(): { readonly partition: number; readonly segment: Segment } | undefined {
    let chosen = -1;
    let least = Number.POSITIVE_INFINITY;
    this.#next.forEach((next, partition) => {
      if (next >= this.#partitions[partition]!.length) return;
      const remaining = this.#remaining[partition]![next]!;
      if (chosen >= 0 && remaining >= least) return;
      chosen = partition;
      least = remaining;
    });
    return chosen < 0 ? undefined : { partition: chosen, segment: this.#partitions[chosen]![this.#next[chosen]!++]! };
  }
}

function recordsOf(range: Range): number {
  return Object.values(range).reduce((sum, partitions) => sum + partitions.reduce((inner, { from, to }) => inner + to - from, 0), 0);
}

async function flushAll({ sinks }: Pick<Bindings, 'sinks'>): Promise<void> {
  await Promise.all(Object.values(sinks).map((sink) => sink.flush()));
}
