import type { Log } from '@weir/connector-api';
import { readHeader, viewOf } from '@weir/record-batch';

const READ_BYTES = 64 * 1024;

/**
 * True when a topic holds a record that a reader may see. Offsets alone do not tell: where they are those of transactions, an attempt that was
 * broken off leaves nothing but a gap.
 */
export async function hasRecords(log: Log, topic: string): Promise<boolean> {
  const reader = await log.reader(topic);
  try {
    for (let partition = 0; partition < reader.partitions; partition++) {
      const { logStart, highWatermark } = await reader.offsets(partition);
      for (let at = logStart; at < highWatermark; ) {
        const { bytes } = await reader.read(partition, at, READ_BYTES);
        const view = viewOf(bytes);
        // What was aborted is not handed over; where nothing is, nothing follows.
        if (bytes.length === 0) break;
        for (let start = 0; start < bytes.length; ) {
          const header = readHeader(view, start);
          if (!header.isControl && header.records > 0) return true;
          at = header.lastOffset + 1;
          start += header.bytes;
        }
      }
    }
    return false;
  } finally {
    await reader.close();
  }
}
