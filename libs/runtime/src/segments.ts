import type { Batch, Watermark, WatermarkGenerator } from '@weir/model';
import { MAX_WATERMARK, MIN_WATERMARK } from '@weir/model';
import { isWindowAggregate } from '@weir/operators';
import type { WindowAssigner } from '@weir/operators';
import { endOffset } from '@weir/record-batch';
import type { SourceNode, Topology } from '@weir/topology';
import type { SourceBinding } from './bindings.ts';
import { EventTimeAssigner } from './event-time.ts';
import { rangeMissing, whileInLog } from './read-range.ts';
import { SourceDecoders } from './source-decoders.ts';

/** Offsets [from, to) of each partition of each source. */
export type Range = Readonly<Record<string, readonly { readonly from: number; readonly to: number }[]>>;

export interface ReplayProgress {
  readonly phase: 'scan' | 'replay';
  /** Records, of `total`. */
  readonly done: number;
  readonly total: number;
}

export interface ScanOptions {
  readonly topologies: readonly Topology[];
  readonly sources: Readonly<Record<string, SourceBinding>>;
  readonly range: Range;
  readonly onProgress?: ((progress: ReplayProgress) => void) | undefined;
  readonly pause?: Pause | undefined;
}

/** Awaited behind each segment, with its records: so that a replay leaves room for others. What it throws ends the replay. */
export type Pause = (records: number) => Promise<void>;

/** A stretch of a partition that is processed in one step. */
export interface Segment {
  readonly from: number;
  readonly to: number;
  /** By topology: the least event time of its rows; infinity when it has none. */
  readonly least: readonly number[];
}

/** What the scan of a range found. */
export interface Segments {
  /** By source, then partition. */
  readonly bySource: ReadonlyMap<string, readonly (readonly Segment[])[]>;
  /** By topology: the watermark that its strategies have at the end of the range; minus infinity when there are no rows. */
  readonly watermarks: readonly Watermark[];
  /** By topology: up to which end its windows are over at that watermark. */
  readonly frontiers: readonly Watermark[];
}

const SEGMENT_BYTES = 512 * 1024;

/**
 * The segments of a range with their least event times, for several pipelines at once: a pass that decodes every record once. Records
 * that the replay will reject must not count here, so it decodes them as a whole and not their times alone; that costs the same.
 */
export async function scan({ topologies, sources, range, onProgress, pause }: ScanOptions): Promise<Segments> {
  const bySource = new Map<string, readonly (readonly Segment[])[]>();
  const ends = topologies.map(() => MAX_WATERMARK);
  const isEmpty = topologies.map(() => true);
  const total = recordsOf(range);
  let done = 0;
  await requireRange(sources, range);
  const decoders = new SourceDecoders(topologies, sources);
  for (const [source, { reader }] of Object.entries(sources)) {
    const clocks = topologies.map((topology) => new SegmentClock(topology, source));
    const partitions: Segment[][] = [];
    for (const [partition, { from, to }] of range[source]!.entries()) {
      const segments: Segment[] = [];
      partitions.push(segments);
      for (let at = from; at < to; ) {
        const { bytes } = await whileInLog(reader, partition, at, to, () => reader.read(partition, at, SEGMENT_BYTES));
        if (bytes.length === 0) throw rangeMissing(reader, partition, at, to);
        const end = Math.min(to, endOffset(bytes));
        const decoded = await decoders.decode({ source, partition, from: at, to: end, bytes }, () => true);
        segments.push({ from: at, to: end, least: clocks.map((clock, index) => clock.see(decoded[index]?.batch)) });
        const records = end - at;
        done += records;
        at = end;
        onProgress?.({ phase: 'scan', done, total });
        await pause?.(records);
      }
      clocks.forEach((clock, index) => {
        const watermark = clock.endPartition();
        if (watermark === undefined) return;
        isEmpty[index] = false;
        ends[index] = Math.min(ends[index]!, watermark);
      });
    }
    bySource.set(source, partitions);
  }
  const watermarks = ends.map((watermark, index) => (isEmpty[index] === true ? MIN_WATERMARK : watermark));
  return { bySource, watermarks, frontiers: topologies.map((topology, index) => frontierOf(topology, watermarks[index]!)) };
}

/** Throws LOG_RANGE_MISSING before anything is read when a part of the range is not there. */
async function requireRange(sources: Readonly<Record<string, SourceBinding>>, range: Range): Promise<void> {
  for (const [source, { reader }] of Object.entries(sources)) {
    for (const [partition, { from, to }] of range[source]!.entries()) {
      const { logStart, highWatermark } = await reader.offsets(partition);
      if (from < to && from < logStart) throw rangeMissing(reader, partition, from, Math.min(to, logStart));
      if (from < to && to > highWatermark) throw rangeMissing(reader, partition, Math.max(from, highWatermark), to);
    }
  }
}

/** The greatest F such that every window with end <= F is over at a watermark: one that may merge is over when W is behind its end. */
function frontierOf({ nodes }: Topology, watermark: Watermark): Watermark {
  const merges = nodes.some((node) => node.kind === 'operator' && isWindowAggregate(node.spec) && areMerging(node.spec.window.assigner));
  return merges ? watermark - 1 : watermark;
}

function areMerging(assigner: WindowAssigner): boolean {
  return assigner.kind === 'session' || (assigner.kind === 'custom' && assigner.merging);
}

export function recordsOf(range: Range): number {
  return Object.values(range).reduce((sum, partitions) => sum + partitions.reduce((inner, { from, to }) => inner + to - from, 0), 0);
}

/** Finds the least event time of each segment of one source as one pipeline sees it, and the watermark at the end of each partition. */
class SegmentClock {
  readonly #node: SourceNode | undefined;
  readonly #assigner: EventTimeAssigner | undefined;
  #generator: WatermarkGenerator | undefined;

  constructor(topology: Topology, source: string) {
    this.#node = topology.nodes.find((node) => node.kind === 'source' && node.source === source) as SourceNode | undefined;
    this.#assigner = this.#node === undefined ? undefined : new EventTimeAssigner(this.#node.eventTime);
  }

  /** The least event time of the rows; infinity when the pipeline does not read them. */
  see(rows: Batch | undefined): number {
    let least = Number.POSITIVE_INFINITY;
    if (this.#assigner === undefined || rows === undefined) return least;
    const { batch, timely } = this.#assigner.assign(rows);
    for (let i = 0; i < batch.length; i++) {
      const timestamp = batch.timestamps[batch.rows[i]!]!;
      if (timestamp < least) least = timestamp;
    }
    if (timely.length > 0) (this.#generator ??= this.#node!.eventTime.watermark.generator()).onBatch(timely);
    return least;
  }

  /** The watermark at the end of the partition; undefined when it has no rows that one follows, as it then holds nothing back. */
  endPartition(): Watermark | undefined {
    const watermark = this.#generator?.current();
    this.#generator = undefined;
    return watermark;
  }
}

/** The next segment to process, and where it lies. */
export interface NextSegment {
  readonly source: string;
  readonly partition: number;
  readonly segment: Segment;
}

/** Hands out the segments of several sources, the one with the least event time still to come first, so that the sources go on together. */
export class SegmentQueues {
  readonly #queues: ReadonlyMap<string, SegmentQueue>;

  constructor({ bySource }: Segments, topologies: number) {
    this.#queues = new Map([...bySource].map(([source, partitions]) => [source, new SegmentQueue(partitions, topologies)]));
  }

  /** The least timestamp of all rows of a source that were not handed out, as one topology sees it. */
  watermark(source: string, topology: number): Watermark {
    return this.#queues.get(source)!.watermark(topology);
  }

  take(): NextSegment | undefined {
    let chosen: string | undefined;
    let least = Number.POSITIVE_INFINITY;
    for (const [source, queue] of this.#queues) {
      if (queue.isEmpty || (chosen !== undefined && queue.least >= least)) continue;
      chosen = source;
      least = queue.least;
    }
    return chosen === undefined ? undefined : { source: chosen, ...this.#queues.get(chosen)!.take()! };
  }
}

/** Hands out the segments of a source, the one that holds the watermark back first. */
export class SegmentQueue {
  readonly #partitions: readonly (readonly Segment[])[];
  /** By topology, partition and segment: the least timestamp from there to the end. */
  readonly #remaining: readonly (readonly (readonly number[])[])[];
  readonly #next: number[];

  constructor(partitions: readonly (readonly Segment[])[], topologies: number) {
    this.#partitions = partitions;
    this.#next = partitions.map(() => 0);
    this.#remaining = Array.from({ length: topologies }, (_, topology) =>
      partitions.map((segments) => {
        const least: number[] = new Array<number>(segments.length + 1).fill(Number.POSITIVE_INFINITY);
        for (let i = segments.length - 1; i >= 0; i--) least[i] = Math.min(segments[i]!.least[topology]!, least[i + 1]!);
        return least;
      }),
    );
  }

  /** The least timestamp of all that was not handed out, as one topology sees it. */
  watermark(topology: number): Watermark {
    return Math.min(...this.#next.map((next, partition) => this.#remaining[topology]![partition]![next]!));
  }

  get isEmpty(): boolean {
    return this.#next.every((next, partition) => next >= this.#partitions[partition]!.length);
  }

  /** The least timestamp of all that was not handed out, as any topology sees it. */
  get least(): number {
    return Math.min(...this.#remaining.map((_, topology) => this.watermark(topology)));
  }

  take(): Omit<NextSegment, 'source'> | undefined {
    let chosen = -1;
    let least = Number.POSITIVE_INFINITY;
    this.#next.forEach((next, partition) => {
      if (next >= this.#partitions[partition]!.length) return;
      const remaining = Math.min(...this.#remaining.map((partitions) => partitions[partition]![next]!));
      if (chosen >= 0 && remaining >= least) return;
      chosen = partition;
      least = remaining;
    });
    return chosen < 0 ? undefined : { partition: chosen, segment: this.#partitions[chosen]![this.#next[chosen]!++]! };
  }
}
