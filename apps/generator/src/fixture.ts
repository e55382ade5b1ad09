import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Append, Log, LogWriter } from '@weir/connector-api';
import { openEmbeddedLog } from '@weir/connector-embedded-log';
import { RecordWalker } from '@weir/record-batch';

/** A record as a test looks at it. */
export interface SeenRecord {
  readonly partition: number;
  readonly offset: number;
  readonly timestamp: number;
  readonly key: string;
  readonly value: string;
}

/** Runs a test over an embedded log of its own, which is gone afterwards. */
export async function withLog<T>(work: (log: Log) => Promise<T>): Promise<T> {
  const directory = mkdtempSync(join(tmpdir(), 'weir-generator-'));
  const log = await openEmbeddedLog(join(directory, 'log'));
  try {
    return await work(log);
  } finally {
    await log.close();
    rmSync(directory, { recursive: true });
  }
}

/** Everything in a topic, partition by partition, in the order of the offsets. */
export async function contentOf(log: Log, topic: string): Promise<readonly SeenRecord[]> {
  const reader = await log.reader(topic);
  const walker = new RecordWalker();
  const records: SeenRecord[] = [];
  for (let partition = 0; partition < reader.partitions; partition++) {
    for (let offset = 0; ; ) {
      const { bytes, highWatermark } = await reader.read(partition, offset, 4 * 1024 * 1024);
      if (offset >= highWatermark) break;
      walker.walk(bytes, offset, highWatermark, { checksum: true });
      const text = (from: number, to: number): string => Buffer.from(bytes.subarray(from, to)).toString();
      for (let i = 0; i < walker.count; i++) {
        records.push({
          partition,
          offset: walker.offsets[i]!,
          timestamp: walker.timestamps[i]!,
          key: text(walker.keyStarts[i]!, walker.keyEnds[i]!),
          value: text(walker.valueStarts[i]!, walker.valueEnds[i]!),
        });
      }
      offset = walker.offsets[walker.count - 1]! + 1;
    }
  }
  await reader.close();
  return records;
}

/** A log whose append number `fatal` (from 1) fails: before it has written anything, or after all was written, as a crash may. */
export function crashing(log: Log, fatal: number, when: 'before' | 'after'): Log {
  let appends = 0;
  const writer = async (): Promise<LogWriter> => {
    const inner = await log.writer();
    return {
      committed: (group, topic, partition) => inner.committed(group, topic, partition),
      lastSequence: (producer, topic, partition) => inner.lastSequence(producer, topic, partition),
      close: () => inner.close(),
      append: async (batches: readonly Append[]) => {
        const isFatal = ++appends === fatal;
        if (isFatal && when === 'before') throw new Error('crash');
        const offsets = await inner.append(batches);
        if (isFatal) throw new Error('crash');
        return offsets;
      },
    };
  };
  return { ensureTopic: (topic, settings) => log.ensureTopic(topic, settings), topics: () => log.topics(), reader: (topic) => log.reader(topic), writer, close: () => log.close() };
}
