import type { LogReader } from '@weir/connector-api';
import { WeirError } from '@weir/model';

/** Offsets [from, to) of each partition. */
export interface ReplayRange {
  readonly partitions: readonly { readonly from: number; readonly to: number }[];
  /** True when it begins where the log does: only then do its windows hold everything. */
  readonly isWhole: boolean;
}

/**
 * The range between two places: `start` or `end` of the log, a time (ISO 8601; records that the log was given at or after it), or an
 * offset for each partition. It ends at the present end of the log at most. Throws REPLAY_RANGE.
 */
export async function rangeOf(reader: LogReader, from: string, to: string): Promise<ReplayRange> {
  const partitions: { from: number; to: number }[] = [];
  let isWhole = true;
  for (let partition = 0; partition < reader.partitions; partition++) {
    const { logStart, highWatermark } = await reader.offsets(partition);
    const place = (text: string): Promise<number> => offsetAt(reader, partition, text, logStart, highWatermark);
    const first = await place(from);
    const end = Math.min(highWatermark, await place(to));
    if (first < logStart) throw refused(`Offset ${first} of ${reader.topic}/${partition} is no longer in the log, which begins at ${logStart}.`, 'Begin at the start of the log, or restore it.');
    if (first > end && first > logStart) throw refused(`The range of ${reader.topic}/${partition} begins at ${first}, behind its end ${end}.`, 'Give a --from that lies before --to and before the end of the log.');
    isWhole &&= first === logStart;
    partitions.push({ from: first, to: Math.max(first, end) });
  }
  return { partitions, isWhole };
}

async function offsetAt(reader: LogReader, partition: number, place: string, logStart: number, highWatermark: number): Promise<number> {
  if (place === 'start') return logStart;
  if (place === 'end') return highWatermark;
  if (/^\d{4}-/.test(place)) {
    const time = Date.parse(place);
    if (!Number.isNaN(time)) return Math.max(logStart, await reader.offsetFor(partition, time));
    throw refused(`'${place}' is no time.`, 'Write it like 2011-12-01T12:00Z.');
  }
  const offsets = place.split(',').map(Number);
  if (offsets.length === reader.partitions) return offsets[partition]!;
  throw refused(`${offsets.length} offsets are given, and ${reader.topic} has ${reader.partitions} partitions.`, 'Give one offset for each partition, with commas between.');
}

function refused(what: string, remedy: string): WeirError {
  return new WeirError('REPLAY_RANGE', what, { remedy });
}
