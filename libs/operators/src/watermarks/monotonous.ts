import type { WatermarkStrategy } from '@weir/model';
import { milliseconds } from '@weir/model';
import { BoundedOutOfOrderness } from './bounded-out-of-orderness.ts';

/** W = newest timestamp of the partition: for partitions in which time does not go back. Equal times are in time; a row that is older is late. */
export function monotonous(): WatermarkStrategy<unknown> {
  return Object.freeze({ describe: 'monotonous', reads: [], generator: () => new BoundedOutOfOrderness(milliseconds(0)) });
}
