import { aggregatorLaws, cases } from '@weir/testkit';
import fc from 'fast-check';
import { describe, it } from 'vitest';
import { latestVersions } from './latest-versions.ts';
import { allGreatest } from './nexmark/all-greatest.ts';

const trade = fc.record({
  tradeId: fc.constantFrom('a', 'b', 'c'),
  version: fc.integer({ min: 1, max: 3 }),
  desk: fc.constant('fx'),
  instrument: fc.constant('i'),
  quantity: fc.integer({ min: -5, max: 5 }),
  cents: fc.integer({ min: 1, max: 100 }),
  cancelled: fc.boolean(),
  tradedAt: fc.constant(0),
  bookedAt: fc.constant(0),
});
const item = fc.record({ bids: fc.integer({ min: 0, max: 3 }), auction: fc.integer({ min: 0, max: 3 }) });

describe.each(Object.entries(aggregatorLaws(latestVersions(), trade)))('latestVersions: %s', (_law, property) => {
  it('holds', () => fc.assert(property, { numRuns: cases(100) }));
});

describe.each(Object.entries(aggregatorLaws(allGreatest<{ bids: number; auction: number }>((each) => each.bids, (each) => each.auction), item)))('allGreatest: %s', (_law, property) => {
  it('holds', () => fc.assert(property, { numRuns: cases(100) }));
});
