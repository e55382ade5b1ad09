import type { Duration } from '@weir/model';
import { WeirError, durationText } from '@weir/model';
import type { CustomAssigner } from '../windows/assigner.ts';
import { startAt } from '../windows/assigner.ts';
import type { AlignedOptions } from '../windows/tumbling.ts';

/**
 * Windows that begin together and end one `step` after another: [d, d + step), [d, d + 2 step) … [d, d + maxSize), for each multiple d of
 * `maxSize`; what is so far of an hour, every five minutes. A row is in all of them that end after it. Throws WINDOW_SIZE when `step` is 0
 * or does not divide `maxSize`.
 */
export function cumulating(maxSize: Duration, step: Duration, { offset }: AlignedOptions = {}): CustomAssigner<unknown> {
  if (step <= 0 || maxSize <= 0 || maxSize % step !== 0) {
    throw new WeirError('WINDOW_SIZE', `A cumulating window cannot grow to ${maxSize} ms by ${step} ms.`, { remedy: 'Use durations above zero, of which the step divides the size.' });
  }
  const shift = (offset ?? 0) % maxSize;
  return Object.freeze({
    kind: 'custom' as const,
    describe: `cumulating ${durationText(maxSize)} by ${durationText(step)}${offset === undefined ? '' : ` offset ${durationText(offset)}`}`,
    merging: false,
    reads: [],
    assign: (timestamp, _key, _row, into) => {
      const start = startAt(timestamp, maxSize, shift);
      for (let end = startAt(timestamp, step, shift) + step; end <= start + maxSize; end += step) into.add(start, end);
    },
  } satisfies CustomAssigner<unknown>);
}
