import type { Sink } from '@weir/connector-api';

/** What holds rows until they are flushed. */
export type Flushable = Pick<Sink, 'pending' | 'flush'>;

/** When rows of one output became durable; milliseconds as of `performance.now`. */
export interface FlushTiming {
  /** The name of the sink; with a number behind it for the second and others of one name. */
  readonly output: string;
  /** When the first of them had come out of a step. */
  readonly waitingSince: number;
  /** When the steps that led to them were durable, and the flush began. */
  readonly begunAt: number;
  readonly endedAt: number;
}

/** However quickly an output flushes, it rests for this long: databases pay for each write, not for each row. */
const LEAST_REST_MILLISECONDS = 20;

/**
 * One output of a task: how far it is durable, and when it may be flushed again. After each flush it rests for as long as that took, so a
 * few rows are written at once, and what comes faster than it can be written comes in larger and larger pieces.
 */
export class PacedOutput {
  readonly name: string;
  readonly #sink: Flushable;
  readonly #told: ((timing: FlushTiming) => void) | undefined;
  #flushed: readonly number[] = [];
  #flushing: Promise<void> | undefined;
  #restsUntil = 0;
  /** Rows that the flush under way is about, where the sink still counts them. */
  #sending = 0;
  #waitingSince: number | undefined;

  constructor(name: string, sink: Flushable, told?: (timing: FlushTiming) => void) {
    this.name = name;
    this.#sink = sink;
    this.#told = told;
  }

  /** Rows that are not durable. */
  get pending(): number {
    return this.#sink.pending;
  }

  /** Positions up to which its rows are durable. */
  get flushed(): readonly number[] {
    return this.#flushed;
  }

  /** The flush that is under way. */
  get flushing(): Promise<void> | undefined {
    return this.#flushing;
  }

  /** When it may be flushed for the sake of what waits; infinity while nothing does, or while it is being flushed. */
  get dueAt(): number {
    return this.#flushing === undefined && this.#sink.pending > 0 ? this.#restsUntil : Number.POSITIVE_INFINITY;
  }

  /** Says up to which positions everything is durable from the beginning. */
  startFrom(positions: readonly number[]): void {
    this.#flushed = positions;
  }

  /** To be called when steps were taken. */
  noteSteps(now: number): void {
    if (this.#waitingSince === undefined && this.#sink.pending > this.#sending) this.#waitingSince = now;
  }

  /** The steps up to these positions are durable: flushes what they led to, and begins to before it returns. Not while a flush is under way. */
  flush(positions: readonly number[]): Promise<void> {
    if (this.#sink.pending === 0) {
      this.#flushed = positions;
      return Promise.resolve();
    }
    const begunAt = performance.now();
    const waitingSince = this.#waitingSince ?? begunAt;
    this.#waitingSince = undefined;
    const flushed = this.#sink.flush();
    this.#sending = this.#sink.pending;
    const ended = flushed.then(() => {
      this.#flushed = positions;
      const endedAt = performance.now();
      this.#restsUntil = endedAt + Math.max(LEAST_REST_MILLISECONDS, endedAt - begunAt);
      this.#told?.({ output: this.name, waitingSince, begunAt, endedAt });
    });
    this.#flushing = ended.finally(() => {
      this.#flushing = undefined;
      this.#sending = 0;
    });
    return this.#flushing;
  }
}
