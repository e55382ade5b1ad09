import type { LogReader } from '@weir/connector-api';
import { WeirError } from '@weir/model';
import { endOffset } from '@weir/record-batch';

const READ_BYTES = 1 << 20;

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

/** What a bounded reading throws when retention has overtaken it: LOG_RANGE_MISSING, as there is nothing to go on with. */
export async function whileInLog<T>(reader: LogReader, partition: number, from: number, to: number, read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    throw isOutOfRange(error) ? rangeMissing(reader, partition, from, to, error) : error;
  }
}

/** True for the error of a read before the start of the log. */
export function isOutOfRange(error: unknown): boolean {
  return error instanceof WeirError && error.code === 'LOG_OFFSET_OUT_OF_RANGE';
}

const DAMAGE: ReadonlySet<string> = new Set(['RECORD_BATCH_CORRUPT', 'RECORD_BATCH_COMPRESSION', 'LOG_RECORD_TOO_LARGE']);

/** True for what a read throws when the next batch of a partition is of no use, and only that. */
export function isDamage(error: unknown): error is WeirError {
  return error instanceof WeirError && DAMAGE.has(error.code);
}

/** True for what may succeed when it is tried again. */
export function isRetryable(error: unknown): error is WeirError {
  return error instanceof WeirError && error.retryable;
}

/** What to throw when records are asked for that the log does not have. */
export function rangeMissing(reader: LogReader, partition: number, from: number, to: number, cause?: unknown): WeirError {
  return new WeirError('LOG_RANGE_MISSING', `Offsets ${from} to ${to} of ${reader.topic}/${partition} are not in the log.`, {
    remedy: 'The log was replaced or cut, or its retention has dropped them; restore it, take a later range, or start in a new data directory.',
    cause,
  });
}
