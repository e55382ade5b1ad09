import type { Duration } from '@weir/model';
import { WeirError, durationText } from '@weir/model';
import type { AlignedAssigner } from './assigner.ts';

export interface AlignedOptions {
  /** Shifts all windows; default 0, so that they begin at multiples of the slide from the epoch (UTC). */
  readonly offset?: Duration;
}

/** Windows of one size, back to back: [n size, (n + 1) size). Throws WINDOW_SIZE when the size is 0. */
export function tumbling(size: Duration, options: AlignedOptions = {}): AlignedAssigner {
  return aligned('tumbling', size, size, options);
}

/**
 * Windows of one size that begin every `slide`: a row is in size / slide of them. With slide > size there are gaps, and a row in
 * one is in no window. Throws WINDOW_SIZE when either is 0.
 */
export function hopping(size: Duration, slide: Duration, options: AlignedOptions = {}): AlignedAssigner {
  return aligned('hopping', size, slide, options);
}

function aligned(name: string, size: Duration, slide: Duration, { offset }: AlignedOptions): AlignedAssigner {
  if (size <= 0 || slide <= 0) {
    throw new WeirError('WINDOW_SIZE', `A ${name} window cannot be ${size} ms long and begin every ${slide} ms.`, { remedy: 'Use durations above zero.' });
  }
  const describe = name === 'tumbling' ? `tumbling ${durationText(size)}` : `hopping ${durationText(size)} by ${durationText(slide)}`;
  return Object.freeze({ kind: 'aligned', describe: offset === undefined ? describe : `${describe} offset ${durationText(offset)}`, size, slide, offset: (offset ?? 0) % slide });
}
