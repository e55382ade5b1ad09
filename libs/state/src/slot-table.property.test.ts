import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { HeapSlotTable } from './slot-table.ts';

const RUNS = { numRuns: Number(process.env['WEIR_RUNS'] ?? 200) };

/** The plain model: a Map of Maps, which keeps the order of insertion too. */
class Model {
  readonly pairs = new Map<number, Map<number, number>>();

  get size(): number {
    return [...this.pairs.values()].reduce((sum, space) => sum + space.size, 0);
  }

  release(keySlot: number, namespace: number): void {
    const space = this.pairs.get(namespace);
    space?.delete(keySlot);
    if (space?.size === 0) this.pairs.delete(namespace);
  }
}

const namespace = fc.constantFrom(0, -3_600_000, 3_600_000, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 8.64e15);
const keySlot = fc.oneof(fc.nat(12), fc.constantFrom(16, 32, 48, 1 << 20, 0x7fffffff));
const action = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('obtain' as const), keySlot, namespace }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('release' as const), keySlot, namespace }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('releaseNamespace' as const), keySlot, namespace }) },
);

function listed(table: HeapSlotTable, space: number): readonly (readonly [number, number])[] {
  const pairs: (readonly [number, number])[] = [];
  table.forEach(space, (key, slot) => pairs.push([key, slot]));
  return pairs;
}

describe('a slot table', () => {
  it('does what a Map of Maps does, in the same order, and never gives one slot to two pairs', () => {
    fc.assert(
      fc.property(fc.array(action, { maxLength: 200, size: 'max' }), (actions) => {
        const table = new HeapSlotTable();
        const model = new Model();
        for (const { kind, keySlot: key, namespace: space } of actions) {
          if (kind === 'obtain') {
            const known = model.pairs.get(space)?.get(key);
            const slot = table.obtain(key, space);
            expect(table.created).toBe(known === undefined);
            expect(known ?? slot).toBe(slot);
            if (!model.pairs.has(space)) model.pairs.set(space, new Map());
            model.pairs.get(space)!.set(key, slot);
          } else if (kind === 'release') {
            table.release(key, space);
            model.release(key, space);
          } else {
            table.releaseNamespace(space);
            model.pairs.delete(space);
          }
          expect(table.find(key, space)).toBe(model.pairs.get(space)?.get(key) ?? -1);
        }
        expect(table.size).toBe(model.size);
        expect(table.namespaces()).toEqual([...model.pairs.keys()].sort((a, b) => a - b));
        for (const [space, pairs] of model.pairs) expect(listed(table, space)).toEqual([...pairs]);
        const slots = [...model.pairs.values()].flatMap((pairs) => [...pairs.values()]);
        expect(new Set(slots).size).toBe(slots.length);
        for (const slot of slots) expect(slot).toBeLessThan(table.capacity);
      }),
      RUNS,
    );
  });

  it('uses the slots of released pairs again, so that it does not grow with what has passed through', () => {
    const table = new HeapSlotTable();
    for (let hour = 0; hour < 500; hour++) {
      for (let key = 0; key < 20; key++) table.obtain(key, hour);
      table.releaseNamespace(hour - 1);
    }
    expect(table.size).toBe(20);
    expect(table.capacity).toBe(40);
  });

  it('finds every pair while a namespace grows to many, and those that are left when most are released', () => {
    const table = new HeapSlotTable();
    for (let key = 0; key < 5_000; key++) table.obtain(key * 7, 0);
    for (let key = 0; key < 5_000; key++) if (key % 100 !== 0) table.release(key * 7, 0);
    expect(listed(table, 0).map(([key]) => key)).toEqual(Array.from({ length: 50 }, (_, index) => index * 700));
    for (let key = 0; key < 5_000; key++) expect(table.find(key * 7, 0) >= 0).toBe(key % 100 === 0);
  });

  it('lets a visitor release the pair that it sees', () => {
    const table = new HeapSlotTable();
    for (let key = 0; key < 10; key++) table.obtain(key, 0);
    const seen: number[] = [];
    table.forEach(0, (key) => {
      seen.push(key);
      table.release(key, 0);
    });
    expect(seen).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(table.namespaces()).toEqual([]);
  });
});
