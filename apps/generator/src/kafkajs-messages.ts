import type { Message } from 'kafkajs';
import { RecordWalker } from '@weir/record-batch';

/** The records of a batch as the ordinary client takes them; the batch must not change until they are sent. */
export function messagesOf(batch: Uint8Array, partition: number): Message[] {
  const walker = new RecordWalker();
  walker.walk(batch, 0, Number.MAX_SAFE_INTEGER);
  const bytes = Buffer.from(batch.buffer, batch.byteOffset, batch.byteLength);
  const between = (start: number, end: number): Buffer | null => (start < 0 ? null : bytes.subarray(start, end));
  return Array.from({ length: walker.count }, (_, i) => ({
    partition,
    timestamp: String(walker.timestamps[i]!),
    key: between(walker.keyStarts[i]!, walker.keyEnds[i]!),
    value: between(walker.valueStarts[i]!, walker.valueEnds[i]!),
  }));
}
