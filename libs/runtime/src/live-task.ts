import type { Decoded, Decoder } from '@weir/connector-api';
import type { Timestamp, Watermark } from '@weir/model';
import { WeirError } from '@weir/model';
import { describe } from '@weir/topology';
import type { Topology } from '@weir/topology';
import { partitionsOf } from './bindings.ts';
import type { SourceBinding } from './bindings.ts';
import type { BookTotals } from './books.ts';
import { CheckpointStore } from './checkpoint-store.ts';
import type { DeadLetters } from './dead-letters.ts';
import type { Files } from './files.ts';
import { diskFiles } from './files.ts';
import { LogMemory } from './log-memory.ts';
import type { Gap } from './log-memory.ts';
import { Outputs } from './outputs.ts';
import type { BoundSinks } from './outputs.ts';
import type { FlushTiming } from './paced-output.ts';
import { isOutOfRange } from './read-range.ts';
import { applyStep } from './replay-track.ts';
import type { Lookups } from './requests/lookup.ts';
import { TaskRequests } from './requests/task-requests.ts';
import type { Waits } from './requests/waits.ts';
import { Task } from './task.ts';
import { TrackWriter, readTrack } from './track.ts';
import type { TrackedStep } from './track.ts';

/** A pipeline that runs live, and what is its own. */
export interface LivePipeline {
  readonly topology: Topology;
  /** Several sinks of one name get the same rows, each at its own pace. */
  readonly sinks: BoundSinks;
  /** Where its checkpoints and tracks lie; no other task uses the directory. */
  readonly directory: string;
  /** Grows with every owner of the task. */
  readonly taskEpoch: number;
  readonly deadLetters: DeadLetters;
  /** What answers the steps that ask the outside world, by name. */
  readonly lookups?: Lookups;
  /** How requests wait for their time; default the timers of the process. */
  readonly waits?: Waits;
  /** Asked before anything is made durable; rejects (LEASE_LOST) when another owner may have taken over meanwhile. */
  readonly fence?: () => Promise<void>;
  /** Whether no other owner can have taken over yet; asked when steps are durable, before their output is let go. Default true. */
  readonly isHeld?: () => boolean;
  /** What the directory lies on; default the machine's file system. */
  readonly files?: Files;
  /** Told of each flush that made rows durable. */
  readonly onFlushed?: (timing: FlushTiming) => void;
}

/** What the pipelines of a process have in common. */
export interface LiveSurroundings {
  readonly sources: Readonly<Record<string, SourceBinding>>;
  readonly decoders: Readonly<Record<string, Decoder>>;
  readonly codeVersion: string;
  readonly warn: (message: string) => void;
  /** What to do when the log no longer has records that come next: `fail`, or go on behind them. */
  readonly onGap: 'fail' | 'resume';
}

const MOST_PENDING_ROWS = 20_000;

/** A task with its track, its checkpoints and its outputs: what is recorded, and when it may be seen. Which steps come next is decided elsewhere. */
export class LiveTask {
  readonly topology: Topology;
  readonly #pipeline: LivePipeline;
  readonly #surroundings: LiveSurroundings;
  readonly #store: CheckpointStore;
  readonly #sourceNames: readonly string[];
  readonly #files: Files;
  readonly #task: Task;
  readonly #requests: TaskRequests;
  readonly #log: LogMemory;
  #track: TrackWriter;
  #trackNumber: number;
  #epoch: number;
  readonly #outputs: Outputs;
  /** True while a flush aside makes steps durable. */
  #isBeginning = false;
  /** What is done while processing goes on. */
  readonly #underWay = new Set<Promise<void>>();
  #checkpointing: Promise<void> | undefined;
  #failure: { readonly reason: unknown } | undefined;
  #skipped = 0;

  /** Goes back to the newest checkpoint. Throws LOOKUP_UNBOUND, and what `CheckpointStore.newest` and `TrackWriter` throw. */
  constructor(pipeline: LivePipeline, surroundings: LiveSurroundings) {
    const { topology, directory } = pipeline;
    this.topology = topology;
    this.#pipeline = pipeline;
    this.#surroundings = surroundings;
    this.#sourceNames = Object.keys(topology.sources).sort();
    this.#files = pipeline.files ?? diskFiles;
    const identity = { pipeline: topology.name, topology: describe(topology), codeVersion: surroundings.codeVersion };
    this.#store = new CheckpointStore(directory, identity, surroundings.warn, this.#files);
    const newest = this.#store.newest();
    this.#epoch = newest?.epoch ?? 0;
    this.#log = new LogMemory(newest?.log);
    const { sinks, deadLetters, onFlushed } = pipeline;
    this.#outputs = new Outputs(sinks, deadLetters, onFlushed);
    this.#task = this.#newTask(newest?.state);
    this.#outputs.startFrom(this.#positions());
    this.#requests = new TaskRequests(this.#task, pipeline.lookups, pipeline.waits);
    this.#trackNumber = this.#store.takeOver();
    this.#track = new TrackWriter(this.#store.trackPath(this.#trackNumber), this.#sourceNames, this.#files);
  }

  get epoch(): number {
    return this.#epoch;
  }

  get books(): BookTotals {
    return this.#task.books();
  }

  /** Positions by source (in order of name) and partition, up to which all output is durable. */
  get flushed(): readonly number[] {
    return this.#outputs.flushed;
  }

  /** Records that the log no longer had, in this attempt. */
  get skipped(): number {
    return this.#skipped;
  }

  /** What the log no longer had, in this attempt and in those before it; the newest. */
  get gaps(): readonly Gap[] {
    return this.#log.gaps;
  }

  get watermark(): Watermark {
    return Math.min(...this.#sourceNames.map((source) => this.#task.watermark(source)));
  }

  /** True when so many rows wait for answers that no records should be taken. */
  get isFull(): boolean {
    return this.#requests.isFull;
  }

  /** Rows that wait for answers. */
  get waiting(): number {
    return this.#requests.waiting;
  }

  /** True while somebody is asked. */
  get isAsking(): boolean {
    return this.#requests.isUnderWay;
  }

  reads(source: string): boolean {
    return Object.hasOwn(this.topology.sources, source);
  }

  position(source: string, partition: number): number {
    return this.#task.position(source, partition);
  }

  partitionWatermark(source: string, partition: number): Watermark {
    return this.#task.partitionWatermark(source, partition);
  }

  isIdle(source: string, partition: number): boolean {
    return this.#task.isIdle(source, partition);
  }

  /** As `Task.isAhead`. */
  isAhead(source: string, partition: number): boolean {
    return this.#task.isAhead(source, partition);
  }

  /** As `Task.isAligned`. */
  isAligned(source: string): boolean {
    return this.#task.isAligned(source);
  }

  /** As `Task.tooFarAhead`. */
  tooFarAhead(source: string, partition: number): number {
    return this.#task.tooFarAhead(source, partition);
  }

  /** Also makes sure that the logs are those of the checkpoint: throws LOG_TOPIC_REPLACED or LOG_TRUNCATED. */
  async open(): Promise<void> {
    await this.#log.verify(this.#sources(), (source, partition) => this.position(source, partition));
    await this.#outputs.open(this.topology.name, this.#pipeline.taskEpoch);
  }

  /**
   * Replays the durable steps behind the checkpoint; all tracks from it on, as a checkpoint that was passed over leaves its track to be
   * replayed. Answers false when it was stopped before the end: the task then stands where it never stood, and must not be kept.
   */
  async recover(isStopped: () => boolean): Promise<boolean> {
    for (const epoch of this.#store.tracks()) {
      if (epoch < this.#epoch) continue;
      for (const step of readTrack(this.#store.trackPath(epoch), this.#sourceNames, this.#files)) {
        if (isStopped()) return false;
        await this.#replay(step);
        await this.flushIfFull();
      }
    }
    await this.flush();
    return true;
  }

  /** Processes the next records of a partition: [its position, to). */
  records(source: string, partition: number, to: number, decoded: Decoded, bytes: Uint8Array): void {
    this.#track.append({ kind: 'records', source, partition, from: this.position(source, partition), to });
    this.#task.decoded(source, partition, to, decoded, bytes);
    this.#log.note(source, partition, to, bytes);
    this.#outputs.noteSteps();
  }

  /** Takes the answers that have come in, and asks what is to be asked. Throws ENRICH_FAILED. */
  ask(): void {
    this.#requests.settle((step, answers) => {
      this.#track.append({ kind: 'answers', step, answers });
      this.#task.onAnswers(step, answers);
      this.#outputs.noteSteps();
    });
    this.#requests.ask();
  }

  tick(now: Timestamp, isDeaf: boolean): void {
    this.#track.append(isDeaf ? { kind: 'tick', now, isDeaf } : { kind: 'tick', now });
    this.#task.onTick(now, isDeaf);
    this.#outputs.noteSteps();
  }

  /** Goes on behind records that the log no longer has, if that is allowed. Throws LOG_GAP. */
  skip(source: string, partition: number, to: number, cause: unknown): void {
    const from = this.position(source, partition);
    const { reader } = this.#surroundings.sources[source]!;
    const gap = `Offsets ${from} to ${to} of ${reader.topic}/${partition} are no longer in the log.`;
    if (this.#surroundings.onGap === 'fail') {
      throw new WeirError('LOG_GAP', gap, { pipeline: this.topology.name, remedy: 'Restore the log, or allow gaps to go on without these records.', cause });
    }
    this.#surroundings.warn(`GAP ${this.topology.name}: ${gap} Going on behind them, as is allowed.`);
    this.#skipped += to - from;
    this.#log.noteGap({ source, partition, from, to });
    this.#task.seek(source, partition, to);
  }

  /** Rows that the outputs hold and that are not durable. */
  get pending(): number {
    return this.#outputs.pending;
  }

  /** When output that waits may be flushed, as of `performance.now`; infinity while none waits. */
  get dueAt(): number {
    return this.#isBeginning ? Number.POSITIVE_INFINITY : this.#outputs.dueAt;
  }

  /** Throws what made a flush aside fail. */
  check(): void {
    if (this.#failure !== undefined) throw this.#failure.reason;
  }

  async flushIfFull(): Promise<void> {
    if (this.pending > MOST_PENDING_ROWS) await this.flush();
  }

  /** Flushes what is due, or `all` that is not being flushed, while processing goes on; a failure is thrown by the next `check`. */
  flushAside(all: boolean): void {
    const now = performance.now();
    if (this.#isBeginning || (!all && this.dueAt > now)) return;
    this.#isBeginning = true;
    const begun = (): void => void (this.#isBeginning = false);
    const flushed = this.#whenDurable((positions) => {
      begun();
      return this.#outputs.flush(positions, all ? undefined : now);
    });
    this.#aside(flushed.finally(begun));
  }

  /** All output so far is durable when it resolves, and the steps that led to it were before. Steps may be taken meanwhile. */
  async flush(): Promise<void> {
    // What was begun before lacks the newest rows; what another call begins meanwhile does not.
    await this.#outputs.settled();
    await this.#whenDurable((positions) => this.#outputs.flush(positions));
    await this.#outputs.settled();
  }

  /** Checkpoints while processing goes on, unless that is being done; a failure is thrown by the next `check`. */
  checkpointAside(): void {
    if (this.#checkpointing === undefined) this.#aside(this.checkpoint());
  }

  /**
   * The state as it is now, and when all output that led to it is durable the manifest, which is the commit. Steps that are taken
   * meanwhile belong to the next track; if this fails, they are replayed behind those of the track before.
   */
  async checkpoint(): Promise<void> {
    while (this.#checkpointing !== undefined) await this.#checkpointing;
    this.#checkpointing = this.#checkpointNow();
    try {
      await this.#checkpointing;
    } finally {
      this.#checkpointing = undefined;
    }
  }

  async close(): Promise<void> {
    this.#requests.close();
    // What is under way still writes to the track; if it fails, `check` would have told.
    await Promise.allSettled(this.#underWay);
    this.#track.close();
    await this.#outputs.close();
  }

  /** Those that this pipeline reads. */
  #sources(): Readonly<Record<string, SourceBinding>> {
    return Object.fromEntries(this.#sourceNames.map((source) => [source, this.#surroundings.sources[source]!]));
  }

  #newTask(state: Uint8Array | undefined): Task {
    const { sources, decoders } = this.#surroundings;
    const { deadLetters } = this.#pipeline;
    const task: Task = new Task({
      topology: this.topology,
      partitions: partitionsOf(sources),
      outputs: this.#outputs.routes,
      decoders,
      ...(state === undefined ? {} : { restored: [state] }),
      onRejections: (source, partition, rejections) => {
        const { deadLettered, records } = task.books();
        deadLetters.take(sources[source]!.reader.topic, partition, rejections, deadLettered, records);
      },
    });
    return task;
  }

  async #replay(step: TrackedStep): Promise<void> {
    try {
      await applyStep(this.#task, this.#surroundings, step);
    } catch (error) {
      if (step.kind !== 'records' || !isOutOfRange(error)) throw error;
      this.skip(step.source, step.partition, step.to, error);
    }
  }

  async #checkpointNow(): Promise<void> {
    const next = this.#trackNumber + 1;
    const { state, log } = await this.#whenDurable(() => {
      const track = new TrackWriter(this.#store.trackPath(next), this.#sourceNames, this.#files);
      this.#track.close();
      this.#track = track;
      this.#trackNumber = next;
      return { state: this.#task.snapshot(), log: this.#log.remembered(this.#sources()) };
    });
    await this.flush();
    await this.#pipeline.fence?.();
    this.#store.write(next, this.#pipeline.taskEpoch, state, log);
    this.#epoch = next;
  }

  /** Makes the steps so far durable, and then does something before any other step is taken: what that lets go is the output of those. */
  async #whenDurable<T>(act: (positions: readonly number[]) => T): Promise<Awaited<T>> {
    const { fence, isHeld = () => true } = this.#pipeline;
    // A process that was paused in front of the sync has written to a track that its successor did not read: then the fence ends it here.
    for (;;) {
      await fence?.();
      // From here on nothing is awaited.
      const positions = this.#positions();
      this.#track.sync();
      if (isHeld()) return await act(positions);
    }
  }

  #aside(work: Promise<void>): void {
    const done: Promise<void> = work
      .catch((reason: unknown) => {
        this.#failure ??= { reason };
      })
      .finally(() => this.#underWay.delete(done));
    this.#underWay.add(done);
  }

  #positions(): readonly number[] {
    return this.#sourceNames.flatMap((source) =>
      Array.from({ length: this.#surroundings.sources[source]!.reader.partitions }, (_, partition) => this.position(source, partition)),
    );
  }
}
