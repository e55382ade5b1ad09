/**
 * The port of a log: what Kafka offers and the embedded log too. Records travel as the bytes of Kafka record batches (v2,
 * magic 2, KIP-98), never as objects; `@weir/record-batch` walks and encodes them.
 */
export interface Fetch {
  /** Whole record batches back to back; the first one may begin before the asked offset. Valid until the next read of this reader. */
  readonly bytes: Uint8Array;
  /** Offset after the last record that a reader may see. */
  readonly highWatermark: number;
  /** Lowest offset that is still there. */
  readonly logStart: number;
}

export interface LogReader {
  readonly topic: string;
  /** Partitions of the topic: 0 to partitions - 1. */
  readonly partitions: number;
  /** Tells this topic from another one of its name; absent where the log cannot. */
  readonly topicId?: string;
  /**
   * Reads from the batch that holds `offset` on; at least one batch if there is one, then while the total is <= maxBytes.
   * Empty bytes when offset >= highWatermark. Throws LOG_OFFSET_OUT_OF_RANGE when offset < logStart, and RECORD_BATCH_CORRUPT,
   * RECORD_BATCH_COMPRESSION or LOG_RECORD_TOO_LARGE when the first batch is of no use. What may succeed later is tried again for
   * `retryMilliseconds`, by default for as long as the log was told, and then thrown as `retryable`; with 0 it is thrown at once.
   */
  read(partition: number, offset: number, maxBytes: number, retryMilliseconds?: number): Promise<Fetch>;
  /**
   * Resolves with those of these partitions in which there is more than was read, as soon as there is in one of them; with none after so
   * many milliseconds, at the latest. With 0 it only tells what it knows. Absent where a log has to be polled.
   */
  wait?(partitions: readonly number[], milliseconds: number): Promise<readonly number[]>;
  offsets(partition: number): Promise<{ readonly logStart: number; readonly highWatermark: number }>;
  /** The first offset whose record timestamp is >= timestamp; highWatermark when there is none. */
  offsetFor(partition: number, timestamp: number): Promise<number>;
  /**
   * Throws LOG_TRUNCATED when the log has lost the record in front of `offset`, which a leader of this epoch had taken, and perhaps
   * has others in its place (KIP-320). Absent where a log loses none.
   */
  verify?(partition: number, offset: number, leaderEpoch: number): Promise<void>;
  close(): Promise<void>;
}

/** An idempotent producer (after KIP-98): what it appends with a sequence it has already used is discarded, also after a restart. */
export interface ProducerSequence {
  /** Stable name of the producer. */
  readonly producer: string;
  /** Grows by any amount from append to append, per (producer, topic, partition). */
  readonly sequence: number;
}

export interface Append {
  readonly topic: string;
  readonly partition: number;
  /** One record batch; its base offset is assigned by the log. Must not change until the append has resolved. */
  readonly batch: Uint8Array;
  readonly idempotence?: ProducerSequence;
}

/** The next offset of a source, and what was said with it. */
export interface CommittedOffset {
  readonly offset: number;
  readonly metadata: string;
}

/** How far a task has read its sources: committed together with what it wrote (KIP-447), so that both are there or neither. */
export interface SourceCommit {
  /** Whose offsets they are; 1 to 200 characters. */
  readonly group: string;
  /** By topic and partition, the offset behind the last record that was processed. */
  readonly offsets: readonly { readonly topic: string; readonly partition: number; readonly offset: number }[];
  /** Kept beside each of the offsets, such as the id of a manifest; at most 4,096 bytes. */
  readonly metadata: string;
}

export interface LogWriter {
  /**
   * Appends all or none (one transaction), with offsets of sources if they are given, and is durable when the promise resolves. Answers
   * the base offset of each append, or -1 where the sequence had been used and nothing was written. Throws LOG_TOPIC_MISSING,
   * LOG_PARTITION_MISSING, LOG_RECORD_TOO_LARGE, LOG_SEQUENCE_INVALID, LOG_COMMIT_INVALID, LOG_WRITER_FENCED, LOG_DISK_FULL or what a
   * damaged batch is refused with.
   */
  append(appends: readonly Append[], commit?: SourceCommit): Promise<readonly number[]>;
  /** What was committed last for a partition of a source; undefined when nothing was. */
  committed(group: string, topic: string, partition: number): Promise<CommittedOffset | undefined>;
  /** The newest sequence of a producer in a partition, or -1: where to resume. */
  lastSequence(producer: string, topic: string, partition: number): Promise<number>;
  close(): Promise<void>;
}

export interface TopicSettings {
  readonly partitions: number;
  /** Batches whose newest record is older than the newest of the partition by more than this may be dropped; default keep all. */
  readonly retentionMilliseconds?: number;
  /** The oldest batches may be dropped while the partition holds more; default keep all. */
  readonly retentionBytes?: number;
}

/** A log: what connectors implement and apps bind. */
export interface Log {
  /** Creates a topic or checks that it has these partitions; one that is there keeps its retention. Throws LOG_PARTITION_MISMATCH or LOG_TOPIC_INVALID. */
  ensureTopic(topic: string, settings: TopicSettings): Promise<void>;
  topics(): Promise<readonly { readonly topic: string; readonly partitions: number }[]>;
  /** Throws LOG_TOPIC_MISSING. */
  reader(topic: string): Promise<LogReader>;
  writer(): Promise<LogWriter>;
  close(): Promise<void>;
}
