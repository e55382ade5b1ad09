import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MinHeap } from './min-heap.ts';

const RUNS = { numRuns: Number(process.env['WEIR_RUNS'] ?? 200) };

describe('a min-heap', () => {
  it('gives what sorting by rank and tie gives, whatever was pushed and popped in between', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(fc.integer({ min: -5, max: 5 }), fc.constant('pop' as const)), { maxLength: 80, size: 'max' }), (actions) => {
        const heap = new MinHeap<number>();
        let model: { readonly rank: number; readonly tie: number }[] = [];
        for (const [tie, action] of actions.entries()) {
          if (action !== 'pop') {
            heap.push(action, -tie, tie);
            model.push({ rank: action, tie: -tie });
          } else if (model.length > 0) {
            model = model.sort((a, b) => a.rank - b.rank || a.tie - b.tie);
            expect(heap.least).toBe(model[0]!.rank);
            expect(heap.pop()).toBe(-model.shift()!.tie);
          }
          expect(heap.size).toBe(model.length);
        }
        expect(heap.least).toBe(Math.min(...model.map(({ rank }) => rank)));
        expect(heap.values.toSorted((a, b) => a - b)).toEqual(model.map(({ tie }) => -tie).sort((a, b) => a - b));
      }),
      RUNS,
    );
  });
});
