import type { Sink } from '@weir/connector-api';
import type { DeadLetters } from './dead-letters.ts';
import { FanOutSink } from './fan-out-sink.ts';
import { PacedOutput } from './paced-output.ts';
import type { FlushTiming } from './paced-output.ts';

/** The sinks of a pipeline by name; several of one name get the same rows. */
export type BoundSinks = Readonly<Record<string, Sink | readonly Sink[]>>;

/** All outputs of a task, each of which is flushed at its own pace. */
export class Outputs {
  /** What the task writes to: one sink for each name. */
  readonly routes: Readonly<Record<string, Sink>>;
  readonly #paced: readonly PacedOutput[];

  constructor(sinks: BoundSinks, deadLetters: DeadLetters, told?: (timing: FlushTiming) => void) {
    this.routes = Object.fromEntries(Object.entries(sinks).map(([name, bound]) => [name, 'write' in bound ? bound : new FanOutSink(bound)]));
    const named = Object.entries(sinks).flatMap(([name, bound]) => ('write' in bound ? [bound] : bound).map((sink, index) => [index === 0 ? name : `${name} ${index + 1}`, sink] as const));
    this.#paced = [new PacedOutput('dead-letters', deadLetters, told), ...named.map(([name, sink]) => new PacedOutput(name, sink, told))];
  }

  /** Rows that are not durable. */
  get pending(): number {
    return this.#paced.reduce((sum, { pending }) => sum + pending, 0);
  }

  /** Positions up to which all of them are durable. */
  get flushed(): readonly number[] {
    return this.#paced.map(({ flushed }) => flushed).reduce((least, positions) => least.map((position, index) => Math.min(position, positions[index]!)));
  }

  /** When one that waits may be flushed; infinity while none waits. */
  get dueAt(): number {
    return Math.min(...this.#paced.map(({ dueAt }) => dueAt));
  }

  /** Says up to which positions everything is durable from the beginning. */
  startFrom(positions: readonly number[]): void {
    for (const output of this.#paced) output.startFrom(positions);
  }

  async open(pipeline: string, taskEpoch: number): Promise<void> {
    for (const [sink, route] of Object.entries(this.routes)) await route.open({ pipeline, sink, taskEpoch });
  }

  async close(): Promise<void> {
    for (const route of Object.values(this.routes)) await route.close();
  }

  /** To be called when steps were taken. */
  noteSteps(): void {
    const now = performance.now();
    for (const output of this.#paced) output.noteSteps(now);
  }

  /** Resolves when the flushes that are under way have ended; rejects when one of them fails. */
  async settled(): Promise<void> {
    await Promise.all(this.#paced.flatMap(({ flushing }) => flushing ?? []));
  }

  /** The steps up to these positions are durable: flushes all that are not being flushed, or those that were due by then. Begins before it returns. */
  async flush(positions: readonly number[], dueBy = Number.POSITIVE_INFINITY): Promise<void> {
    const chosen = this.#paced.filter(({ dueAt, flushing }) => (dueBy === Number.POSITIVE_INFINITY ? flushing === undefined : dueAt <= dueBy));
    await Promise.all(chosen.map((output) => output.flush(positions)));
  }
}
