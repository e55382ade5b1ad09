import type { Batch } from '@weir/model';
import { RowBatch } from '@weir/model';
import { OperatorRun } from '@weir/testkit';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { filter, map } from './index.ts';

interface Row {
  readonly at: number;
  readonly cents: number;
}

const rows: readonly Row[] = [
  { at: 10, cents: 1 },
  { at: 20, cents: 2 },
  { at: 30, cents: 3 },
  { at: 40, cents: 4 },
];
const timestamps = Float64Array.from(rows, ({ at }) => at);
const origin = { source: 'orders', partition: 3, offsets: Float64Array.of(100, 101, 102, 103), logTimestamps: Float64Array.of(1, 2, 3, 4) };
const results = {
  step: 'revenue',
  keys: ['a', 'b', 'c', 'd'],
  starts: timestamps,
  ends: timestamps,
  timings: Uint8Array.of(0, 1, 2, 1),
  indexes: Int32Array.of(0, 1, 2, 3),
  lasts: Uint8Array.of(0, 0, 1, 1),
};

/** What one batch becomes. */
function through(spec: ReturnType<typeof map>, batch: Batch): { readonly batches: readonly Batch[]; readonly filtered: number } {
  const batches: Batch[] = [];
  let filtered = 0;
  const observer = { filtered: (count: number) => void (filtered += count), counted: () => {}, late: () => {}, rejected: () => {}, wantsRejections: false };
  const state = { keys: () => unused(), slots: () => unused() };
  spec.create({ pipeline: 'test', step: 'step', state, observer }).onBatch(batch, { emit: (made) => batches.push(made) }, 0);
  return { batches, filtered };
}

function unused(): never {
  throw new Error('A stateless operator has no state.');
}

const at = (batch: Batch): readonly unknown[] => Array.from(batch.rows.subarray(0, batch.length), (position) => batch.at(position));

describe('map', () => {
  const euros = map(({ cents }: Row) => ({ euros: cents / 100 }));

  it('makes one row of each, and keeps its time, its origin and its identity', () => {
    const batch = new RowBatch(rows, { timestamps, origin, results }).select(Int32Array.of(1, 3), 2);
    const { batches } = through(euros, batch);
    expect(batches).toHaveLength(1);
    const [made] = batches as [Batch];
    expect(at(made)).toEqual([{ euros: 0.02 }, { euros: 0.04 }]);
    const positions = [...made.rows.subarray(0, made.length)];
    expect(positions.map((position) => made.timestamps[position])).toEqual([20, 40]);
    expect(positions.map((position) => made.origin?.offsets[position])).toEqual([101, 103]);
    expect(positions.map((position) => made.results?.keys[position])).toEqual(['b', 'd']);
    expect([...made.numbers('euros')].filter((_, position) => positions.includes(position))).toEqual([0.02, 0.04]);
  });

  it('emits nothing for an empty batch', () => {
    expect(through(euros, new RowBatch([], { timestamps })).batches).toEqual([]);
  });

  it('calls the function once for each row that is in the batch, in order', () => {
    const seen: number[] = [];
    through(map(({ cents }: Row) => seen.push(cents)), new RowBatch(rows, { timestamps }).select(Int32Array.of(0, 2), 2));
    expect(seen).toEqual([1, 3]);
  });
});

describe('filter', () => {
  it('keeps the rows that pass, over the same columns, and says how many did not', () => {
    const batch = new RowBatch(rows, { timestamps, origin, results });
    const { batches, filtered } = through(filter(({ cents }: Row) => cents % 2 === 0), batch);
    const [kept] = batches as [Batch];
    expect(at(kept)).toEqual([rows[1], rows[3]]);
    expect([kept.timestamps, kept.origin, kept.results]).toEqual([timestamps, origin, results]);
    expect(filtered).toBe(2);
  });

  it('emits nothing when no row passes', () => {
    expect(through(filter(() => false), new RowBatch(rows, { timestamps }))).toEqual({ batches: [], filtered: 4 });
  });

  it('after filter is filter by both, in any split into batches', () => {
    const row = fc.record({ at: fc.nat(9), cents: fc.nat(20) });
    fc.assert(
      fc.property(fc.array(fc.array(row, { maxLength: 9 }), { maxLength: 9 }), (batches) => {
        const even = new OperatorRun<Row>(filter(({ cents }: Row) => cents % 2 === 0));
        for (const batch of batches) even.push(...batch);
        expect(even.rows()).toEqual(batches.flat().filter(({ cents }) => cents % 2 === 0));
        expect(even.books.filtered).toBe(batches.flat().filter(({ cents }) => cents % 2 === 1).length);
      }),
      { numRuns: Number(process.env['WEIR_RUNS'] ?? 100) },
    );
  });
});
