import type { Rejection } from '@weir/connector-api';
import { RecordWalker } from '@weir/record-batch';

/** The raw records at these offsets as rejections with one reason. Not for the hot path. */
export function rejectionsAt(bytes: Uint8Array | undefined, offsets: readonly number[], code: string, message: string): readonly Rejection[] {
  if (bytes === undefined) return offsets.map((offset) => ({ offset, code, message, key: null, value: null, logTimestamp: Number.NaN }));
  const walker = new RecordWalker();
  const slice = (start: number, end: number): Uint8Array | null => (start < 0 ? null : Uint8Array.from(bytes.subarray(start, end)));
  return offsets.map((offset) => {
    walker.walk(bytes, offset, offset + 1);
    return {
      offset,
      code,
      message,
      key: slice(walker.keyStarts[0]!, walker.keyEnds[0]!),
      value: slice(walker.valueStarts[0]!, walker.valueEnds[0]!),
      logTimestamp: walker.timestamps[0]!,
    };
  });
}
