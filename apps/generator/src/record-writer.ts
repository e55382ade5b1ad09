import type { Append } from '@weir/connector-api';

/** What records are written with: of a log's writer, as much as a producer needs that goes on where it was. */
export interface RecordWriter {
  /** Writes all or none, durably, and once, however often it has to be tried. A producer's sequences only grow: where to begin, `lastSequence` says. */
  append(appends: readonly Append[]): Promise<unknown>;
  /** The newest sequence of a producer in a partition, or -1. */
  lastSequence(producer: string, topic: string, partition: number): Promise<number>;
  close(): Promise<void>;
}
