import type { Append } from '@weir/connector-api';

/** What records are written with: of a log's writer, as much as a producer needs that goes on where it was. */
export interface RecordWriter {
  /** Writes all or none, durably; what was written with a sequence before is passed over. */
  append(appends: readonly Append[]): Promise<unknown>;
  /** The newest sequence of a producer in a partition, or -1: where to go on. */
  lastSequence(producer: string, topic: string, partition: number): Promise<number>;
  close(): Promise<void>;
}
