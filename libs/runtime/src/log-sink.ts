import type { Append, Codec, LogWriter, Sink, SinkContext } from '@weir/connector-api';
import type { Batch, Watermark } from '@weir/model';
import { RecordBatchBuilder } from '@weir/record-batch';

export interface LogSinkOptions {
  readonly writer: LogWriter;
  /** Has one partition. */
  readonly topic: string;
  readonly codec: Codec;
}

/**
 * Writes rows to a topic. The number of a batch in the life of its task is the sequence of an idempotent producer, and a replay
 * gives each batch the number it had: so none is written twice.
 */
export class LogSink implements Sink {
  readonly #options: LogSinkOptions;
  readonly #builder = new RecordBatchBuilder(4096);
  #producer = '';
  #waiting: Append[] = [];
  #rows = 0;

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

  write(batch: Batch, _watermark: Watermark, sequence: number): void {
    const { timestamps, rows, length } = batch;
    for (let i = 0; i < length; i++) {
      const position = rows[i]!;
      this.#builder.append(timestamps[position]!, null, this.#options.codec.encode(batch.at(position)));
    }
    if (length === 0) return;
    this.#waiting.push({ topic: this.#options.topic, partition: 0, batch: this.#builder.build(), idempotence: { producer: this.#producer, sequence } });
    this.#rows += length;
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
