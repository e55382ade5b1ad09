import { describe, expect, it } from 'vitest';
import { DISORDER, LONGEST_DELAY, delayOf } from './disorder.ts';
import { DEFAULT_SEED } from './load.ts';

const LINES = 541_909;

function shares(seed: number): readonly number[] {
  const counts = [0, 0, 0, 0];
  for (let line = 0; line < LINES; line++) {
    const delay = delayOf(seed, line);
    const band = delay === 0 ? 0 : 1 + DISORDER.findIndex(({ from, to }) => delay >= from && delay < to);
    counts[band]!++;
  }
  return counts.map((count) => count / LINES);
}

describe('disorder', () => {
  it('has the shares that are written down, under any seed', () => {
    for (const seed of [DEFAULT_SEED, 0, 7]) {
      const [none, seconds, minutes, hours] = shares(seed) as [number, number, number, number];
      expect(none).toBeCloseTo(0.96, 2);
      expect(seconds).toBeCloseTo(0.025, 3);
      expect(minutes).toBeCloseTo(0.012, 3);
      expect(hours).toBeCloseTo(0.003, 3);
      expect(none + seconds + minutes + hours).toBeCloseTo(1, 12);
    }
  });

  it('spreads evenly within a band, in whole milliseconds below the longest delay', () => {
    const { from, to } = DISORDER[2]!;
    const delays = Array.from({ length: LINES }, (_, line) => delayOf(DEFAULT_SEED, line)).filter((delay) => delay >= from);
    const middle = (from + to) / 2;
    expect(delays.filter((delay) => delay < middle).length / delays.length).toBeCloseTo(0.5, 1);
    expect(delays.every((delay) => Number.isInteger(delay) && delay < LONGEST_DELAY)).toBe(true);
  });

  it('depends on seed and line alone', () => {
    const some = (seed: number): readonly number[] => Array.from({ length: 5_000 }, (_, line) => delayOf(seed, line));
    expect(some(1)).toEqual(some(1));
    expect(some(1)).not.toEqual(some(2));
    expect(delayOf(1, 4_999)).toBe(some(1)[4_999]);
  });
});
