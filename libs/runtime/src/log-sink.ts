import type { Append, Codec, LogWriter, Sink, SinkContext } from '@weir/connector-api';
import type { Batch, Origin } from '@weir/model';
import { invariant } from '@weir/model';
import { RecordBatchBuilder } from '@weir/record-batch';

export interface LogSinkOptions {
  readonly writer: LogWriter;
  /** Has one partition. */
  readonly topic: string;
  readonly codec: Codec;
}

/** How many batches may come of one step's records; a sink gets one from each step that leads to it. */
const BATCHES_OF_STEP = 256;

/**
 * Writes rows of a log (late ones, say) to a topic. A replay takes the same steps, and each begins at its own place in the log; so that
 * place, and how many batches came of it before, are the sequence of an idempotent producer: a replay writes none twice.
 */
export class LogSink implements Sink {
  readonly #options: LogSinkOptions;
  readonly #builder = new RecordBatchBuilder(4096);
  #producer = '';
  #waiting: Append[] = [];
  #rows = 0;
  /** Of the records that are being processed. */
  #origin: Origin | undefined;
  #batchesOfStep = 0;

  constructor(options: LogSinkOptions) {
    this.#options = options;
  }

  get pending(): number {
    return this.#rows;
  }

  open({ pipeline, sink }: SinkContext): Promise<void> {
    this.#producer = `${pipeline}/${sink}`;
    return Promise.resolve();
  }

  write(batch: Batch): void {
    const { origin, timestamps, rows, length } = batch;
    invariant(origin !== undefined, `topic ${this.#options.topic} takes rows of a log`);
    for (let i = 0; i < length; i++) {
      const position = rows[i]!;
      this.#builder.append(timestamps[position]!, null, this.#options.codec.encode(batch.at(position)));
    }
    if (length === 0) return;
    this.#waiting.push({
      topic: this.#options.topic,
      partition: 0,
      batch: this.#builder.build(),
      idempotence: { producer: `${this.#producer}/${origin.source}/${origin.partition}`, sequence: this.#sequence(origin) },
    });
    this.#rows += length;
  }

  #sequence(origin: Origin): number {
    this.#batchesOfStep = origin === this.#origin ? this.#batchesOfStep + 1 : 0;
    this.#origin = origin;
    invariant(this.#batchesOfStep < BATCHES_OF_STEP, `a step gives a sink fewer than ${BATCHES_OF_STEP} batches`);
    return origin.offsets[0]! * BATCHES_OF_STEP + this.#batchesOfStep;
  }

  async flush(): Promise<void> {
    const waiting = this.#waiting;
    this.#waiting = [];
    this.#rows = 0;
    if (waiting.length > 0) await this.#options.writer.append(waiting);
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}
