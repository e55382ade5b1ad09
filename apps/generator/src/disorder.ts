import { hours, minutes, seconds } from '@weir/model';
import { seeded } from './seeded.ts';

interface Band {
  /** Share of the lines. */
  readonly share: number;
  /** Delay in milliseconds, [from, to). */
  readonly from: number;
  readonly to: number;
}

/** Every delay is shorter. */
export const LONGEST_DELAY = hours(6);

/** How far order lines come behind their time: most at once, some by seconds, few by minutes or hours. The rest has no delay. */
export const DISORDER: readonly Band[] = [
  { share: 0.025, from: seconds(1), to: seconds(60) },
  { share: 0.012, from: minutes(1), to: minutes(30) },
  { share: 0.003, from: minutes(30), to: LONGEST_DELAY },
];

/** The delay of line `index` in whole milliseconds; depends on the seed and the index alone. */
export function delayOf(seed: number, index: number): number {
  let draw = seeded(seed, index, 0);
  for (const { share, from, to } of DISORDER) {
    if (draw < share) return from + Math.floor(seeded(seed, index, 1) * (to - from));
    draw -= share;
  }
  return 0;
}
