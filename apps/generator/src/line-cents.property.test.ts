import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { lineCents } from './line-cents.ts';

const RUNS = { numRuns: Number(process.env['WEIR_RUNS'] ?? 200) };

describe('cents of a line', () => {
  it('are units times price, rounded half away from zero, as whole numbers of any size have it', () => {
    fc.assert(
      fc.property(fc.integer({ min: -100_000, max: 100_000 }), fc.integer({ min: 0, max: 99_999 }), fc.stringMatching(/^\d{0,4}$/), fc.boolean(), (units, whole, fraction, negative) => {
        const price = `${negative ? '-' : ''}${whole}${fraction === '' ? '' : `.${fraction}`}`;
        const exact = BigInt(units) * BigInt(`${whole}${fraction.padEnd(4, '0')}`) * (negative ? -1n : 1n);
        const cents = exact < 0n ? -((-exact + 50n) / 100n) : (exact + 50n) / 100n;
        expect(BigInt(lineCents(units, price))).toBe(cents);
      }),
      RUNS,
    );
  });

  it('have no negative zero, and round a half away from zero on both sides', () => {
    expect(Object.is(lineCents(-3, '0'), 0)).toBe(true);
    expect([lineCents(1, '0.005'), lineCents(-1, '0.005'), lineCents(1, '0.0049'), lineCents(6, '2.55')]).toEqual([1, -1, 0, 1_530]);
  });
});
