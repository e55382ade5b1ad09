import type { Sink, SinkContext } from '@weir/connector-api';
import type { Batch, Watermark } from '@weir/model';

/** Writes the same rows to several sinks; each is as idempotent as it is alone. */
export class FanOutSink implements Sink {
  readonly #sinks: readonly Sink[];

  constructor(sinks: readonly Sink[]) {
    this.#sinks = sinks;
  }

  get pending(): number {
    return Math.max(0, ...this.#sinks.map((sink) => sink.pending));
  }

  async open(context: SinkContext): Promise<void> {
    for (const sink of this.#sinks) await sink.open(context);
  }

  write(batch: Batch, watermark: Watermark, sequence: number): void {
    for (const sink of this.#sinks) sink.write(batch, watermark, sequence);
  }

  /** Resolves when all of them have it; what one of them failed with is thrown when the others have ended. */
  async flush(): Promise<void> {
    const flushed = await Promise.allSettled(this.#sinks.map((sink) => sink.flush()));
    for (const each of flushed) if (each.status === 'rejected') throw each.reason as Error;
  }

  async close(): Promise<void> {
    for (const sink of this.#sinks) await sink.close();
  }
}
