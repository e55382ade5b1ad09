declare const durationBrand: unique symbol;

/** A length of time in milliseconds. Branded, so that a bare number is not mistaken for one. */
export type Duration = number & { readonly [durationBrand]: true };

function duration(value: number, milliseconds: number): Duration {
  const total = value * milliseconds;
  if (!Number.isSafeInteger(total) || total < 0) {
    throw new RangeError(`A duration is a whole, non-negative number of milliseconds, not ${total}.`);
  }
  return total as Duration;
}

export const milliseconds = (value: number): Duration => duration(value, 1);
export const seconds = (value: number): Duration => duration(value, 1_000);
export const minutes = (value: number): Duration => duration(value, 60_000);
export const hours = (value: number): Duration => duration(value, 3_600_000);
/** Days of exactly 24 hours; calendar days are a window assigner's business. */
export const days = (value: number): Duration => duration(value, 86_400_000);

const UNITS: readonly (readonly [number, string])[] = [
  [86_400_000, 'd'],
  [3_600_000, 'h'],
  [60_000, 'm'],
  [1_000, 's'],
];

/** A duration in the largest unit that holds it in whole numbers, e.g. `90s`, `1h`, `2d`, `1500ms`; zero is `0`. */
export function durationText(duration: number): string {
  if (duration === 0) return '0';
  const [milliseconds, unit] = UNITS.find(([candidate]) => duration % candidate === 0) ?? [1, 'ms'];
  return `${duration / milliseconds}${unit}`;
}
