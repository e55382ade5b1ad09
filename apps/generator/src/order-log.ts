import type { Append, Log } from '@weir/connector-api';
import { keyGroupOf } from '@weir/model';
import type { Timestamp } from '@weir/model';
import { RecordBatchBuilder } from '@weir/record-batch';
import type { LineEncoder, PlacedLine } from './order-encoder.ts';
import type { RecordWriter } from './record-writer.ts';
import { NO_TEXT } from './retail-lines.ts';
import type { RetailLines } from './retail-lines.ts';
import { jsonFormat } from './shop-format.ts';
import type { ShopFormat } from './shop-format.ts';
import { CANCELLATIONS, ORDERS, PARTITIONS } from './topics.ts';

const RECORDS_OF_BATCH = 1_000;
const UTF8 = new TextEncoder();

/** Creates the topics of the shop, or checks that they are as they should be. */
export async function ensureOrderTopics(log: Log): Promise<void> {
  await log.ensureTopic(ORDERS, { partitions: PARTITIONS });
  await log.ensureTopic(CANCELLATIONS, { partitions: PARTITIONS });
}

/** One partition of one topic under construction. */
interface Stream {
  readonly topic: string;
  readonly partition: number;
  readonly builder: RecordBatchBuilder;
  /** Sequence of the last record in the builder. */
  last: number;
}

/**
 * Appends order lines in their order of arrival: to `orders`, and those that take something back to `order-cancellations` too. What
 * lies between two flushes is appended in one transaction, so the newest sequence in the log tells exactly what is in it.
 */
export class OrderLog {
  readonly #writer: RecordWriter;
  readonly #producer: string;
  readonly #lines: RetailLines;
  readonly #encoder: LineEncoder;
  readonly #streams: readonly Stream[];
  readonly #newestSequence: number;
  #waiting: Append[] = [];

  private constructor(writer: RecordWriter, producer: string, lines: RetailLines, encoder: LineEncoder, newestSequence: number) {
    this.#writer = writer;
    this.#producer = producer;
    this.#lines = lines;
    this.#encoder = encoder;
    this.#newestSequence = newestSequence;
    this.#streams = [ORDERS, CANCELLATIONS].flatMap((topic) =>
      Array.from({ length: PARTITIONS }, (_, partition) => ({ topic, partition, builder: new RecordBatchBuilder(256 * 1024), last: -1 })),
    );
  }

  static async open(writer: RecordWriter, producer: string, lines: RetailLines, format: ShopFormat = jsonFormat): Promise<OrderLog> {
    let newest = -1;
    for (let partition = 0; partition < PARTITIONS; partition++) newest = Math.max(newest, await writer.lastSequence(producer, ORDERS, partition));
    return new OrderLog(writer, producer, lines, format.encoder(lines), newest);
  }

  /** The newest sequence of this producer when it was opened; -1 when it had written nothing. */
  get newestSequence(): number {
    return this.#newestSequence;
  }

  /** Takes a line that arrives at `arrival`, in shop time. Sequences must not fall from line to line. */
  place(line: PlacedLine, arrival: Timestamp, sequence: number): void {
    const customer = this.#lines.customers[line.source]!;
    const text = customer === NO_TEXT ? line.invoice : this.#lines.texts[customer]!;
    const key = UTF8.encode(text);
    const partition = keyGroupOf(text) % PARTITIONS;
    this.#append(this.#streams[partition]!, key, this.#encoder.order(line), arrival, sequence);
    if (this.#lines.units[line.source]! < 0) this.#append(this.#streams[PARTITIONS + partition]!, key, this.#encoder.cancellation(line), arrival, sequence);
  }

  /** All that was placed since the last flush is durable, or none of it. */
  async flush(): Promise<void> {
    for (const stream of this.#streams) this.#cut(stream);
    const waiting = this.#waiting;
    this.#waiting = [];
    if (waiting.length > 0) await this.#writer.append(waiting);
  }

  async close(): Promise<void> {
    await this.#writer.close();
  }

  #append(stream: Stream, key: Uint8Array, value: Uint8Array, arrival: Timestamp, sequence: number): void {
    // Lines of one sequence stay in one batch: the log takes a sequence of a partition once.
    if (stream.builder.count >= RECORDS_OF_BATCH && stream.last !== sequence) this.#cut(stream);
    stream.builder.append(arrival, key, value);
    stream.last = sequence;
  }

  #cut(stream: Stream): void {
    if (stream.builder.count === 0) return;
    this.#waiting.push({ topic: stream.topic, partition: stream.partition, batch: stream.builder.build(), idempotence: { producer: this.#producer, sequence: stream.last } });
  }
}
