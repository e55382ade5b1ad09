import type { Duration } from '@weir/model';
import { WeirError, durationText } from '@weir/model';

/** What each firing holds: all rows of the window so far, or those since the firing before. */
export type Accumulation = 'accumulating' | 'discarding';

/** A period of processing time. */
export interface Period {
  readonly every: Duration;
}

/** When a window fires, as an immutable value. */
export interface Trigger {
  readonly describe: string;
  /** Windows with new rows also fire early, this often by wall-clock time. */
  readonly early: Period | undefined;
}

export interface AfterWatermarkOptions {
  readonly early?: Period;
}

/** Once per this much wall-clock time. Throws TRIGGER_PERIOD when it is 0. */
export function every(duration: Duration): Period {
  if (duration <= 0) throw new WeirError('TRIGGER_PERIOD', `A trigger cannot fire every ${duration} ms.`, { remedy: 'Use a duration above zero.' });
  return Object.freeze({ every: duration });
}

/**
 * Fires when the watermark passes the end of the window, and again for each batch with rows that came later but within the
 * allowed lateness; with `early`, also before.
 */
export function afterWatermark({ early }: AfterWatermarkOptions = {}): Trigger {
  return Object.freeze({ describe: early === undefined ? 'after watermark' : `after watermark, early every ${durationText(early.every)}`, early });
}
