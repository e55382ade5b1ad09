import type { Key } from '@weir/model';
import { RowBatch } from '@weir/model';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { HeapKeyTable } from './key-table.ts';

const RUNS = { numRuns: Number(process.env['WEIR_RUNS'] ?? 200) };

const batchOf = (keys: readonly unknown[]): RowBatch => new RowBatch(keys.map((key) => ({ key })), { timestamps: new Float64Array(keys.length) });

const text = fc.constantFrom('', 'a', 'b', 'ä', '17850', 'C536379', '__proto__', 'constructor');
const number = fc.constantFrom(0, 1, -1, 17850, 2.5, Number.POSITIVE_INFINITY, 2 ** 53);
const key: fc.Arbitrary<Key> = fc.oneof(text, number);

type Action = { readonly obtain: Key } | { readonly release: Key } | { readonly resolve: readonly Key[]; readonly by: 'field' | 'function'; readonly dropFirst: boolean };

const action: fc.Arbitrary<Action> = fc.oneof(
  fc.record({ obtain: key }),
  fc.record({ release: key }),
  // A column is of one kind: text, or numbers; a function may give both.
  fc.record({ resolve: fc.array(text, { minLength: 1, maxLength: 12 }), by: fc.constant('field' as const), dropFirst: fc.boolean() }),
  fc.record({ resolve: fc.array(number, { minLength: 1, maxLength: 12 }), by: fc.constant('field' as const), dropFirst: fc.boolean() }),
  fc.record({ resolve: fc.array(key, { minLength: 1, maxLength: 12 }), by: fc.constant('function' as const), dropFirst: fc.boolean() }),
);

function resolved(table: HeapKeyTable, { resolve, by, dropFirst }: Extract<Action, { readonly by: unknown }>): readonly (readonly [Key, number])[] {
  const all = batchOf(resolve);
  const batch = dropFirst ? all.select(Int32Array.from(resolve.slice(1), (_, index) => index + 1), resolve.length - 1) : all;
  const slots = new Int32Array(batch.length);
  table.resolve(batch, by === 'field' ? { field: 'key' } : { of: (row: { key: Key }) => row.key }, slots);
  return Array.from(slots, (slot, index) => [resolve[batch.rows[index]!]!, slot] as const);
}

describe('a key table', () => {
  it('gives every key one slot for as long as it is held, however it is asked for', () => {
    fc.assert(
      fc.property(fc.array(action, { maxLength: 60, size: 'max' }), (actions) => {
        const table = new HeapKeyTable('step');
        const held = new Map<Key, number>();
        for (const each of actions) {
          if ('release' in each) {
            if (held.has(each.release)) table.release(held.get(each.release)!);
            held.delete(each.release);
          } else {
            const found = 'obtain' in each ? [[each.obtain, table.obtain(each.obtain)] as const] : resolved(table, each);
            for (const [asked, slot] of found) {
              expect(slot).toBe(held.get(asked) ?? slot);
              held.set(asked, slot);
            }
          }
        }
        expect(table.size).toBe(held.size);
        expect(new Set(held.values()).size).toBe(held.size);
        for (const [asked, slot] of held) {
          expect(table.find(asked)).toBe(slot);
          expect(table.keyAt(slot)).toBe(asked);
          expect(slot).toBeLessThan(table.capacity);
        }
      }),
      RUNS,
    );
  });
});

describe('resolving the keys of a batch', () => {
  it('keeps text and number keys apart that look alike', () => {
    const table = new HeapKeyTable('step');
    expect(table.obtain('1')).not.toBe(table.obtain(1));
  });

  it('sees that a released key has another slot, although the dictionary is the same', () => {
    const table = new HeapKeyTable('step');
    const batch = batchOf(['a', 'b']);
    const symbols = batch.symbols('key');
    const sameDictionary = Object.assign(batchOf(['a', 'b']), { symbols: () => symbols });
    const slots = new Int32Array(2);
    table.resolve(sameDictionary, { field: 'key' }, slots);
    table.release(slots[0]!);
    table.obtain('taken in between');
    table.resolve(sameDictionary, { field: 'key' }, slots);
    expect(Array.from(slots, (slot) => table.keyAt(slot))).toEqual(['a', 'b']);
  });

  it('follows a dictionary that grew', () => {
    const table = new HeapKeyTable('step');
    const texts = Array.from({ length: 500 }, (_, index) => `key ${index}`);
    const dictionary = { size: 0, text: (id: number) => texts[id]! };
    for (let size = 1; size <= 500; size += 83) {
      dictionary.size = size;
      const ids = Int32Array.from({ length: size }, (_, index) => index);
      const batch = Object.assign(batchOf(texts.slice(0, size)), { symbols: () => ({ ids, dictionary }) });
      const slots = new Int32Array(size);
      table.resolve(batch, { field: 'key' }, slots);
      expect(Array.from(slots, (slot) => table.keyAt(slot))).toEqual(texts.slice(0, size));
    }
  });

  it.each([
    ['a null text', [null, 'a'], { field: 'key' }],
    ['a null number', [1, null], { field: 'key' }],
    ['a field that is not there', [1], { field: 'missing' }],
    ['a truth value', [true], { field: 'key' }],
    ['not a number', [Number.NaN], { field: 'key' }],
    ['a function that gives nothing', [1], { of: () => undefined as never }],
  ] as const)('refuses %s as a key', (_, keys, selector) => {
    const table = new HeapKeyTable('by-customer');
    const batch = batchOf(keys);
    expect(() => table.resolve(batch, selector, new Int32Array(keys.length))).toThrow(/KEY_MISSING by-customer/);
  });
});
