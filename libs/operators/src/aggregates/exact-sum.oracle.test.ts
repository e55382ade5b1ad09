import { ByteReader, ByteWriter } from '@weir/state';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ExactSum } from './exact-sum.ts';

const RUNS = { numRuns: Number(process.env['WEIR_RUNS'] ?? 300) };

/** Every finite double is a whole multiple of 2^-1074, so a sum of doubles is a sum of whole numbers. */
const UNIT_BITS = 1074;

function exponentAndMantissa(value: number): { readonly mantissa: bigint; readonly shift: number } {
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, value);
  const bits = view.getBigUint64(0);
  const exponent = Number((bits >> 52n) & 0x7ffn);
  const fraction = bits & 0xfffffffffffffn;
  const magnitude = exponent === 0 ? fraction : fraction | 0x10000000000000n;
  return { mantissa: bits >> 63n === 1n ? -magnitude : magnitude, shift: Math.max(exponent, 1) - 1 };
}

const inUnits = (value: number): bigint => {
  const { mantissa, shift } = exponentAndMantissa(value);
  return mantissa << BigInt(shift);
};

/** The double nearest to a whole number of units, ties to even. */
function nearest(units: bigint): number {
  const negative = units < 0n;
  const magnitude = negative ? -units : units;
  const drop = Math.max(0, magnitude.toString(2).length - 53);
  let kept = magnitude >> BigInt(drop);
  const left = magnitude - (kept << BigInt(drop));
  const half = drop === 0 ? 0n : 1n << BigInt(drop - 1);
  if (drop > 0 && (left > half || (left === half && kept % 2n === 1n))) kept += 1n;
  const scaled = Number(kept) * 2 ** (drop - UNIT_BITS);
  return negative ? -scaled : scaled;
}

const double = fc.double({ noNaN: true, noDefaultInfinity: true });
const value = fc.oneof(
  double,
  fc.integer(),
  fc.maxSafeInteger(),
  fc.double({ noNaN: true, min: -1000, max: 1000 }),
  fc.constantFrom(0.1, 0.2, 0.3, -0.1, 1e16, -1e16, 1e-16, 2 ** 53, -(2 ** 53), 2 ** 53 - 1, 1, -1, 0.5, 5e-324, 1e300, -1e300, Number.MAX_VALUE, -Number.MAX_VALUE, 2 ** 1023, -(2 ** 1023), 2 ** 970, 2 ** 969, -0),
);
const values = fc.array(value, { maxLength: 40, size: 'max' });

const summed = (all: readonly number[]): ExactSum => {
  const sum = new ExactSum();
  for (const each of all) sum.add(each);
  return sum;
};

const bytesOf = (sum: ExactSum): Uint8Array => {
  const writer = new ByteWriter();
  sum.write(writer);
  return writer.toBytes();
};

const exactly = (all: readonly number[]): bigint => all.reduce((sum, each) => sum + inUnits(each), 0n);
/** 0 and -0 are one number here: a sum of none is 0. */
const plus = (number: number): number => number + 0;

const nearestOrError = (units: bigint): number => {
  const value = plus(nearest(units));
  return Number.isFinite(value) ? value : Number.POSITIVE_INFINITY;
};

/** The value of a sum; an infinity stands for the error that says so. */
function valueOf(sum: ExactSum): number {
  try {
    return plus(sum.value());
  } catch (error) {
    expect(String(error)).toMatch(/AGGREGATE_NOT_FINITE/);
    return Number.POSITIVE_INFINITY;
  }
}

describe('an exact sum', () => {
  it('is the exact sum in whole numbers, rounded once', () => {
    fc.assert(
      fc.property(values, (all) => {
        expect(valueOf(summed(all))).toBe(nearestOrError(exactly(all)));
      }),
      RUNS,
    );
  });

  it('rounds half-way cases by what lies below them', () => {
    expect(summed([1, 2 ** -53]).value()).toBe(1);
    expect(summed([1, 2 ** -53, 2 ** -1000]).value()).toBe(1 + 2 ** -52);
    expect(summed([1 + 2 ** -52, 2 ** -53]).value()).toBe(1 + 2 ** -51);
    expect(summed([1 + 2 ** -52, 2 ** -53, -(2 ** -1000)]).value()).toBe(1 + 2 ** -52);
  });

  it('keeps a whole number that was there before the first fraction came', () => {
    expect(summed([5, 0.5]).value()).toBe(5.5);
    expect(summed([0.1, 0.2, 0.3, 1, 1]).value()).toBe(2.6);
  });

  it('goes on exactly where whole numbers are no longer exact', () => {
    expect(summed([Number.MAX_SAFE_INTEGER, 2]).value()).toBe(2 ** 53);
    expect(summed([2 ** 53, 1, -(2 ** 53)]).value()).toBe(1);
  });

  it('has the same value and the same bytes in any order and grouping', () => {
    fc.assert(
      fc.property(values, values, fc.array(fc.nat()), (left, right, ranks) => {
        const apart = summed(left);
        apart.merge(summed(right));
        const together = [...left, ...right];
        const shuffled = together.map((each, index) => ({ each, rank: ranks[index] ?? 0 })).sort((a, b) => a.rank - b.rank);
        const other = summed(shuffled.map(({ each }) => each));
        expect(valueOf(other)).toBe(valueOf(apart));
        expect(bytesOf(other)).toEqual(bytesOf(apart));
      }),
      RUNS,
    );
  });

  it('is what it was when something is merged and taken out again', () => {
    fc.assert(
      fc.property(values, values, (left, right) => {
        const sum = summed(left);
        sum.merge(summed(right));
        sum.retract(summed(right));
        expect(bytesOf(sum)).toEqual(bytesOf(summed(left)));
      }),
      RUNS,
    );
  });

  it('may be merged into itself', () => {
    const sum = summed([0.1, 1e20, 3]);
    sum.merge(sum);
    expect(sum.value()).toBe(summed([0.1, 0.1, 1e20, 1e20, 6]).value());
  });

  it('survives its bytes, to the last bit', () => {
    fc.assert(
      fc.property(values, values, (before, after) => {
        const bytes = bytesOf(summed(before));
        const restored = ExactSum.read(new ByteReader(bytes));
        expect(bytesOf(restored)).toEqual(bytes);
        for (const each of after) restored.add(each);
        expect(valueOf(restored)).toBe(nearestOrError(exactly([...before, ...after])));
      }),
      RUNS,
    );
  });

  it('refuses what is not finite', () => {
    expect(() => summed([Number.POSITIVE_INFINITY])).toThrow(/AGGREGATE_NOT_FINITE/);
    expect(() => summed([0.5, Number.NaN])).toThrow(/AGGREGATE_NOT_FINITE/);
    expect(() => summed([1.7e308, 1.7e308]).value()).toThrow(/AGGREGATE_NOT_FINITE/);
  });
});
