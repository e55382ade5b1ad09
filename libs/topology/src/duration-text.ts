import type { Duration } from '@weir/model';

const UNITS: readonly (readonly [number, string])[] = [
  [86_400_000, 'd'],
  [3_600_000, 'h'],
  [60_000, 'm'],
  [1_000, 's'],
];

/** A duration in the largest unit that holds it in whole numbers, e.g. `90s`, `24h`, `1d`. */
export function durationText(duration: Duration): string {
  const unit = UNITS.find(([milliseconds]) => duration !== 0 && duration % milliseconds === 0);
  return unit === undefined ? `${duration}ms` : `${duration / unit[0]}${unit[1]}`;
}
