import type { Append, Log, LogWriter } from '@weir/connector-api';
import { keyGroupOf } from '@weir/model';
import type { Order } from '@weir/pipelines';
import { RecordBatchBuilder } from '@weir/record-batch';

export const ORDERS = 'orders';
export const CANCELLATIONS = 'order-cancellations';
export const PARTITIONS = 4;

/** Bytes of batches that wait for one transaction. */
const TRANSACTION_BYTES = 4 * 1024 * 1024;

const encoder = new TextEncoder();

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
  /** What the log has of this producer; appending it again would change nothing, so it is not even encoded. */
  readonly written: number;
  last: number;
}

/**
 * Appends order lines in their order of arrival: to `orders`, and those that take something back to `order-cancellations` too. Every
 * line has a sequence that grows, and batches are cut at the same lines each time, so appending all over again writes nothing twice.
 */
export class OrderLog {
  readonly #writer: LogWriter;
  readonly #producer: string;
  readonly #recordsOfBatch: number;
  readonly #streams: readonly Stream[];
  #waiting: Append[] = [];
  #waitingBytes = 0;

  private constructor(writer: LogWriter, producer: string, recordsOfBatch: number, streams: readonly Stream[]) {
    this.#writer = writer;
    this.#producer = producer;
    this.#recordsOfBatch = recordsOfBatch;
    this.#streams = streams;
  }

  static async open(log: Log, producer: string, recordsOfBatch: number): Promise<OrderLog> {
    const writer = await log.writer();
    const streams: Stream[] = [];
    for (const topic of [ORDERS, CANCELLATIONS]) {
      for (let partition = 0; partition < PARTITIONS; partition++) {
        const written = await writer.lastSequence(producer, topic, partition);
        streams.push({ topic, partition, builder: new RecordBatchBuilder(256 * 1024), written, last: -1 });
      }
    }
    return new OrderLog(writer, producer, recordsOfBatch, streams);
  }

  /** The newest sequence that any partition of `orders` has; -1 when there is none. */
  get newestSequence(): number {
    return Math.max(...this.#streams.filter(({ topic }) => topic === ORDERS).map(({ written }) => written));
  }

  /** Takes a line that arrives at `arrival` (shop time); flushes when enough wait. */
  async place(order: Order, arrival: number, sequence: number): Promise<void> {
    const key = order.customer ?? order.invoice;
    const partition = keyGroupOf(key) % PARTITIONS;
    this.#append(this.#streams[partition]!, order, key, arrival, sequence);
    if (order.units < 0) {
      const { invoice, line, product, units, cents, placedAt, customer, country } = order;
      this.#append(this.#streams[PARTITIONS + partition]!, { invoice, line, product, units: -units, cents, cancelledAt: placedAt, customer, country }, key, arrival, sequence);
    }
    if (this.#waitingBytes >= TRANSACTION_BYTES) await this.#send();
  }

  /** All that was placed is durable when it resolves. */
  async flush(): Promise<void> {
    for (const stream of this.#streams) this.#cut(stream);
    await this.#send();
  }

  #append(stream: Stream, row: object, key: string, arrival: number, sequence: number): void {
    const isNew = sequence > stream.written;
    // A batch that is in the log is counted all the same, so that the next ones are cut where they were.
    stream.builder.append(arrival, encoder.encode(key), isNew ? encoder.encode(JSON.stringify(row)) : null);
    stream.last = sequence;
    if (stream.builder.count >= this.#recordsOfBatch) this.#cut(stream);
  }

  #cut(stream: Stream): void {
    if (stream.builder.count === 0) return;
    const batch = stream.builder.build();
    if (stream.last <= stream.written) return;
    this.#waiting.push({ topic: stream.topic, partition: stream.partition, batch, idempotence: { producer: this.#producer, sequence: stream.last } });
    this.#waitingBytes += batch.length;
  }

  async #send(): Promise<void> {
    if (this.#waiting.length === 0) return;
    await this.#writer.append(this.#waiting);
    this.#waiting = [];
    this.#waitingBytes = 0;
  }
}
