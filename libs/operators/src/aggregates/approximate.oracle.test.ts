import { cases } from '@weir/testkit';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { distinctApproximate, heavyHitters, quantiles } from '../index.ts';
import { BinStore } from './bin-store.ts';
import { Hash64 } from './hash64.ts';

const RUNS = { numRuns: cases(150) };

interface Row {
  readonly value: number;
}

const rowsOf = (values: readonly number[]): readonly Row[] => values.map((value) => ({ value }));

describe('distinctApproximate, beside a Set', () => {
  const estimateOf = (precision: number, from: number, distinct: number, repeats = 1): number => {
    const aggregator = distinctApproximate<Row>('value', { precision });
    const sketch = aggregator.create();
    for (let repeat = 0; repeat < repeats; repeat++) for (let i = 0; i < distinct; i++) aggregator.add(sketch, { value: from + i });
    return aggregator.finish(sketch);
  };

  it('is within eight standard errors, which chance alone does not exceed in a million runs', () => {
    const sizes = fc.tuple(fc.integer({ min: 0, max: 11 }), fc.integer({ min: 0, max: 1 })).map(([bits, more]) => 2 ** bits + more * 2 ** (bits - 1));
    fc.assert(
      fc.property(fc.integer({ min: 4, max: 14 }), fc.integer({ min: -(2 ** 40), max: 2 ** 40 }), sizes, (precision, from, distinct) => {
        const allowed = (8 * 1.04 * distinct) / Math.sqrt(2 ** precision) + 0.5;
        expect(Math.abs(estimateOf(precision, from, Math.floor(distinct), 2) - Math.floor(distinct))).toBeLessThanOrEqual(allowed);
      }),
      RUNS,
    );
  });

  it('is exact, or one off, while it is sparse', () => {
    for (const distinct of [0, 1, 2, 10, 100, 1_000, 2_000]) expect(Math.abs(estimateOf(14, 7, distinct) - distinct)).toBeLessThanOrEqual(distinct > 500 ? 1 : 0);
  });

  it.each([0.1, 0.5, 1, 2.5, 5, 20])('has no bias with %f values for each register', (load) => {
    const precision = 9;
    const distinct = Math.round(load * 2 ** precision);
    const sketches = 60;
    let error = 0;
    for (let i = 0; i < sketches; i++) error += estimateOf(precision, i * 1_000_003, distinct) / distinct - 1;
    const standardError = 1.04 / Math.sqrt(2 ** precision) / Math.sqrt(sketches);
    expect(Math.abs(error / sketches)).toBeLessThan(4 * standardError);
  });

  it('holds for texts that are much alike', () => {
    const aggregator = distinctApproximate((row: { readonly text: string }) => row.text, { precision: 12 });
    const sketch = aggregator.create();
    for (let i = 0; i < 50_000; i++) aggregator.add(sketch, { text: `user-${i}` });
    expect(Math.abs(aggregator.finish(sketch) / 50_000 - 1)).toBeLessThan(0.065);
  });
});

describe('a 64-bit hash', () => {
  it('sets each bit for half of what it is given, and never gives the same twice', () => {
    const hash = new Hash64();
    const seen = new Set<string>();
    const ones = new Float64Array(64);
    const count = 20_000;
    for (let i = 0; i < count; i++) {
      hash.of(i % 2 === 0 ? i : `key ${i}`);
      seen.add(`${hash.high}:${hash.low}`);
      for (let bit = 0; bit < 32; bit++) {
        ones[bit] = ones[bit]! + ((hash.high >>> bit) & 1);
        ones[bit + 32] = ones[bit + 32]! + ((hash.low >>> bit) & 1);
      }
    }
    expect(seen.size).toBe(count);
    for (const each of ones) expect(Math.abs(each / count - 0.5)).toBeLessThan(0.02);
  });

  it('is the same on every machine, for states outlive processes', () => {
    const hash = new Hash64();
    const of = (value: string | number): readonly number[] => (hash.of(value), [hash.high, hash.low]);
    expect([of(''), of('weir'), of('1'), of(1), of(-0)]).toEqual([
      [3478993086, 1380906034],
      [3212751629, 2864432230],
      [160746969, 4266749649],
      [3197844400, 3836830405],
      [956485792, 272824769],
    ]);
    expect(of(0)).toEqual(of(-0));
  });
});

describe('quantiles, beside sorted values', () => {
  const exact = (values: readonly number[], q: number): number => values.toSorted((a, b) => a - b)[Math.floor(q * (values.length - 1))]!;
  const q = fc.double({ min: 0, max: 1, noNaN: true });

  it('are within the accuracy, whatever the values', () => {
    const value = fc.oneof(fc.double({ noNaN: true, noDefaultInfinity: true }), fc.double({ noNaN: true, min: -100, max: 100 }), fc.integer({ min: -9, max: 9 }));
    const accuracy = fc.constantFrom(0.02, 0.1, 0.3);
    fc.assert(
      fc.property(fc.array(value, { minLength: 1, maxLength: 60, size: 'max' }), fc.uniqueArray(q, { minLength: 1, maxLength: 4 }), accuracy, (values, at, within) => {
        const aggregator = quantiles<Row>('value', { at, accuracy: within, bins: 'unbounded' });
        const found = aggregator.finish(rowsOf(values).reduce((sketch, row) => aggregator.add(sketch, row), aggregator.create()))!;
        for (const [index, each] of at.entries()) {
          const wanted = exact(values, each);
          const floor = Math.abs(wanted) < 2 ** -1022 ? 2 ** -1022 : 0;
          expect(Math.abs(found[index]! - wanted)).toBeLessThanOrEqual(Math.abs(wanted) * within * (1 + 1e-9) + floor);
        }
      }),
      RUNS,
    );
  });

  it('keep the accuracy away from 0 when there are more bins than allowed', () => {
    const aggregator = quantiles<Row>('value', { at: [0, 0.5, 1], accuracy: 0.01, bins: 64 });
    const values = [...Array.from({ length: 10 }, (_, i) => 10 ** (i - 9)), ...Array.from({ length: 100 }, (_, i) => 100 + i)];
    const [least, middle, most] = aggregator.finish(rowsOf(values).reduce((sketch, row) => aggregator.add(sketch, row), aggregator.create()))!;
    expect(Math.abs(middle! / exact(values, 0.5) - 1)).toBeLessThan(0.0101);
    expect(Math.abs(most! / 199 - 1)).toBeLessThan(0.0101);
    // The lowest values are counted in the lowest bin that is left.
    expect(least).toBeGreaterThan(50);
  });

  it('count in the bins that a plain recount gives', () => {
    const bins = fc.array(fc.tuple(fc.integer({ min: -60, max: 60 }), fc.integer({ min: 1, max: 3 })), { maxLength: 40, size: 'max' });
    fc.assert(
      fc.property(bins, bins, fc.integer({ min: 1, max: 50 }), (left, right, limit) => {
        const fill = (pairs: typeof left): BinStore => pairs.reduce((store, [bin, count]) => (store.add(bin, count), store), new BinStore(limit));
        const store = fill(left);
        store.combine(fill(right), 1);
        const all = [...left, ...right];
        const highest = Math.max(...all.map(([bin]) => bin));
        const expected = new Map<number, number>();
        for (const [bin, count] of all) expected.set(Math.max(bin, highest - limit + 1), (expected.get(Math.max(bin, highest - limit + 1)) ?? 0) + count);
        const found: (readonly [number, number])[] = [];
        store.forEach((bin, count) => found.push([bin, count]));
        expect(found).toEqual([...expected].sort(([a], [b]) => a - b));
        expect(store.total).toBe(all.reduce((total, [, count]) => total + count, 0));
      }),
      RUNS,
    );
  });
});

describe('heavy hitters, beside exact counts', () => {
  /** Few items that are frequent among many that are not. */
  const items = fc.tuple(fc.array(fc.integer({ min: 0, max: 9 }), { maxLength: 300, size: 'max' }), fc.integer({ min: 0, max: 600 }), fc.integer()).map(([frequent, rare, seed]) => {
    const all = [...frequent.map((item) => item * item), ...Array.from({ length: rare }, (_, i) => 1_000 + i)];
    return all.map((item, index) => ({ item, rank: Math.imul(index + 1, seed | 1) | 0 })).sort((a, b) => a.rank - b.rank).map(({ item }) => item);
  });
  const share = fc.constantFrom(0.02, 0.05, 0.1, 0.3);
  const fold = (aggregator: ReturnType<typeof heavyHitters<Row>>, values: readonly number[]): ReturnType<typeof aggregator.create> =>
    rowsOf(values).reduce((held, row) => aggregator.add(held, row), aggregator.create());

  it('none is missing, none has under half the share, and no count is too low', () => {
    fc.assert(
      fc.property(items, share, fc.nat(10), (values, wanted, cut) => {
        const aggregator = heavyHitters<Row>('value', { share: wanted });
        const at = Math.floor((values.length * cut) / 10);
        const found = aggregator.finish(aggregator.merge(fold(aggregator, values.slice(0, at)), fold(aggregator, values.slice(at))));
        const counts = new Map<number, number>();
        for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
        const heavy = [...counts].filter(([, count]) => count >= wanted * values.length).map(([item]) => item);
        const names = found.map(({ item }) => item);
        for (const item of heavy) expect(names).toContain(item);
        for (const { item, count } of found) {
          const real = counts.get(item as number)!;
          expect(count).toBeGreaterThanOrEqual(real);
          expect(real).toBeGreaterThanOrEqual((wanted / 2) * values.length);
        }
      }),
      RUNS,
    );
  });

  it('are the same in any order and any grouping', () => {
    fc.assert(
      fc.property(items, share, fc.nat(10), (values, wanted, cut) => {
        const aggregator = heavyHitters<Row>('value', { share: wanted });
        const at = Math.floor((values.length * cut) / 10);
        const merged = aggregator.merge(fold(aggregator, values.slice(at).sort()), fold(aggregator, values.slice(0, at).reverse()));
        expect(aggregator.finish(merged)).toEqual(aggregator.finish(fold(aggregator, values)));
      }),
      RUNS,
    );
  });

  it('are exact while the items are few', () => {
    const aggregator = heavyHitters<Row>('value', { share: 0.1 });
    expect(aggregator.finish(fold(aggregator, [5, 5, 5, 7, 7, ...Array.from({ length: 12 }, (_, i) => i + 10)]))).toEqual([
      { item: 5, count: 3 },
      { item: 7, count: 2 },
    ]);
  });
});
