import type { Batch } from '@weir/model';
import { INSERT, MAX_WATERMARK, RowBatch } from '@weir/model';
import { Task } from '@weir/runtime';
import type { Topology } from '@weir/topology';
import { EventRandom } from './event-random.ts';
import type { Logged, LoggedEvents, NexmarkSource } from './logged-events.ts';

/** How the rows are cut into batches and interleaved. */
export interface Interleaving {
  readonly seed: number;
  /** Batches hold 1 to this many rows. */
  readonly largestBatch: number;
  /** `time`: the partition with the oldest next row goes on; `chance`: any partition, so that some run far ahead of others. */
  readonly next: 'time' | 'chance';
}

type EventRow = { readonly dateTime: number };

/** What is still to come of one partition. */
class Track {
  readonly source: string;
  readonly partition: number;
  readonly rows: readonly EventRow[];
  /** Least time of the rows from each position on; infinity behind the last. */
  readonly #least: Float64Array;
  position = 0;

  constructor(source: string, partition: number, rows: readonly EventRow[]) {
    this.source = source;
    this.partition = partition;
    this.rows = rows;
    this.#least = new Float64Array(rows.length + 1).fill(MAX_WATERMARK);
    for (let i = rows.length - 1; i >= 0; i--) this.#least[i] = Math.min(rows[i]!.dateTime, this.#least[i + 1]!);
  }

  get done(): boolean {
    return this.position === this.rows.length;
  }

  get least(): number {
    return this.#least[this.position]!;
  }

  take(count: number): Batch {
    const from = this.position;
    const rows = this.rows.slice(from, from + count);
    this.position += rows.length;
    const times = Float64Array.from(rows, (row) => row.dateTime);
    const offsets = Float64Array.from(rows, (_, index) => from + index);
    const origin = { source: this.source, partition: this.partition, offsets, logTimestamps: times };
    return new RowBatch(rows, { timestamps: new Float64Array(rows.length).fill(Number.NaN), origin });
  }
}

/** Told of each row that reaches a sink: valid during the call only, with its code of `Batch.changes`. */
export type Listener = (sink: string, row: Readonly<Record<string, unknown>>, change: number) => void;

/** Runs a pipeline over logged rows under the perfect watermark. */
export function perfectRun(topology: Topology, events: LoggedEvents, { seed, largestBatch, next }: Interleaving, listener: Listener): void {
  const sources = Object.keys(topology.sources) as NexmarkSource[];
  const tracks = sources.flatMap((source) => tracksOf(source, events[source]));
  const task = new Task({
    topology,
    watermarks: 'given',
    partitions: Object.fromEntries(sources.map((source) => [source, tracks.filter((track) => track.source === source).length])),
    outputs: Object.fromEntries(Object.keys(topology.sinks).map((sink) => [sink, { write: (batch: Batch) => tell(listener, sink, batch) }])),
  });
  const random = new EventRandom(seed);
  random.begin(0);
  for (let open = tracks.filter((track) => !track.done); open.length > 0; open = open.filter((track) => !track.done)) {
    const track = next === 'time' ? open.reduce((a, b) => (b.least < a.least ? b : a)) : open[random.below(open.length)]!;
    task.onRows(track.source, track.partition, track.take(1 + random.below(largestBatch)));
    task.onWatermark(track.source, leastOf(tracks, track.source));
  }
  for (const source of sources) task.onWatermark(source, MAX_WATERMARK);
  task.assertBalance();
}

function tracksOf(source: string, rows: readonly Logged<EventRow>[]): readonly Track[] {
  const partitions: EventRow[][] = [[]];
  for (const { row, partition } of rows) (partitions[partition] ??= []).push(row);
  return partitions.map((ofPartition, partition) => new Track(source, partition, ofPartition));
}

function leastOf(tracks: readonly Track[], source: string): number {
  return Math.min(...tracks.filter((track) => track.source === source).map((track) => track.least));
}

function tell(listener: Listener, sink: string, batch: Batch): void {
  for (let i = 0; i < batch.length; i++) {
    const position = batch.rows[i]!;
    listener(sink, batch.at(position) as Readonly<Record<string, unknown>>, batch.changes?.[position] ?? INSERT);
  }
}
