import type { LogReader } from '@weir/connector-api';
import { RecordBatchBuilder, RecordWalker } from '@weir/record-batch';

/** A record as tests speak of it: texts instead of bytes. */
export interface LoggedRecord {
  readonly offset: number;
  readonly timestamp: number;
  readonly key: string | null;
  readonly value: string | null;
}

const encoder = new TextEncoder();

/** A batch of records whose times are given and whose values are texts, numbered if none are given. */
export function batchOf(timestamps: readonly number[], values: readonly (string | null)[] = timestamps.map((_, i) => `value ${i}`)): Uint8Array {
  const builder = new RecordBatchBuilder(1024);
  for (const [i, timestamp] of timestamps.entries()) {
    const value = values[i] ?? null;
    builder.append(timestamp, encoder.encode(`key ${i}`), value === null ? null : encoder.encode(value));
  }
  return builder.build();
}

/** The records in concatenated batches with from <= offset < to. */
export function recordsIn(bytes: Uint8Array, from = 0, to = Number.POSITIVE_INFINITY): readonly LoggedRecord[] {
  const walker = new RecordWalker();
  walker.walk(bytes, from, to, { checksum: true });
  const text = (start: number, end: number): string | null => (start < 0 ? null : Buffer.from(bytes.subarray(start, end)).toString());
  return Array.from({ length: walker.count }, (_, i) => ({
    offset: walker.offsets[i]!,
    timestamp: walker.timestamps[i]!,
    key: text(walker.keyStarts[i]!, walker.keyEnds[i]!),
    value: text(walker.valueStarts[i]!, walker.valueEnds[i]!),
  }));
}

/** All records of a partition from an offset on, by as many reads as it takes. Throws when a read gives nothing new. */
export async function readAll(reader: LogReader, partition: number, from = 0, maxBytes = 64 * 1024): Promise<readonly LoggedRecord[]> {
  const all: LoggedRecord[] = [];
  for (let at = from; ; ) {
    const { bytes } = await reader.read(partition, at, maxBytes);
    if (bytes.length === 0) return all;
    const records = recordsIn(bytes, at);
    const last = records.at(-1);
    if (last === undefined) throw new Error(`a read of ${reader.topic}/${partition} from ${at} gave batches that end before`);
    all.push(...records);
    at = last.offset + 1;
  }
}
