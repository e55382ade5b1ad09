import type { Watermark, WatermarkGenerator, WatermarkStrategy } from '@weir/model';
import { MIN_WATERMARK } from '@weir/model';

/**
 * W is only what the driver says: nothing is ever late by the guess of a strategy. For bounded inputs, whose end is the last watermark,
 * and for drivers that know what is still to come. In an endless input that nobody gives a watermark no window fires.
 */
export function perfect(): WatermarkStrategy<unknown> {
  return Object.freeze({ describe: 'perfect', reads: [], generator: () => NOTHING_KNOWN });
}

/** Has no state, so that one serves all partitions. */
const NOTHING_KNOWN: WatermarkGenerator = Object.freeze({
  onBatch: () => undefined,
  current: (): Watermark => MIN_WATERMARK,
  write: () => undefined,
  read: () => undefined,
});
