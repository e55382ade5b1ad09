import type { LogReader } from '@weir/connector-api';
import { WeirError } from '@weir/model';
import { readHeader, viewOf } from '@weir/record-batch';

const READ_BYTES = 1 << 20;

/** Offset behind the last record of concatenated whole record batches. */
export function endOffset(bytes: Uint8Array): number {
  const view = viewOf(bytes);
  let end = 0;
  for (let at = 0; at < bytes.length; ) {
    const header = readHeader(view, at);
    end = header.lastOffset + 1;
    at += header.bytes;
  }
  return end;
}

/** Record batches that hold at least the offsets [from, to): one buffer, however many reads it takes. */
export async function readRange(reader: LogReader, partition: number, from: number, to: number): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  for (let at = from; at < to; ) {
    const { bytes } = await reader.read(partition, at, READ_BYTES);
    if (bytes.length === 0) throw rangeMissing(reader, partition, at, to);
    const end = endOffset(bytes);
    if (parts.length === 0 && end >= to) return bytes;
    // Not `slice`: of a Buffer it is no copy, and the reader may use its buffer again.
    parts.push(Uint8Array.from(bytes));
    at = end;
  }
  return Buffer.concat(parts);
}

/** What to throw when records are asked for that the log does not have. */
export function rangeMissing(reader: LogReader, partition: number, from: number, to: number): WeirError {
  return new WeirError('LOG_RANGE_MISSING', `Offsets ${from} to ${to} of ${reader.topic}/${partition} are not in the log.`, {
    remedy: 'The log was replaced or cut; restore it, or start in a new data directory.',
  });
}
