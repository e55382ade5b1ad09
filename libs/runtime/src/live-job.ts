import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import type { Decoded } from '@weir/connector-api';
import type { Clock, WeirError } from '@weir/model';
import { invariant } from '@weir/model';
import { endOffset } from '@weir/record-batch';
import { partitionsOf } from './bindings.ts';
import type { SourceBinding } from './bindings.ts';
import type { BookTotals } from './books.ts';
import { LiveTask } from './live-task.ts';
import type { LivePipeline } from './live-task.ts';
import type { Gap } from './log-memory.ts';
import { isDamage, isOutOfRange, isRetryable } from './read-range.ts';
import { SourceDecoders } from './source-decoders.ts';

export interface LiveJobOptions {
  /** Each reads any of the sources. What they all read is fetched and decoded once. */
  readonly pipelines: readonly LivePipeline[];
  readonly sources: Readonly<Record<string, SourceBinding>>;
  readonly codeVersion: string;
  readonly clock: Clock;
  readonly warn: (message: string) => void;
  /** What to do when the log no longer has the next offset: `fail` (default), or go on behind the gap. */
  readonly onGap?: 'fail' | 'resume';
  /** What to do when the next batch of a partition is damaged, cannot be decompressed or is too large: `fail` (default), or hold that partition and go on with the others. */
  readonly onDamage?: 'fail' | 'hold';
  /** How often a partition that is held for damage is read again, as another leader may have a good copy; default 10 s. */
  readonly retryDamageEveryMilliseconds?: number;
  /** For how long a partition may be unavailable, as while its broker is away, before the job ends with its error; default 120 s. The others go on meanwhile. */
  readonly unavailableMilliseconds?: number;
  /** Default 10 s. */
  readonly checkpointEveryMilliseconds?: number;
  /** Of one pipeline; default 1,000,000. */
  readonly checkpointEveryRecords?: number;
  /**
   * How long output may wait while there is more in the log; default 250 ms. Once there is nothing more, what waits is written at once, save
   * that each output rests for as long as its last write took.
   */
  readonly flushEveryMilliseconds?: number;
  /** Bytes of one step, about; default 256 KiB. */
  readonly stepBytes?: number;
  /** How long the job may keep the process to itself, about; default 10 ms. */
  readonly turnMilliseconds?: number;
}

export interface PartitionState {
  readonly source: string;
  readonly partition: number;
  readonly position: number;
  readonly highWatermark: number;
  readonly watermark: number;
  /** No longer holds the watermark back. */
  readonly isIdle: boolean;
  /** Not read now, because it is too far ahead of what it is aligned with. */
  readonly isPaused: boolean;
  /** Rows that were too far ahead of the log. */
  readonly tooFarAhead: number;
  /** Why it is not read at its position, if it is not. */
  readonly damage: string | undefined;
}

export interface JobState {
  readonly phase: 'recovering' | 'running' | 'stopped';
  readonly epoch: number;
  readonly watermark: number;
  readonly partitions: readonly PartitionState[];
  readonly books: BookTotals;
  /** Rows that wait for answers from outside. */
  readonly waiting: number;
  /** Position of each partition, in order, up to which all output is durable. */
  readonly flushed: readonly number[];
  /** Records that the log no longer had, in this attempt; on no books. */
  readonly skipped: number;
  /** What the log no longer had, in this attempt and in those before it; the newest 1,000. */
  readonly gaps: readonly Gap[];
}

interface Input {
  readonly source: string;
  readonly partition: number;
  highWatermark: number;
  atEnd: boolean;
  held: Held | undefined;
}

/** A partition is not read for a while. */
interface Held {
  readonly why: string;
  /** When it is read again. */
  readonly until: number;
  /** Since when it has been unavailable; undefined when its next batch is of no use. */
  readonly since: number | undefined;
}

const RETRY_DAMAGE_MILLISECONDS = 10_000;
const UNAVAILABLE_MILLISECONDS = 120_000;
/** How often one that is unavailable is read again: soon at first, as another leader may be chosen. */
const LEAST_RETRY_MILLISECONDS = 20;
const MOST_RETRY_MILLISECONDS = 1_000;
const TICK_MILLISECONDS = 1_000;
const FLUSH_MILLISECONDS = 250;
/** How often the steps that led to no output are made durable, too. */
const SYNC_MILLISECONDS = 250;
const LEAST_PAUSE_MILLISECONDS = 5;
const MOST_PAUSE_MILLISECONDS = 50;

/**
 * The `live` driver: steps are what polls returned and what the clock said, and each pipeline records its own. Output becomes visible
 * only after the steps that led to it are durable, so a new attempt replays them and emits what the first one emitted.
 */
export class LiveJob {
  readonly #options: LiveJobOptions;
  readonly #tasks: readonly LiveTask[];
  readonly #decoders: SourceDecoders;
  readonly #inputs: readonly Input[];
  #phase: JobState['phase'] = 'recovering';
  #stopping = false;
  #lastFlush = 0;
  #lastSync = 0;
  #lastCheckpoint = 0;
  #recordsAtCheckpoint = 0;
  #lastTick = 0;
  #pause = LEAST_PAUSE_MILLISECONDS;

  constructor(options: LiveJobOptions) {
    const { pipelines, sources, codeVersion, warn, onGap = 'fail' } = options;
    this.#options = options;
    this.#decoders = new SourceDecoders(pipelines.map(({ topology }) => topology), sources);
    this.#tasks = pipelines.map((pipeline, index) => new LiveTask(pipeline, { sources, decoders: this.#decoders.of(index), codeVersion, warn, onGap }));
    this.#inputs = Object.entries(partitionsOf(sources)).flatMap(([source, count]) =>
      Array.from({ length: count }, (_, partition) => ({ source, partition, highWatermark: 0, atEnd: false, held: undefined })),
    );
  }

  /** Recovers and runs until `stop`; then checkpoints and closes. Rejects with what made it fail, and then leaves no checkpoint. */
  async run(): Promise<void> {
    try {
      for (const input of this.#inputs) input.highWatermark = (await this.#options.sources[input.source]!.reader.offsets(input.partition)).highWatermark;
      if (await this.#recover()) await this.#live();
    } finally {
      for (const task of this.#tasks) await task.close();
    }
    this.#phase = 'stopped';
  }

  /** Asks it to end; `run` resolves when it has. */
  stop(): void {
    this.#stopping = true;
  }

  /** How one of the pipelines is. */
  state(pipeline: string): JobState {
    const task = this.#tasks.find(({ topology }) => topology.name === pipeline);
    invariant(task !== undefined, `pipeline ${pipeline} is part of the job`);
    const { epoch, watermark, books, waiting, flushed, skipped, gaps } = task;
    const partitions = this.#inputs
      .filter(({ source }) => task.reads(source))
      .map(({ source, partition, highWatermark, held }) => ({
        source,
        partition,
        position: task.position(source, partition),
        highWatermark,
        watermark: task.partitionWatermark(source, partition),
        isIdle: task.isIdle(source, partition),
        isPaused: task.isAhead(source, partition),
        tooFarAhead: task.tooFarAhead(source, partition),
        damage: held?.why,
      }));
    return { phase: this.#phase, epoch, watermark, partitions, books, waiting, flushed, skipped, gaps };
  }

  async #recover(): Promise<boolean> {
    for (const task of this.#tasks) {
      await task.open();
      if (!(await task.recover(() => this.#stopping))) return false;
    }
    return true;
  }

  async #live(): Promise<void> {
    this.#phase = 'running';
    this.#lastCheckpoint = this.#lastFlush = this.#lastSync = performance.now();
    while (!this.#stopping) await this.#turn();
    for (const task of this.#tasks) task.check();
    for (const task of this.#tasks) await task.checkpoint();
  }

  /** Processes what is there for one turn, then lets others run. */
  async #turn(): Promise<void> {
    const until = performance.now() + (this.#options.turnMilliseconds ?? 10);
    let progressed = false;
    do {
      for (const task of this.#tasks) task.ask();
      const input = this.#next();
      if (input === undefined) break;
      if (await this.#poll(input)) progressed = true;
    } while (performance.now() < until && !this.#stopping);
    this.#tickIfDue();
    const isMore = this.#inputs.some((input) => !input.atEnd && !this.#isPaused(input));
    await this.#settle(isMore);
    if (isMore) {
      this.#pause = LEAST_PAUSE_MILLISECONDS;
      await nextTurn();
      return;
    }
    this.#pause = progressed || this.#tasks.some(({ isAsking }) => isAsking) ? LEAST_PAUSE_MILLISECONDS : Math.min(MOST_PAUSE_MILLISECONDS, this.#pause * 2);
    await this.#waitForMore();
  }

  /** Where logs can tell that there is more, until they do; where they cannot, for a pause that grows. In any case until output that waits may be flushed. */
  async #waitForMore(): Promise<void> {
    const wanted = Map.groupBy(this.#inputs.filter((input) => input.held === undefined && !this.#isPaused(input)), ({ source }) => source);
    const waits = [...wanted].map(([source, inputs]) => ({ inputs, reader: this.#options.sources[source]!.reader, partitions: inputs.map(({ partition }) => partition) }));
    if (waits.length === 0 || waits.some(({ reader }) => reader.wait === undefined)) {
      for (const input of this.#inputs) input.atEnd = false;
      await sleep(Math.min(this.#pause, this.#untilFlush()));
      return;
    }
    const milliseconds = Math.ceil(Math.min(this.#tasks.some(({ isAsking }) => isAsking) ? LEAST_PAUSE_MILLISECONDS : MOST_PAUSE_MILLISECONDS, this.#untilFlush()));
    await Promise.race(waits.map(({ reader, partitions }) => reader.wait!(partitions, milliseconds)));
    for (const input of this.#inputs) input.atEnd = input.held === undefined;
    for (const { inputs, reader, partitions } of waits) {
      const more = await reader.wait!(partitions, 0);
      for (const input of inputs) input.atEnd = !more.includes(input.partition);
    }
  }

  /** Milliseconds until output that waits may be flushed. */
  #untilFlush(): number {
    return Math.max(1, Math.min(...this.#tasks.map(({ dueAt }) => dueAt)) - performance.now());
  }

  /** The partition that is furthest behind in event time, so that catching up makes no skew of its own. */
  #next(): Input | undefined {
    let next: Input | undefined;
    let least = Number.POSITIVE_INFINITY;
    for (const input of this.#inputs) {
      if (input.atEnd || this.#isPaused(input)) continue;
      let watermark = Number.POSITIVE_INFINITY;
      for (const task of this.#tasks) if (task.reads(input.source)) watermark = Math.min(watermark, task.partitionWatermark(input.source, input.partition));
      if (next === undefined || watermark < least) {
        next = input;
        least = watermark;
      }
    }
    return next;
  }

  /**
   * True while the partition is held; when every pipeline that reads it has as many rows waiting for answers as it may, or when every pipeline that aligns the partition has it too far ahead. In each of them the one that is furthest behind is not, so
   * there is always one to be read or to be waited for, and what is waited for becomes idle.
   */
  #isPaused({ source, partition, held }: Input): boolean {
    if (held !== undefined && performance.now() < held.until) return true;
    const readers = this.#tasks.filter((task) => task.reads(source));
    if (readers.length > 0 && readers.every(({ isFull }) => isFull)) return true;
    const aligned = readers.filter((task) => task.isAligned(source));
    return aligned.length > 0 && aligned.every((task) => task.isAhead(source, partition));
  }

  /** One poll and, when it returned records, one step of each pipeline that has come to them. */
  async #poll(input: Input): Promise<boolean> {
    const { source, partition } = input;
    const readers = this.#tasks.filter((task) => task.reads(source) && !task.isFull);
    const positions = readers.map((task) => task.position(source, partition));
    const from = Math.min(...positions);
    const bytes = readers.length === 0 ? undefined : await this.#read(input, readers, from);
    if (bytes === undefined || bytes.length === 0) {
      if (bytes !== undefined) this.#letGo(input, from);
      input.atEnd = input.held === undefined;
      return false;
    }
    // Where a pipeline is ahead, because it kept more of its track in a crash, the others come up to it first.
    const to = Math.min(endOffset(bytes), ...positions.filter((position) => position > from));
    const due = readers.filter((_, index) => positions[index] === from);
    let decoded: readonly (Decoded | undefined)[];
    try {
      decoded = await this.#decoders.decode({ source, partition, from, to, bytes }, (pipeline) => due.includes(this.#tasks[pipeline]!));
    } catch (error) {
      this.#hold(input, from, error);
      return false;
    }
    this.#letGo(input, from);
    for (const task of due) task.records(source, partition, to, decoded[this.#tasks.indexOf(task)]!, bytes);
    input.atEnd = to >= input.highWatermark;
    return true;
  }

  /** Undefined when there is a gap, which has been passed, or when the partition is held. What is not there at once keeps nobody from the others. */
  async #read(input: Input, readers: readonly LiveTask[], from: number): Promise<Uint8Array | undefined> {
    const { source, partition } = input;
    const { reader } = this.#options.sources[source]!;
    try {
      const { bytes, highWatermark } = await reader.read(partition, from, this.#options.stepBytes ?? 256 * 1024, 0);
      input.highWatermark = highWatermark;
      return bytes;
    } catch (error) {
      if (!isOutOfRange(error)) {
        if (isRetryable(error)) this.#await(input, from, error);
        else this.#hold(input, from, error);
        return undefined;
      }
      const { logStart } = await reader.offsets(partition);
      for (const task of readers) if (task.position(source, partition) < logStart) task.skip(source, partition, logStart, error);
      return undefined;
    }
  }

  /** Keeps a partition from being read for a while, where that is allowed; throws the error where it is not, or is about more than the partition's next batch. */
  #hold(input: Input, from: number, error: unknown): void {
    const { onDamage = 'fail', retryDamageEveryMilliseconds = RETRY_DAMAGE_MILLISECONDS, warn } = this.#options;
    if (onDamage !== 'hold' || !isDamage(error)) throw error;
    if (input.held === undefined || input.held.since !== undefined) warn(`HELD ${this.#place(input)} at offset ${from}: ${error.message} The other partitions go on, and this one is tried again every ${retryDamageEveryMilliseconds} ms.`);
    input.held = { why: error.message, until: performance.now() + retryDamageEveryMilliseconds, since: undefined };
  }

  /** Goes on without a partition that is unavailable; throws the error when it has been for too long. */
  #await(input: Input, from: number, error: WeirError): void {
    const { unavailableMilliseconds = UNAVAILABLE_MILLISECONDS, warn } = this.#options;
    const now = performance.now();
    const since = input.held?.since ?? now;
    if (now - since >= unavailableMilliseconds) throw error;
    if (input.held?.since === undefined) warn(`HELD ${this.#place(input)} at offset ${from}: ${error.message} The other partitions go on, and this one is waited for up to ${unavailableMilliseconds} ms.`);
    // The longer it lasts, the less often.
    const pause = Math.min(MOST_RETRY_MILLISECONDS, Math.max(LEAST_RETRY_MILLISECONDS, now - since));
    input.held = { why: error.message, until: now + pause, since };
  }

  #letGo(input: Input, from: number): void {
    if (input.held === undefined) return;
    input.held = undefined;
    this.#options.warn(`READ AGAIN ${this.#place(input)} from offset ${from}.`);
  }

  #place({ source, partition }: Input): string {
    return `${this.#options.sources[source]!.reader.topic}/${partition}`;
  }

  #tickIfDue(): void {
    const now = this.#options.clock.now();
    if (now - this.#lastTick < TICK_MILLISECONDS && now >= this.#lastTick) return;
    this.#lastTick = now;
    for (const task of this.#tasks) task.tick(now, this.#inputs.some(({ source, held }) => held?.since !== undefined && task.reads(source)));
  }

  /** Flushes and checkpoints what is due; while there is more in the log, output may wait for more. */
  async #settle(isMore: boolean): Promise<void> {
    const { flushEveryMilliseconds = FLUSH_MILLISECONDS, checkpointEveryMilliseconds = 10_000, checkpointEveryRecords = 1_000_000 } = this.#options;
    const now = performance.now();
    for (const task of this.#tasks) {
      task.check();
      await task.flushIfFull();
    }
    if (!isMore || now - this.#lastFlush >= flushEveryMilliseconds) {
      this.#lastFlush = now;
      const all = now - this.#lastSync >= Math.min(SYNC_MILLISECONDS, flushEveryMilliseconds);
      if (all) this.#lastSync = now;
      for (const task of this.#tasks) task.flushAside(all);
    }
    if (now - this.#lastCheckpoint < checkpointEveryMilliseconds && this.#mostRecords() - this.#recordsAtCheckpoint < checkpointEveryRecords) return;
    for (const task of this.#tasks) task.checkpointAside();
    this.#lastCheckpoint = now;
    this.#recordsAtCheckpoint = this.#mostRecords();
  }

  #mostRecords(): number {
    return Math.max(0, ...this.#tasks.map(({ books }) => books.records));
  }
}
