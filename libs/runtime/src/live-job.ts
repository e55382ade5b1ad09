import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import type { Clock } from '@weir/model';
import { WeirError } from '@weir/model';
import { describe } from '@weir/topology';
import { partitionsOf } from './bindings.ts';
import type { Bindings } from './bindings.ts';
import type { BookTotals } from './books.ts';
import { CheckpointStore } from './checkpoint-store.ts';
import type { DeadLetters } from './dead-letters.ts';
import { endOffset } from './read-range.ts';
import { applyStep } from './replay-track.ts';
import { Task } from './task.ts';
import { TrackWriter, readTrack } from './track.ts';
import type { TrackedStep } from './track.ts';

export interface LiveJobOptions extends Bindings {
  /** Grows with every owner of the task. */
  readonly taskEpoch: number;
  readonly codeVersion: string;
  readonly directory: string;
  readonly clock: Clock;
  readonly deadLetters: DeadLetters;
  readonly warn: (message: string) => void;
  /** What to do when the log no longer has the next offset: `fail` (default), or go on behind the gap. */
  readonly onGap?: 'fail' | 'resume';
  readonly checkpointEveryMilliseconds?: number;
  readonly flushEveryMilliseconds?: number;
  /** Bytes of one step, about. */
  readonly stepBytes?: number;
}

export interface PartitionState {
  readonly source: string;
  readonly partition: number;
  readonly position: number;
  readonly highWatermark: number;
  readonly watermark: number;
}

export interface JobState {
  readonly phase: 'recovering' | 'running' | 'stopped';
  readonly epoch: number;
  readonly watermark: number;
  readonly partitions: readonly PartitionState[];
  readonly books: BookTotals;
  /** Position of each partition, in order, up to which all output is durable. */
  readonly flushed: readonly number[];
}

interface Input {
  readonly source: string;
  readonly partition: number;
  highWatermark: number;
  atEnd: boolean;
}

const TICK_MILLISECONDS = 1_000;
/** How long the loop may keep the process to itself. */
const SLICE_MILLISECONDS = 10;
const LEAST_PAUSE_MILLISECONDS = 5;
const MOST_PAUSE_MILLISECONDS = 50;
const MOST_PENDING_ROWS = 20_000;

/**
 * The `live` driver: steps are what polls returned and what the clock said, and are recorded. Output becomes visible only after the
 * steps that led to it are durable, so a new attempt replays them and emits what the first one emitted.
 */
export class LiveJob {
  readonly #options: LiveJobOptions;
  readonly #store: CheckpointStore;
  readonly #inputs: Input[] = [];
  readonly #sourceNames: readonly string[];
  #task: Task;
  #track: TrackWriter;
  #epoch = 0;
  #phase: JobState['phase'] = 'recovering';
  #flushed: readonly number[] = [];
  #flushing: Promise<void> | undefined;
  #failure: unknown;
  #stopping = false;
  #lastFlush = 0;
  #lastCheckpoint = 0;
  #lastTick = 0;
  #pause = LEAST_PAUSE_MILLISECONDS;

  constructor(options: LiveJobOptions) {
    const { topology, directory, codeVersion, warn } = options;
    this.#options = options;
    this.#sourceNames = Object.keys(options.sources).sort();
    this.#store = new CheckpointStore(directory, { pipeline: topology.name, topology: describe(topology), codeVersion }, warn);
    const newest = this.#store.newest();
    this.#epoch = newest?.epoch ?? 0;
    this.#task = this.#newTask(newest?.state);
    this.#track = new TrackWriter(this.#store.trackPath(this.#lastTrack()), this.#sourceNames);
    for (const [source, count] of Object.entries(partitionsOf(options.sources))) {
      for (let partition = 0; partition < count; partition++) this.#inputs.push({ source, partition, highWatermark: 0, atEnd: false });
    }
  }

  /** Recovers and runs until `stop`; then checkpoints and closes. Rejects with what made it fail. */
  async run(): Promise<void> {
    for (const [name, sink] of Object.entries(this.#options.sinks)) {
      await sink.open({ pipeline: this.#options.topology.name, sink: name, taskEpoch: this.#options.taskEpoch });
    }
    await this.#recover();
    this.#phase = 'running';
    this.#lastCheckpoint = this.#lastFlush = performance.now();
    while (!this.#stopping) await this.#turn();
    await this.#checkpoint();
    this.#phase = 'stopped';
    this.#track.close();
    for (const sink of Object.values(this.#options.sinks)) await sink.close();
  }

  /** Asks it to end; `run` resolves when it has. */
  stop(): void {
    this.#stopping = true;
  }

  state(): JobState {
    return {
      phase: this.#phase,
      epoch: this.#epoch,
      watermark: Math.min(...this.#sourceNames.map((source) => this.#task.watermark(source))),
      partitions: this.#inputs.map(({ source, partition, highWatermark }) => ({
        source,
        partition,
        position: this.#task.position(source, partition),
        highWatermark,
        watermark: this.#task.partitionWatermark(source, partition),
      })),
      books: this.#task.books(),
      flushed: this.#flushed,
    };
  }

  #newTask(state: Uint8Array | undefined): Task {
    const { topology, sources, sinks, deadLetters } = this.#options;
    return new Task({
      topology,
      partitions: partitionsOf(sources),
      outputs: sinks,
      decoders: Object.fromEntries(Object.entries(sources).map(([name, { codec }]) => [name, codec.decoder()])),
      ...(state === undefined ? {} : { restored: [state] }),
      onRejections: (source, partition, rejections) => {
        const books = this.#task.books();
        deadLetters.take(sources[source]!.reader.topic, partition, rejections, books.deadLettered, books.records);
      },
    });
  }

  /** Replays the durable steps behind the checkpoint. All tracks from it on: a damaged newer checkpoint leaves its track to be replayed. */
  async #recover(): Promise<void> {
    for (const epoch of this.#store.tracks()) {
      if (epoch < this.#epoch) continue;
      for (const step of readTrack(this.#store.trackPath(epoch), this.#sourceNames)) {
        if (this.#stopping) return;
        await applyStep(this.#task, this.#options, step);
        if (this.#pending() > MOST_PENDING_ROWS) await this.#flush();
      }
    }
    await this.#flush();
  }

  /** Processes what is there for one slice of time, then lets others run. */
  async #turn(): Promise<void> {
    if (this.#failure !== undefined) throw this.#failure;
    const until = performance.now() + SLICE_MILLISECONDS;
    let progressed = false;
    do {
      const input = this.#next();
      if (input === undefined) break;
      if (await this.#poll(input)) progressed = true;
    } while (performance.now() < until && !this.#stopping);
    this.#tickIfDue();
    const now = performance.now();
    if (this.#pending() > MOST_PENDING_ROWS) await this.#flush();
    else if (now - this.#lastFlush >= (this.#options.flushEveryMilliseconds ?? 250)) this.#flushAside();
    if (now - this.#lastCheckpoint >= (this.#options.checkpointEveryMilliseconds ?? 10_000)) await this.#checkpoint();
    if (this.#inputs.some((input) => !input.atEnd)) {
      this.#pause = LEAST_PAUSE_MILLISECONDS;
      await nextTurn();
      return;
    }
    for (const input of this.#inputs) input.atEnd = false;
    this.#pause = progressed ? LEAST_PAUSE_MILLISECONDS : Math.min(MOST_PAUSE_MILLISECONDS, this.#pause * 2);
    await sleep(this.#pause);
  }

  /** The partition that is furthest behind in event time, so that catching up makes no skew of its own. */
  #next(): Input | undefined {
    let next: Input | undefined;
    let least = Number.POSITIVE_INFINITY;
    for (const input of this.#inputs) {
      if (input.atEnd) continue;
      const watermark = this.#task.partitionWatermark(input.source, input.partition);
      if (next === undefined || watermark < least) {
        next = input;
        least = watermark;
      }
    }
    return next;
  }

  /** One poll and, when it returned records, one step. */
  async #poll(input: Input): Promise<boolean> {
    const { source, partition } = input;
    const from = this.#task.position(source, partition);
    const bytes = await this.#read(input, from);
    if (bytes === undefined || bytes.length === 0) {
      input.atEnd = true;
      return false;
    }
    const step = { kind: 'records', source, partition, from, to: endOffset(bytes) } as const;
    this.#track.append(step);
    this.#task.records(source, partition, from, step.to, bytes);
    input.atEnd = step.to >= input.highWatermark;
    return true;
  }

  async #read(input: Input, from: number): Promise<Uint8Array | undefined> {
    const { source, partition } = input;
    const { reader } = this.#options.sources[source]!;
    try {
      const { bytes, highWatermark } = await reader.read(partition, from, this.#options.stepBytes ?? 256 * 1024);
      input.highWatermark = highWatermark;
      return bytes;
    } catch (error) {
      if (!(error instanceof WeirError) || error.code !== 'LOG_OFFSET_OUT_OF_RANGE') throw error;
      const { logStart } = await reader.offsets(partition);
      const gap = `Offsets ${from} to ${logStart} of ${reader.topic}/${partition} are no longer in the log.`;
      if (this.#options.onGap !== 'resume') {
        throw new WeirError('LOG_GAP', gap, {
          pipeline: this.#options.topology.name,
          remedy: 'Allow gaps to go on without these records, or restore the log.',
          cause: error,
        });
      }
      this.#options.warn(`${gap} Going on behind them, as is allowed.`);
      this.#task.seek(source, partition, logStart);
      return undefined;
    }
  }

  #tickIfDue(): void {
    const now = this.#options.clock.now();
    if (now - this.#lastTick < TICK_MILLISECONDS && now >= this.#lastTick) return;
    this.#lastTick = now;
    const step: TrackedStep = { kind: 'tick', now };
    this.#track.append(step);
    this.#task.onTick(now);
  }

  #pending(): number {
    return Object.values(this.#options.sinks).reduce((sum, sink) => sum + sink.pending, this.#options.deadLetters.pending);
  }

  /** Flushes while processing goes on; a failure is thrown at the next turn. */
  #flushAside(): void {
    if (this.#flushing !== undefined) return;
    void this.#flush().catch((error: unknown) => {
      this.#failure = error;
    });
  }

  /** All output so far becomes durable, after the steps that led to it. */
  async #flush(): Promise<void> {
    while (this.#flushing !== undefined) await this.#flushing;
    this.#flushing = this.#flushNow();
    try {
      await this.#flushing;
    } finally {
      this.#flushing = undefined;
    }
  }

  async #flushNow(): Promise<void> {
    this.#lastFlush = performance.now();
    const positions = this.#inputs.map(({ source, partition }) => this.#task.position(source, partition));
    this.#track.sync();
    await Promise.all([this.#options.deadLetters.flush(), ...Object.values(this.#options.sinks).map((sink) => sink.flush())]);
    this.#flushed = positions;
  }

  /** The state first, as it is now; then all output that led here; then the manifest, which is the commit. */
  async #checkpoint(): Promise<void> {
    await this.#flush();
    const state = this.#task.snapshot();
    // Steps taken while the flush was awaited would not be; there are none, as nothing else takes steps.
    this.#store.write(this.#lastTrack() + 1, this.#options.taskEpoch, state);
    this.#track.close();
    this.#epoch = this.#lastTrack() + 1;
    this.#track = new TrackWriter(this.#store.trackPath(this.#epoch), this.#sourceNames);
    this.#lastCheckpoint = performance.now();
  }

  /** The track that is written now: the newest there is, and at least that of the epoch. */
  #lastTrack(): number {
    return Math.max(this.#epoch, ...this.#store.tracks());
  }
}
