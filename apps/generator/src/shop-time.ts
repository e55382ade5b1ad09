import type { Log } from '@weir/connector-api';
import type { Timestamp } from '@weir/model';
import { RecordWalker } from '@weir/record-batch';
import { LONGEST_DELAY } from './disorder.ts';
import { ORDERS } from './order-log.ts';

/** Batches that are looked at from the end of a partition on. */
const MOST_BATCHES = 1_000;

/** When the newest order in the log arrived; null when there is none. What else may be in the topic does not count. */
export async function newestArrival(log: Log): Promise<Timestamp | null> {
  const reader = await log.reader(ORDERS);
  const walker = new RecordWalker();
  let newest: Timestamp | null = null;
  for (let partition = 0; partition < reader.partitions; partition++) {
    const { logStart, highWatermark } = await reader.offsets(partition);
    let end = highWatermark;
    for (let batches = 0; batches < MOST_BATCHES && end > logStart; batches++) {
      const { bytes } = await reader.read(partition, end - 1, 1);
      walker.walk(bytes, logStart, end);
      const arrival = newestOrder(walker, bytes);
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
function newestOrder(walker: RecordWalker, bytes: Uint8Array): Timestamp | null {
  for (let i = walker.count - 1; i >= 0; i--) {
    const arrival = walker.timestamps[i]!;
    const placedAt = placedAtOf(bytes.subarray(Math.max(0, walker.valueStarts[i]!), walker.valueEnds[i]));
    if (placedAt !== null && arrival >= placedAt && arrival - placedAt < LONGEST_DELAY) return arrival;
  }
  return null;
}

const UTF8 = new TextDecoder();

function placedAtOf(value: Uint8Array): Timestamp | null {
  try {
    const order = JSON.parse(UTF8.decode(value)) as { readonly placedAt?: unknown } | null;
    return typeof order?.placedAt === 'number' ? order.placedAt : null;
  } catch {
    // Not every record is an order; those that are not end among the dead letters.
    return null;
  }
}
