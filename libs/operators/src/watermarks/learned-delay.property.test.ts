import type { WatermarkStrategy } from '@weir/model';
import { RowBatch, milliseconds, seconds } from '@weir/model';
import { SeededRandom, cases } from '@weir/testkit';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { percentile, predictive } from '../index.ts';
import { PercentileDelay } from './percentile.ts';
import { ForecastDelay } from './predictive.ts';

/** A source that makes a row every `EVERY` ms, which arrives `delay(i)` ms later; rows in the order of their arrival. */
const EVERY = 10;

function arrivals(rows: number, delay: (index: number) => number): readonly number[] {
  return Array.from({ length: rows }, (_, index) => ({ at: index * EVERY, arrives: index * EVERY + delay(index) }))
    .sort((a, b) => a.arrives - b.arrives || a.at - b.at)
    .map(({ at }) => at);
}

interface Outcome {
  /** Share of the rows from place `after` on that were in time. */
  readonly completeness: number;
  /** By how much the watermark was behind the newest row, on average. */
  readonly delay: number;
}

function run(strategy: WatermarkStrategy, timestamps: readonly number[], after: number): Outcome {
  const generator = strategy.generator();
  let inTime = 0;
  let newest = Number.NEGATIVE_INFINITY;
  let behind = 0;
  timestamps.forEach((timestamp, index) => {
    if (index >= after && timestamp >= generator.current()) inTime++;
    generator.onBatch(new RowBatch([{}], { timestamps: Float64Array.of(timestamp) }));
    newest = Math.max(newest, timestamp);
    if (index >= after) behind += newest - generator.current();
  });
  return { completeness: inTime / (timestamps.length - after), delay: behind / (timestamps.length - after) };
}

/** By how much a share of so many random rows may miss its expected value: five standard errors, so never in practice. */
function noise(share: number, rows: number): number {
  return 5 * Math.sqrt((share * (1 - share)) / rows);
}

const shapes: Readonly<Record<string, (random: SeededRandom) => number>> = {
  uniform: (random) => random.below(2_000),
  exponential: (random) => -500 * Math.log(1 - random.below(1_000_000) / 1_000_000),
  'heavy tailed': (random) => 50 / (1 - random.below(1_000_000) / 1_000_000) ** 0.6,
  'two kinds': (random) => (random.below(20) === 0 ? 3_000 + random.below(500) : random.below(100)),
};

describe('percentile', () => {
  it.each(Object.keys(shapes))('reaches its target on %s lateness, and stays far below the ceiling', (shape) => {
    fc.assert(
      fc.property(fc.integer(), fc.constantFrom(0.9, 0.95, 0.99), (seed, target) => {
        const random = new SeededRandom(seed);
        const timestamps = arrivals(3_000, () => shapes[shape]!(random));
        const { completeness, delay } = run(percentile({ target, ceiling: seconds(60) }), timestamps, 1_500);
        expect(completeness).toBeGreaterThanOrEqual(target - noise(target, 1_500));
        expect(delay).toBeLessThan(20_000);
      }),
      { numRuns: cases(8) },
    );
  });

  it.each(Object.keys(shapes))('reaches its target on average over many sources of %s lateness', (shape) => {
    for (const target of [0.9, 0.99]) {
      const outcomes = Array.from({ length: 12 }, (_, seed) => {
        const random = new SeededRandom(seed);
        return run(percentile({ target, ceiling: seconds(60) }), arrivals(6_000, () => shapes[shape]!(random)), 2_000).completeness;
      });
      expect(outcomes.reduce((sum, share) => sum + share, 0) / outcomes.length).toBeGreaterThanOrEqual(target);
    }
  });

  it('has the delay that naive sorting of the rows in its memory gives, to one part in 32', () => {
    fc.assert(
      fc.property(fc.integer(), fc.integer({ min: 1, max: 12 }), fc.constantFrom(0.5, 0.8, 0.95), (seed, decisions, target) => {
        const random = new SeededRandom(seed);
        const rows = decisions * 128;
        const over = 400;
        const seen = Array.from({ length: rows }, () => random.below(3_000));
        const delay = new PercentileDelay(target, 20, 2_500, over);
        for (const lateness of seen) delay.observe(lateness);
        // Eight parts of fifty rows: seven whole ones and the one that is being filled.
        const remembered = rows <= over ? seen : seen.slice((Math.ceil(rows / 50) - 8) * 50);
        const rank = Math.ceil(remembered.length * target + 2 * Math.sqrt(remembered.length * target * (1 - target)));
        const exact = rank > remembered.length ? 2_500 : Math.min(2_500, Math.max(20, remembered.toSorted((a, b) => a - b)[rank - 1]!));
        expect(delay.delay).toBeGreaterThanOrEqual(exact);
        expect(delay.delay).toBeLessThanOrEqual(exact + exact / 32);
      }),
      { numRuns: cases(200) },
    );
  });

  it('keeps to the ceiling until it has seen enough, and to the floor where nothing is late', () => {
    const delay = new PercentileDelay(0.99, 7, 1_000, 10_000);
    const after = (rows: number): number => {
      for (let i = 0; i < rows; i++) delay.observe(0);
      return delay.delay;
    };
    expect([delay.delay, after(384), after(128)]).toEqual([1_000, 1_000, 7]);
  });

  it('forgets: after its memory is filled anew, an hour of chaos no longer counts', () => {
    const delay = new PercentileDelay(0.9, 0, 10_000, 1_024);
    for (let i = 0; i < 1_024; i++) delay.observe(9_000);
    expect(delay.delay).toBeGreaterThanOrEqual(9_000);
    for (let i = 0; i < 1_024; i++) delay.observe(100);
    expect(delay.delay).toBeLessThan(104);
  });
});

describe('predictive', () => {
  const forecast = { target: 0.95, floor: 0, ceiling: 60_000, every: 100, alpha: 0.3, beta: 0.1, margin: 2, tolerance: 0.5 };

  it('keeps its target while lateness grows, with less delay than the ceiling', () => {
    fc.assert(
      fc.property(fc.integer(), fc.integer({ min: 1, max: 8 }), (seed, slope) => {
        const random = new SeededRandom(seed);
        const timestamps = arrivals(4_000, (index) => random.below(200 + (index * slope) / 2));
        const strategy = predictive({ ...forecast, floor: milliseconds(0), ceiling: seconds(60) });
        const { completeness, delay } = run(strategy, timestamps, 2_500);
        expect(completeness).toBeGreaterThanOrEqual(0.95 - noise(0.95, 1_500));
        expect(delay).toBeLessThan(30_000);
      }),
      { numRuns: cases(6) },
    );
  });

  it('is ahead of a steady trend where the share of the past is behind it', () => {
    const delay = new ForecastDelay(forecast);
    const share = new PercentileDelay(0.95, 0, 60_000, 6_400);
    for (let block = 0; block < 100; block++) {
      for (let row = 0; row < 100; row++) {
        delay.observe(1_000 + block * 100);
        share.observe(1_000 + block * 100);
      }
    }
    expect(delay.isTrusted).toBe(true);
    expect(delay.delay).toBeGreaterThanOrEqual(11_000);
    expect(delay.delay).toBeLessThan(11_800);
    expect(share.delay).toBeLessThan(11_000);
  });

  it('carries the trend on to the next block of rows', () => {
    const delay = new ForecastDelay({ ...forecast, alpha: 0.5, beta: 0.5, margin: 0 });
    for (let block = 0; block < 26; block++) for (let row = 0; row < 100; row++) delay.observe(1_000 + block * 2_000);
    expect(delay.isTrusted).toBe(true);
    expect(delay.delay).toBeGreaterThan(52_500);
    expect(delay.delay).toBeLessThan(55_000);
  });

  it('falls back to the share of the past while its forecasts are wrong, and comes back', () => {
    fc.assert(
      fc.property(fc.integer(), (seed) => {
        const random = new SeededRandom(seed);
        const delay = new ForecastDelay(forecast);
        const share = new PercentileDelay(0.95, 0, 60_000, 6_400);
        const block = (lateness: number): void => {
          for (let row = 0; row < 100; row++) {
            delay.observe(lateness);
            share.observe(lateness);
          }
        };
        for (let i = 0; i < 7; i++) block(500);
        expect([delay.isTrusted, delay.delay]).toEqual([false, share.delay]);
        for (let i = 0; i < 20; i++) block(500);
        expect(delay.isTrusted).toBe(true);
        for (let i = 0; i < 30; i++) block(random.below(2) * 40_000);
        for (const lateness of [0, 40_000, 0, 40_000]) block(lateness);
        expect([delay.isTrusted, delay.delay]).toEqual([false, share.delay]);
        for (let i = 0; i < 60; i++) block(500);
        expect(delay.isTrusted).toBe(true);
        expect(delay.delay).toBeLessThan(2_000);
      }),
      { numRuns: cases(30) },
    );
  });
});
