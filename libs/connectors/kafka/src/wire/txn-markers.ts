import type { ApiVersion } from './connection.ts';
import { ByteCursor } from './byte-cursor.ts';
import type { ProducerIdentity } from './produce.ts';
import type { RequestWriter } from './request-writer.ts';

/** WriteTxnMarkers, by which coordinators, and Kafka's own tool, end a transaction in partitions. */
export const WRITE_TXN_MARKERS: ApiVersion = { key: 27, version: 1, flexible: true };

/** A partition. */
export interface Place {
  readonly topic: string;
  readonly partition: number;
}

/** How a producer's transaction ends in partitions. */
export interface TransactionMarker {
  readonly producer: ProducerIdentity;
  readonly isCommit: boolean;
  readonly coordinatorEpoch: number;
  readonly places: readonly Place[];
}

/** What came of a marker in one partition. */
export interface MarkerWritten extends Place {
  readonly error: number;
}

/** The request for markers that are all of one broker's partitions. */
export function writeTxnMarkers(writer: RequestWriter, markers: readonly TransactionMarker[]): Uint8Array {
  writer.reset().compactArray(markers.length);
  for (const { producer, isCommit, coordinatorEpoch, places } of markers) {
    writer.int64(Number(producer.id)).int16(producer.epoch).int8(isCommit ? 1 : 0).compactArray(places.length);
    // Several of one topic may come as several entries of it.
    for (const { topic, partition } of places) writer.compactText(topic).compactArray(1).int32(partition).noTags();
    writer.int32(coordinatorEpoch).noTags();
  }
  return writer.noTags().toBytes();
}

/** What came of each marker, in each partition. */
export function readTxnMarkers(bytes: Uint8Array): readonly MarkerWritten[] {
  const cursor = new ByteCursor(bytes);
  const written: MarkerWritten[] = [];
  for (let markers = cursor.compactLength(); markers > 0; markers--) {
    cursor.int64();
    for (let topics = cursor.compactLength(); topics > 0; topics--) {
      const topic = Buffer.from(cursor.take(cursor.compactLength())).toString();
      for (let partitions = cursor.compactLength(); partitions > 0; partitions--) {
        written.push({ topic, partition: cursor.int32(), error: cursor.int16() });
        cursor.skipTags();
      }
      cursor.skipTags();
    }
    cursor.skipTags();
  }
  return written;
}
