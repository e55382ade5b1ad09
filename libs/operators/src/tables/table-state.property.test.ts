import { DELETE, INSERT } from '@weir/model';
import { cases } from '@weir/testkit';
import { createHeapState } from '@weir/state';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Expiries } from './expiries.ts';
import { compareKeys } from './key-order.ts';
import { sameRow } from './same-row.ts';
import { Versions } from './versions.ts';

const json = fc.jsonValue({ maxDepth: 3 });

describe('the same row', () => {
  it('is one that is the same JSON, whatever the order of its fields', () => {
    fc.assert(
      fc.property(json, json, (a, b) => {
        expect(sameRow(a, structuredClone(a))).toBe(true);
        expect(sameRow(a, reordered(a))).toBe(true);
        expect(sameRow(a, b)).toBe(canonical(a) === canonical(b));
        expect(sameRow(b, a)).toBe(sameRow(a, b));
      }),
      { numRuns: cases(500) },
    );
  });

  it('has no field where the other says undefined', () => {
    expect(sameRow({ a: 1, b: undefined }, { a: 1 })).toBe(true);
    expect(sameRow({ a: 1 }, { a: 1, b: undefined })).toBe(true);
    expect(sameRow({ a: 1 }, { a: 1, b: null })).toBe(false);
    expect(sameRow([], {})).toBe(false);
    expect(sameRow(Number.NaN, Number.NaN)).toBe(true);
  });
});

/** Fields in the opposite order, all the way down. */
function reordered(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reordered);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([name, inner]) => [name, reordered(inner)]),
  );
}

function canonical(value: unknown): string {
  return JSON.stringify(value, (_, inner: unknown) =>
    typeof inner === 'object' && inner !== null && !Array.isArray(inner) ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1))) : inner,
  );
}

const key = fc.oneof(fc.string({ maxLength: 2 }), fc.integer({ min: -3, max: 3 }));

it('keys are in one order: a total one, numbers first', () => {
  fc.assert(
    fc.property(key, key, key, (a, b, c) => {
      expect(Math.sign(compareKeys(a, b))).toBe(-Math.sign(compareKeys(b, a)) + 0);
      expect(compareKeys(a, b) === 0).toBe(a === b);
      if (compareKeys(a, b) <= 0 && compareKeys(b, c) <= 0) expect(compareKeys(a, c)).toBeLessThanOrEqual(0);
      if (typeof a === 'number' && typeof b === 'string') expect(compareKeys(a, b)).toBeLessThan(0);
    }),
    { numRuns: cases(500) },
  );
});

it('a deadline is the last one that was set, and they are taken by time and key', () => {
  const change = fc.record({ slot: fc.nat({ max: 4 }), after: fc.oneof({ weight: 5, arbitrary: fc.nat({ max: 6 }) }, { weight: 1, arbitrary: fc.constant(Number.NaN) }), step: fc.nat({ max: 3 }) });
  fc.assert(
    fc.property(fc.array(change, { maxLength: 40, size: 'max' }), (changes) => {
      const keys = createHeapState().keys('step');
      for (const name of ['e', 'd', 'c', 'b', 'a']) keys.obtain(name);
      const expiries = new Expiries();
      const model = new Map<number, number>();
      let now = 0;
      for (const { slot, after, step } of changes) {
        now += step;
        takeDue(expiries, model, keys, now);
        const deadline = now + 10 + after;
        expiries.set(slot, deadline);
        if (Number.isNaN(deadline)) model.delete(slot);
        else model.set(slot, deadline);
      }
      takeDue(expiries, model, keys, Number.POSITIVE_INFINITY);
      expect(model.size).toBe(0);
    }),
    { numRuns: cases(300) },
  );
});

function takeDue(expiries: Expiries, model: Map<number, number>, keys: Parameters<Expiries['take']>[1], now: number): void {
  for (let least = Math.min(...model.values()); least < now; least = Math.min(...model.values())) {
    expect(expiries.next).toBe(least);
    const due = [...model].filter(([, at]) => at === least).map(([slot]) => slot);
    expect(expiries.take(least, keys)).toEqual(due.sort((a, b) => (String(keys.keyAt(a)) < String(keys.keyAt(b)) ? -1 : 1)));
    for (const slot of due) model.delete(slot);
  }
  expect(expiries.next).toBe(Math.min(...model.values()));
}

it('versions are found at any instant at or after the bound, and are no more than that takes', () => {
  const change = fc.record({ id: fc.constantFrom('a', 'b'), from: fc.integer({ min: 0, max: 30 }), gone: fc.boolean(), n: fc.nat() });
  fc.assert(
    fc.property(fc.uniqueArray(change, { selector: ({ id, from }) => `${id}${from}`, maxLength: 25, size: 'max' }), fc.nat({ max: 31 }), (changes, bound) => {
      const versions = new Versions('step', 100);
      const early = changes.filter(({ from }) => from < bound);
      const add = ({ id, from, gone, n }: (typeof changes)[number]): void => versions.apply(id, from, n, gone ? DELETE : INSERT);
      for (const each of early) add(each);
      versions.prune(bound);
      // Of each key at most one version that begins before the bound is left.
      expect(versions.size).toBeLessThanOrEqual(new Set(early.map(({ id }) => id)).size);
      for (const each of changes.filter((candidate) => !early.includes(candidate))) add(each);
      for (const id of ['a', 'b']) {
        for (let instant = bound; instant <= 31; instant++) {
          const last = changes.filter((each) => each.id === id && each.from <= instant).sort((a, b) => a.from - b.from).at(-1);
          expect(versions.at(id, instant)).toBe(last === undefined || last.gone ? undefined : last.n);
        }
      }
      versions.prune(Number.POSITIVE_INFINITY);
      expect(versions.size).toBeLessThanOrEqual(2);
    }),
    { numRuns: cases(300) },
  );
});
