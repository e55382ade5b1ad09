import type { Append, LogWriter, Rejection } from '@weir/connector-api';
import { WeirError } from '@weir/model';
import { RecordBatchBuilder } from '@weir/record-batch';

/** What a source does with records that are no rows. */
export interface DeadLetterPolicy {
  readonly on: 'fail' | 'drop' | 'dead-letter';
  /** With `dead-letter`: stop when more than this share of the records is bad, after the first thousand. Default 0.01. */
  readonly maxShare?: number;
  /** With `dead-letter`: stop when more than this many are bad. Default 10,000. */
  readonly maxTotal?: number;
}

export interface DeadLettersOptions {
  readonly pipeline: string;
  readonly policy: DeadLetterPolicy;
  readonly writer: LogWriter;
  /** Has one partition. */
  readonly topic: string;
}

const SHARE_FROM_RECORDS = 1_000;
const encoder = new TextEncoder();

/**
 * Writes records that are no rows to a topic of their own, with their raw bytes, their place and the reason. A replay after a crash
 * meets the same records again: the sequence of the idempotent producer is the record's offset, so none is written twice.
 */
export class DeadLetters {
  readonly #options: DeadLettersOptions;
  readonly #builder = new RecordBatchBuilder(4096);
  #waiting: Append[] = [];

  constructor(options: DeadLettersOptions) {
    this.#options = options;
  }

  get pending(): number {
    return this.#waiting.length;
  }

  /** Takes rejected records; `total` and `records` are those of the job so far. Throws RECORD_REJECTED or DEAD_LETTER_BUDGET. */
  take(topic: string, partition: number, rejections: readonly Rejection[], total: number, records: number): void {
    const { policy, pipeline } = this.#options;
    const first = rejections[0]!;
    if (policy.on === 'fail') {
      throw new WeirError('RECORD_REJECTED', `Record ${topic}/${partition}@${first.offset} was rejected with ${first.code}: ${first.message}`, {
        pipeline,
        remedy: "Mend the producer, or give the source the policy 'dead-letter'.",
      });
    }
    if (policy.on === 'drop') return;
    const { maxShare = 0.01, maxTotal = 10_000 } = policy;
    if (total > maxTotal || (records > SHARE_FROM_RECORDS && total > records * maxShare)) {
      throw new WeirError('DEAD_LETTER_BUDGET', `${total} of ${records} records were rejected, the last at ${topic}/${partition}@${first.offset} with ${first.code}.`, {
        pipeline,
        remedy: 'Look at the dead letters and mend the producer, or raise the budget.',
      });
    }
    for (const rejection of rejections) this.#add(topic, partition, rejection);
  }

  /** What was taken is durable when it resolves. */
  async flush(): Promise<void> {
    const waiting = this.#waiting;
    if (waiting.length === 0) return;
    this.#waiting = [];
    await this.#options.writer.append(waiting);
  }

  #add(topic: string, partition: number, rejection: Rejection): void {
    const { pipeline } = this.#options;
    const headers = Object.entries({ pipeline, topic, partition, offset: rejection.offset, code: rejection.code, message: rejection.message }).map(([key, value]) => ({
      key,
      value: encoder.encode(String(value)),
    }));
    const timestamp = Number.isNaN(rejection.logTimestamp) ? 0 : rejection.logTimestamp;
    this.#builder.append(timestamp, rejection.key, rejection.value, headers);
    this.#waiting.push({
      topic: this.#options.topic,
      partition: 0,
      batch: this.#builder.build(),
      idempotence: { producer: `${pipeline}/${topic}/${partition}`, sequence: rejection.offset },
    });
  }
}
