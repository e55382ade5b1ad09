import { cases } from '@weir/testkit';
import type { Aggregator } from '@weir/model';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { any, average, decimalSum, first, histogram, last, list, max, maxBy, min, minBy, standardDeviation, sum, variance } from '../index.ts';

const RUNS = { numRuns: cases(200) };

interface Row {
  readonly at: number | null;
  readonly id: number;
  readonly value: number | null;
  readonly name: string | null;
}

const row: fc.Arbitrary<Omit<Row, 'id'>> = fc.record({
  at: fc.oneof(fc.integer({ min: -3, max: 3 }), fc.constant(null)),
  value: fc.oneof(fc.integer({ min: -5, max: 5 }), fc.double({ noNaN: true, min: -1e9, max: 1e9 }), fc.constantFrom(0.1, 1e9 + 0.1, 1e9 + 0.2, null)),
  name: fc.constantFrom('x', 'y', 'z', 'X', null),
});
const rows: fc.Arbitrary<readonly Row[]> = fc.array(row, { maxLength: 25, size: 'max' }).map((all) => all.map((each, id) => ({ ...each, id })));

const of = <Out>(aggregator: Aggregator<Row, unknown, Out>, all: readonly Row[]): Out =>
  aggregator.finish(all.reduce((accumulator, each) => aggregator.add(accumulator, each), aggregator.create()));

/** A double as a whole number of 2^-1074, which every finite double is. */
function units(value: number): bigint {
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, value);
  const bits = view.getBigUint64(0);
  const exponent = Number((bits >> 52n) & 0x7ffn);
  const fraction = bits & 0xfffffffffffffn;
  const magnitude = (exponent === 0 ? fraction : fraction | 0x10000000000000n) << BigInt(Math.max(exponent, 1) - 1);
  return bits >> 63n === 1n ? -magnitude : magnitude;
}

/** a / b for b > 0, rounded once; below the least normal double not to the last bit. */
function quotient(a: bigint, b: bigint): number {
  const magnitude = a < 0n ? -a : a;
  const shift = Math.max(0, b.toString(2).length - magnitude.toString(2).length + 80);
  const scaled = magnitude << BigInt(shift);
  // A bit for what the division drops, so that it still decides ties.
  const digits = Number((scaled / b) * 2n + (scaled % b === 0n ? 0n : 1n)) / 2;
  return ((a < 0n ? -digits : digits) / 2 ** Math.floor(shift / 2)) / 2 ** Math.ceil(shift / 2);
}

/** The variance in fractions of whole numbers, without any rounding but the last. */
function exactVariance(values: readonly number[], fewer: 0 | 1): number | null {
  const n = BigInt(values.length);
  if (values.length <= fewer) return null;
  const all = values.map(units);
  const total = all.reduce((a, b) => a + b, 0n);
  const squares = all.reduce((a, b) => a + b * b, 0n);
  return quotient(n * squares - total * total, (n * (n - BigInt(fewer))) << 2148n);
}

const close = (found: number | null, wanted: number | null, ulps: number): void => {
  if (found === null || wanted === null) expect(found).toBe(wanted);
  else expect(Math.abs(found - wanted)).toBeLessThanOrEqual(Math.abs(wanted) * ulps * 2 ** -53);
};

describe('variance and standard deviation, beside fractions of whole numbers', () => {
  it('are right to a unit in the last place, the root to two', () => {
    fc.assert(
      fc.property(rows, (all) => {
        const values = all.flatMap(({ value }) => (value === null ? [] : [value]));
        for (const [deviation, fewer] of [['population', 0], ['sample', 1]] as const) {
          const wanted = exactVariance(values, fewer);
          close(of(variance('value', deviation), all), wanted, 2);
          close(of(standardDeviation('value', deviation), all), wanted === null ? null : Math.sqrt(wanted), 4);
        }
      }),
      RUNS,
    );
  });

  it('keep every digit beside a large mean', () => {
    const all = [1e15 + 0.125, 1e15 + 0.25, 1e15 + 0.375].map((value, id) => ({ at: 0, id, value, name: null }));
    expect(of(variance('value', 'sample'), all)).toBe(0.015625);
    expect(of(standardDeviation('value', 'sample'), all)).toBe(0.125);
  });

  it('refuse what cannot be squared, and a divisor they do not know', () => {
    const one = (value: number): readonly Row[] => [{ at: 0, id: 0, value, name: null }];
    expect(of(variance('value', 'population'), one(2 ** 480))).toBe(0);
    expect(() => of(variance('value', 'population'), one(2 ** 481))).toThrow(/AGGREGATE_NOT_FINITE/);
    expect(() => of(variance('value', 'population'), one(Number.NEGATIVE_INFINITY))).toThrow(/AGGREGATE_NOT_FINITE/);
    expect(() => variance<Row>('value', 'both' as never)).toThrow(/AGGREGATE_OPTION/);
  });
});

/** By time, then id, then value; the plain way. */
const sorted = (all: readonly Row[], tie: boolean): readonly Row[] =>
  all.filter(({ at, name }) => at !== null && name !== null).sort((a, b) => a.at! - b.at! || (tie ? a.id - b.id : 0) || (a.name! < b.name! ? -1 : a.name! > b.name! ? 1 : 0));

describe('first, last, minBy and maxBy, beside a sort', () => {
  it('take the ends of the order, ties by what is asked for and then by value', () => {
    fc.assert(
      fc.property(rows, (all) => {
        const [plain, tied] = [sorted(all, false), sorted(all, true)];
        const plainOrder = { by: 'at' } as const;
        const tiedOrder = { by: 'at', then: 'id' } as const;
        expect(of(first('name', plainOrder), all)).toBe(plain[0]?.name ?? null);
        expect(of(last('name', plainOrder), all)).toBe(plain.at(-1)?.name ?? null);
        expect(of(minBy('name', tiedOrder), all)).toBe(tied[0]?.name ?? null);
        expect(of(maxBy('name', tiedOrder), all)).toBe(tied.at(-1)?.name ?? null);
        const whole = of(last((each: Row) => (each.name === null ? null : each), tiedOrder), all);
        // What is kept is what JSON would give back: -0 is 0.
        expect(whole).toEqual(JSON.parse(JSON.stringify(tied.at(-1) ?? null)));
      }),
      RUNS,
    );
  });

  it('keep a copy of a row, since the row itself is gone after its batch', () => {
    const aggregator = first((each: Row) => each, { by: 'at' });
    const reused = { at: 1, id: 1, value: 1, name: 'a' };
    const held = aggregator.add(aggregator.create(), reused);
    reused.name = 'b';
    expect(aggregator.finish(held)).toEqual({ at: 1, id: 1, value: 1, name: 'a' });
  });

  it('refuse what a checkpoint could not hold', () => {
    expect(() => of(first((each: Row) => BigInt(each.id), { by: 'at' }), [{ at: 1, id: 1, value: 1, name: 'a' }])).toThrow(/AGGREGATE_VALUE/);
    expect(() => of(any((each: Row) => [BigInt(each.id)]), [{ at: 1, id: 1, value: 1, name: 'a' }])).toThrow(/AGGREGATE_VALUE/);
  });
});

describe('any and list, beside a sort', () => {
  it('any gives the one there is, or the least', () => {
    fc.assert(
      fc.property(rows, (all) => {
        const names = all.flatMap(({ name }) => (name === null ? [] : [name])).sort();
        expect(of(any('name'), all)).toBe(names[0] ?? null);
      }),
      RUNS,
    );
  });

  it('a list holds the first of the order and says how many more there were', () => {
    fc.assert(
      fc.property(rows, fc.integer({ min: 1, max: 12 }), (all, limit) => {
        const names = all.flatMap(({ name }) => (name === null ? [] : [name])).sort();
        expect(of(list('name', { limit }), all)).toEqual({ values: names.slice(0, limit), omitted: Math.max(0, names.length - limit) });
        const ordered = sorted(all, false).map(({ name }) => name);
        expect(of(list('name', { limit, by: 'at' }), all)).toEqual({ values: ordered.slice(0, limit), omitted: Math.max(0, ordered.length - limit) });
      }),
      RUNS,
    );
  });

  it('a list stays bounded however many rows come', () => {
    const aggregator = list<{ readonly n: number }, 'n'>('n', { limit: 3 });
    let held = aggregator.create();
    for (let n = 1_000; n > 0; n--) held = aggregator.add(held, { n });
    expect(aggregator.finish(held)).toEqual({ values: [1, 2, 3], omitted: 997 });
    expect(() => list<Row, 'name'>('name', { limit: 0 })).toThrow(/AGGREGATE_OPTION/);
  });
});

describe('histogram, beside a filter for each bin', () => {
  const bounds = fc.uniqueArray(fc.oneof(fc.integer({ min: -5, max: 5 }), fc.double({ noNaN: true, min: -6, max: 6 }).map((bound) => bound + 0)), { minLength: 2, maxLength: 7 }).map((all) => all.sort((a, b) => a - b));

  it('counts each value once, from the lower bound on and up to before the upper one', () => {
    fc.assert(
      fc.property(rows, bounds, (all, chosen) => {
        const values = all.flatMap(({ value }) => (value === null ? [] : [value]));
        const between = (from: number, to: number): number => values.filter((value) => value >= from && value < to).length;
        expect(of(histogram('value', { bounds: chosen }), all)).toEqual({
          below: between(-Infinity, chosen[0]!),
          bins: chosen.slice(1).map((to, index) => ({ from: chosen[index]!, to, count: between(chosen[index]!, to) })),
          above: between(chosen.at(-1)!, Infinity),
        });
      }),
      RUNS,
    );
  });

  it('has bins of equal width, the last one up to the very end', () => {
    const { bins } = of(histogram('value', { from: 0, to: 0.3, bins: 3 }), []);
    expect(bins.map(({ from, to }) => [from, to])).toEqual([
      [0, 0.09999999999999999],
      [0.09999999999999999, 0.19999999999999998],
      [0.19999999999999998, 0.3],
    ]);
  });

  it.each([{ bounds: [1] }, { bounds: [1, 1] }, { bounds: [0, Number.NaN] }, { from: 1, to: 0, bins: 2 }, { from: 0, to: 1, bins: 0 }, { from: 0, to: 5e-324, bins: 2 }])('refuses %j', (bins) => {
    expect(() => histogram<Row>('value', bins)).toThrow(/AGGREGATE_OPTION/);
  });
});

describe('sum, average, min and max, beside whole numbers', () => {
  it('are exact for decimals as for whole numbers', () => {
    fc.assert(
      fc.property(rows, (all) => {
        const values = all.flatMap(({ value }) => (value === null ? [] : [value]));
        const total = values.map(units).reduce((a, b) => a + b, 0n);
        const wanted = quotient(total, 1n << 1074n);
        expect(of(sum('value'), all)).toBe(wanted + 0);
        expect(of(average('value'), all)).toBe(values.length === 0 ? null : wanted / values.length + 0);
        expect(of(min('value'), all)).toBe(values.length === 0 ? null : Math.min(...values) + 0);
        expect(of(max('value'), all)).toBe(values.length === 0 ? null : Math.max(...values) + 0);
      }),
      RUNS,
    );
  });
});

describe('a sum of decimals', () => {
  const of = (...texts: readonly (string | null)[]): string => {
    const total = decimalSum((text: string | null) => text);
    return total.finish(texts.reduce((held, text) => total.add(held, text), total.create()));
  };

  it('is exact to the last digit', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.integer(), fc.integer({ min: 0, max: 6 })), { maxLength: 20 }), (parts) => {
        const texts = parts.map(([units, scale]) => {
          const digits = String(Math.abs(units)).padStart(scale + 1, '0');
          return `${units < 0 ? '-' : ''}${digits.slice(0, digits.length - scale)}${scale === 0 ? '' : `.${digits.slice(-scale)}`}`;
        });
        const millionths = parts.reduce((total, [units, scale]) => total + BigInt(units) * 10n ** BigInt(6 - scale), 0n);
        const [whole, fraction = ''] = of(...texts).split('.');
        expect(BigInt(`${whole}${fraction.padEnd(6, '0')}`)).toBe(millionths);
      }),
      RUNS,
    );
  });

  it('has no needless digit', () => {
    expect([of(), of(null), of('0.10', '0.20'), of('-0.5', '0.5'), of('100', '-0.01'), of('-00.250'), of('1000')]).toEqual(['0', '0', '0.3', '0', '99.99', '-0.25', '1000']);
    expect(of('99999999999999999999.99', '0.01')).toBe('100000000000000000000');
  });

  it.each(['', 'x', '1e3', '.5', '1,5', ' 1', '1'.repeat(1_001)])('refuses %s', (text) => {
    expect(() => of(text)).toThrow(/AGGREGATE_DECIMAL/);
  });
});
