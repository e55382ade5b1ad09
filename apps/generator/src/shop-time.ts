import type { Codec, Log } from '@weir/connector-api';
import type { Batch, Timestamp } from '@weir/model';
import type { Order } from '@weir/pipelines';
import { RecordWalker } from '@weir/record-batch';
import { LONGEST_DELAY } from './disorder.ts';
import { ORDERS } from './topics.ts';

/** Batches that are looked at from the end of a partition on. */
const MOST_BATCHES = 1_000;

/** When the newest order in the log arrived; null when there is none. What else may be in the topic does not count. */
export async function newestArrival(log: Log, codec: Codec<Order>): Promise<Timestamp | null> {
  const reader = await log.reader(ORDERS);
  const walker = new RecordWalker();
  const decoder = codec.decoder({ projection: ['placedAt'] });
  let newest: Timestamp | null = null;
  for (let partition = 0; partition < reader.partitions; partition++) {
    const { logStart, highWatermark } = await reader.offsets(partition);
    let end = highWatermark;
    for (let batches = 0; batches < MOST_BATCHES && end > logStart; batches++) {
      const { bytes } = await reader.read(partition, end - 1, 1);
      walker.walk(bytes, logStart, end);
      await decoder.prepare?.(bytes, logStart, end);
      const arrival = newestOrder(decoder.decode(bytes, ORDERS, partition, logStart, end).batch);
      if (arrival !== null) {
        newest = Math.max(newest ?? arrival, arrival);
        break;
      }
      end = walker.count === 0 ? end - 1 : walker.offsets[0]!;
    }
  }
  await reader.close();
  return newest;
}

/** Arrival of the last record of a batch that is an order: one that came at its time or a known delay behind it. */
function newestOrder(batch: Batch): Timestamp | null {
  const placedAt = batch.numbers('placedAt');
  for (let i = batch.length - 1; i >= 0; i--) {
    const arrival = batch.origin!.logTimestamps[i]!;
    if (arrival >= placedAt[i]! && arrival - placedAt[i]! < LONGEST_DELAY) return arrival;
  }
  return null;
}
