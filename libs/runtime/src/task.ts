import type { Decoded, Decoder, Rejection } from '@weir/connector-api';
import type { Batch, RequestAnswer, StateBackend, Timestamp, Watermark } from '@weir/model';
import { MAX_WATERMARK, MIN_WATERMARK, WeirError, invariant } from '@weir/model';
import { WatermarkTracker, alignmentLimit } from '@weir/operators';
import { SnapshotReader, SnapshotWriter, createHeapState } from '@weir/state';
import type { SourceNode, Topology } from '@weir/topology';
import { Books } from './books.ts';
import type { BookTotals, RejectionListener } from './books.ts';
import { EventTimeAssigner } from './event-time.ts';
import { Flow } from './flow.ts';
import type { AskingStep, Output } from './flow.ts';
import { rejectionsAt } from './raw-record.ts';

/** How a task comes by its watermarks: from the strategies of its sources, or from `watermark` steps. */
export type WatermarkOrigin = 'generated' | 'given';

export interface TaskOptions {
  readonly topology: Topology;
  /** How many partitions each source has. */
  readonly partitions: Readonly<Record<string, number>>;
  readonly outputs: Readonly<Record<string, Output>>;
  /** Needed for `records` steps only. */
  readonly decoders?: Readonly<Record<string, Decoder>>;
  readonly watermarks?: WatermarkOrigin;
  readonly state?: StateBackend;
  /** Snapshots to begin from. */
  readonly restored?: readonly Uint8Array[];
  /** Told of records that are no rows; they are on the books as dead-lettered. */
  readonly onRejections?: (source: string, partition: number, rejections: readonly Rejection[]) => void;
  readonly listener?: RejectionListener;
}

interface Source {
  readonly node: SourceNode;
  readonly assigner: EventTimeAssigner;
  readonly tracker: WatermarkTracker;
  readonly positions: Float64Array;
  /** The trackers of the sources that it is aligned with, its own among them. */
  readonly aligned: WatermarkTracker[];
  /** Rows of each partition that were too far ahead of the log. */
  readonly tooFarAhead: Float64Array;
  watermark: Watermark;
}

/** The section of a snapshot that belongs to no step; step names are not empty. */
const TASK_SECTION = '';

/**
 * Executes a topology: a deterministic state machine. Its state and its outputs are a pure function of (initial state, inputs,
 * steps); it knows no clock and performs no I/O.
 */
export class Task {
  readonly topology: Topology;
  readonly #options: TaskOptions;
  readonly #sources = new Map<string, Source>();
  readonly #books = new Books();
  readonly #flow: Flow;

  /** Throws LOG_PARTITION_MISMATCH when what is restored is of other partitions. */
  constructor(options: TaskOptions) {
    this.topology = options.topology;
    this.#options = options;
    const restored = options.restored === undefined ? undefined : new SnapshotReader(options.restored);
    this.#flow = new Flow({ topology: options.topology, outputs: options.outputs, books: this.#books, state: options.state ?? createHeapState(), restored, listener: options.listener });
    for (const node of options.topology.nodes) {
      if (node.kind !== 'source') continue;
      const partitions = options.partitions[node.source];
      invariant(partitions !== undefined && partitions > 0, `source ${node.source} has partitions`);
      this.#sources.set(node.source, {
        node,
        assigner: new EventTimeAssigner(node.eventTime),
        tracker: new WatermarkTracker(node.eventTime.watermark, partitions, node.eventTime),
        positions: new Float64Array(partitions),
        aligned: [],
        tooFarAhead: new Float64Array(partitions),
        watermark: MIN_WATERMARK,
      });
    }
    for (const source of this.#sources.values()) {
      const group = source.node.eventTime.alignment?.group;
      if (group === undefined) continue;
      for (const { node, tracker } of this.#sources.values()) if (node.eventTime.alignment?.group === group) source.aligned.push(tracker);
    }
    if (restored !== undefined) this.#restore(restored);
  }

  /** What has to be awaited before `records` of these; undefined when nothing has. */
  prepare(source: string, from: number, to: number, bytes: Uint8Array): Promise<void> | undefined {
    return this.#options.decoders?.[source]?.prepare?.(bytes, from, to);
  }

  /** Processes the records with from <= offset < to; `bytes` are record batches that hold at least those. */
  records(source: string, partition: number, from: number, to: number, bytes: Uint8Array): void {
    const decoder = this.#options.decoders?.[source];
    invariant(decoder !== undefined, `source ${source} has a decoder`);
    this.decoded(source, partition, to, decoder.decode(bytes, source, partition, from, to), bytes);
  }

  /** Processes records that are decoded already, up to offset `to`, from record batches that hold them; several tasks may share them. */
  decoded(source: string, partition: number, to: number, { batch, rejections, records }: Decoded, bytes: Uint8Array): void {
    const state = this.#source(source);
    this.#books.add('records', records);
    const insane = this.#process(state, partition, batch);
    state.positions[partition] = to;
    this.#reject(source, partition, insane.length === 0 ? rejections : [...rejections, ...timeless(bytes, batch, insane)].sort((a, b) => a.offset - b.offset));
  }

  /** Processes rows that are already a batch: what tests do. */
  onRows(source: string, partition: number, batch: Batch): void {
    this.#books.add('records', batch.length);
    const insane = this.#process(this.#source(source), partition, batch);
    this.#reject(source, partition, timeless(undefined, batch, insane));
  }

  /** Advances the watermark of a source; one that is not ahead of the present one changes nothing. */
  onWatermark(source: string, watermark: Watermark): void {
    const state = this.#source(source);
    if (watermark <= state.watermark) return;
    state.watermark = watermark;
    this.#flow.watermark(state.node.id, watermark);
  }

  /** Wall-clock time: idleness, unless it is deaf, and triggers by processing time. */
  onTick(now: Timestamp, isDeaf = false): void {
    if (isDeaf) {
      for (const { tracker } of this.#sources.values()) tracker.onDeafTick();
    } else if (this.#options.watermarks !== 'given') {
      // What a source may read now is asked before any partition becomes idle at this tick, so that the order of the sources does not matter.
      const limits = [...this.#sources.values()].map(limitOf);
      [...this.#sources].forEach(([name, { tracker }], index) => this.onWatermark(name, tracker.onTick(now, limits[index]!)));
    }
    this.#flow.tick(now);
  }

  /** What came of requests of a step: the only way in which the outside world enters. */
  onAnswers(step: string, answers: readonly RequestAnswer[]): void {
    this.#flow.answers(step, answers);
  }

  /** The steps that ask the outside world. */
  asking(): readonly AskingStep[] {
    return this.#flow.asking();
  }

  /** That every record is on the books, once. */
  assertBalance(): void {
    this.#books.assertBalance();
  }

  /** The state at this moment; asserts that the books balance. */
  snapshot(): Uint8Array {
    this.assertBalance();
    const writer = new SnapshotWriter();
    this.#flow.snapshot(writer);
    const own = writer.step(TASK_SECTION);
    this.#books.write(own.operator('books'));
    this.#flow.writeSequences(own.operator('sinks'));
    for (const [name, source] of this.#sources) {
      const section = own.operator(`source ${name}`);
      section.float64(source.watermark);
      section.int32(source.positions.length);
      for (const position of source.positions) section.float64(position);
      source.tracker.write(section);
      for (const rows of source.tooFarAhead) section.float64(rows);
    }
    return writer.encode();
  }

  books(): BookTotals {
    return this.#books.totals();
  }

  /** By windowed step: how often one of its windows refused a row for good. */
  refusals(): ReadonlyMap<string, number> {
    return this.#books.refusals();
  }

  watermark(source: string): Watermark {
    return this.#source(source).watermark;
  }

  partitionWatermark(source: string, partition: number): Watermark {
    return this.#source(source).tracker.partitionWatermark(partition);
  }

  isIdle(source: string, partition: number): boolean {
    return this.#source(source).tracker.isIdle(partition);
  }

  /** True when the partition is so far ahead of those that it is aligned with that it shall not be read now. */
  isAhead(source: string, partition: number): boolean {
    const state = this.#source(source);
    return state.tracker.partitionWatermark(partition) > limitOf(state);
  }

  /** True when the source is aligned with others, or its partitions with each other. */
  isAligned(source: string): boolean {
    return this.#source(source).aligned.length > 0;
  }

  /** Rows of the partition that were too far ahead of the log, whether they were rejected or only had no effect on the watermark. */
  tooFarAhead(source: string, partition: number): number {
    return this.#source(source).tooFarAhead[partition]!;
  }

  /** Offset of the next record to process. */
  position(source: string, partition: number): number {
    return this.#source(source).positions[partition]!;
  }

  /** Goes on elsewhere: at the beginning, or behind a gap. */
  seek(source: string, partition: number, offset: number): void {
    this.#source(source).positions[partition] = offset;
  }

  /** Answers the positions of the rows whose time cannot be. */
  #process(source: Source, partition: number, rows: Batch): readonly number[] {
    const { batch, timely, insane, tooFarAhead } = source.assigner.assign(rows);
    source.tooFarAhead[partition]! += tooFarAhead;
    if (batch.length > 0) this.#flow.rows(source.node.id, batch);
    if (this.#options.watermarks !== 'given') {
      this.onWatermark(source.node.source, source.tracker.onBatch(partition, timely));
    }
    return insane;
  }

  /** In the order of the log, so that whoever is told can tell which it has seen by the last offset. */
  #reject(source: string, partition: number, rejections: readonly Rejection[]): void {
    if (rejections.length === 0) return;
    this.#books.add('deadLettered', rejections.length);
    this.#options.onRejections?.(source, partition, rejections);
  }

  #source(name: string): Source {
    const source = this.#sources.get(name);
    invariant(source !== undefined, `the pipeline has a source ${name}`);
    return source;
  }

  #restore(reader: SnapshotReader): void {
    const own = reader.step(TASK_SECTION);
    const books = own.operator('books');
    if (books !== undefined) this.#books.read(books);
    const sinks = own.operator('sinks');
    if (sinks !== undefined) this.#flow.readSequences(sinks);
    for (const [name, source] of this.#sources) {
      const section = own.operator(`source ${name}`);
      if (section === undefined) continue;
      source.watermark = section.float64();
      const partitions = section.int32();
      if (partitions !== source.positions.length) throw this.#otherPartitions(name, partitions, source.positions.length);
      for (let partition = 0; partition < partitions; partition++) source.positions[partition] = section.float64();
      source.tracker.read(section);
      for (let partition = 0; partition < partitions; partition++) source.tooFarAhead[partition] = section.float64();
    }
    this.#flow.restoreWatermarks(new Map([...this.#sources.values()].map((source) => [source.node.id, source.watermark])));
  }

  /** Keys may be in other partitions now, so that neither positions nor watermarks mean what they did. */
  #otherPartitions(source: string, before: number, now: number): WeirError {
    return new WeirError('LOG_PARTITION_MISMATCH', `The checkpoint is of ${before} partitions of source ${source}, which has ${now} now.`, {
      pipeline: this.topology.name,
      remedy: 'Give the pipeline a name or a directory of its own and let it replay the log, or go back to a topic of as many partitions.',
    });
  }
}

/** The watermark above which a partition of the source is not read now. */
function limitOf({ node, aligned }: Source): Watermark {
  const { alignment } = node.eventTime;
  return alignment === undefined ? MAX_WATERMARK : alignmentLimit(aligned, alignment.maxDrift);
}

/** The rows at these positions as rejected records. */
function timeless(bytes: Uint8Array | undefined, { origin }: Batch, positions: readonly number[]): readonly Rejection[] {
  const offsets = positions.map((position) => origin?.offsets[position] ?? position);
  return rejectionsAt(bytes, offsets, 'TIMESTAMP_INSANE', 'The event time is no time, or too far ahead of the log.');
}
