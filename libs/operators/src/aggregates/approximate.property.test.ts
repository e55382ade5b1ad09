import type { Aggregator } from '@weir/model';
import { aggregatorLaws, cases } from '@weir/testkit';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { distinctApproximate, heavyHitters, quantiles } from '../index.ts';

const RUNS = { numRuns: cases(60) };

interface Visit {
  readonly page: string | null;
  readonly user: number | null;
  readonly millis: number | null;
  readonly mixed: string | number | null;
}

const visit: fc.Arbitrary<Visit> = fc.record({
  page: fc.oneof(fc.constantFrom('a', 'b', '1', '', null), fc.string({ maxLength: 3 })),
  user: fc.oneof(fc.integer({ min: 0, max: 40 }), fc.constantFrom(0, -0, null)),
  millis: fc.oneof(fc.double({ noNaN: true, noDefaultInfinity: true }), fc.double({ noNaN: true, min: -5, max: 5 }), fc.constantFrom(0, -0, 5e-324, Number.MAX_VALUE, -Number.MAX_VALUE, null)),
  mixed: fc.constantFrom(1, '1', 0, -0, '', Number.NaN, Number.POSITIVE_INFINITY, null),
});

const aggregators: readonly Aggregator<Visit, unknown, unknown>[] = [
  distinctApproximate('page'),
  distinctApproximate('user', { precision: 4 }),
  distinctApproximate('page', { precision: 5 }),
  distinctApproximate((row: Visit) => row.mixed, { precision: 18 }),
  quantiles('millis', { at: [0, 0.5, 1] }),
  quantiles('millis', { at: [0.5], bins: 16, accuracy: 0.3 }),
  quantiles((row: Visit) => row.millis, { at: [0.01, 0.99], bins: 'unbounded', accuracy: 0.2 }),
];

describe.each(aggregators.map((aggregator) => [aggregator.describe, aggregator] as const))('%s', (_, aggregator) => {
  it.each(Object.entries(aggregatorLaws(aggregator, visit)))('%s', (_law, property) => {
    fc.assert(property, RUNS);
  });
});

describe.each([0.5, 0.2, 0.02].map((share) => [heavyHitters<Visit>('user', { share }).describe, heavyHitters<Visit>('user', { share })] as const))('%s', (_, aggregator) => {
  it.each(Object.entries(aggregatorLaws(aggregator, visit, { equalBytes: false })))('%s', (_law, property) => {
    fc.assert(property, RUNS);
  });
});

describe('approximate aggregates', () => {
  it('can be taken back only where nothing was folded together', () => {
    expect(aggregators.filter(({ retract }) => retract !== undefined)).toHaveLength(1);
  });
});
