import { DELETE, INSERT, RowBatch, UPDATE_AFTER, UPDATE_BEFORE, milliseconds } from '@weir/model';
import type { Batch, OperatorSpec } from '@weir/model';
import { ParallelRun, scenarioBatch } from '@weir/testkit';
import { describe, expect, it } from 'vitest';
import { count } from '../aggregates/count.ts';
import { changelogRows, upsertRows } from './changelog-rows.ts';
import { deduplicate } from './deduplicate.ts';
import { foreignKeyJoin } from './foreign-key-join.ts';
import { groupAggregate } from './group-aggregate.ts';
import { tableJoin } from './table-join.ts';
import { tableSettle } from './table-settle.ts';
import { lookupJoin, temporalJoin } from './temporal-join.ts';
import { topRows } from './top-rows.ts';
import { toTable } from './to-table.ts';

interface Row {
  readonly at: number;
  readonly id: string;
  readonly n: number;
}

const byId = { field: 'id' } as const;

function rows(...all: readonly Row[]): Batch {
  return scenarioBatch('in', 0, all, 0);
}

/** Entries of a table, all of one instant. */
function entries(...all: readonly (readonly [key: string, value: unknown, change: number])[]): Batch {
  return new RowBatch(
    all.map(([key, value]) => ({ key, value })),
    { timestamps: new Float64Array(all.length).fill(1), changes: Uint8Array.from(all, ([, , change]) => change) },
  );
}

/** What comes out of the first input's rows once all is known, as `change key value`. */
function changes(spec: OperatorSpec, ...batches: readonly Batch[]): readonly string[] {
  const run = new ParallelRun(spec, 1);
  for (const batch of batches) {
    run.rows(0, batch);
    run.watermark(Math.max(...batch.timestamps) + 1);
  }
  return run.emitted.map(({ change, row }) => `${change} ${JSON.stringify(row)}`);
}

describe('the changelog of a table', () => {
  it('has one change for an instant: what comes last in the log', () => {
    const spec = toTable<Row>({ key: byId, deleted: ({ n }) => n < 0 });
    expect(changes(spec, rows({ at: 1, id: 'a', n: 1 }, { at: 1, id: 'a', n: 2 }), rows({ at: 2, id: 'a', n: -1 }, { at: 2, id: 'b', n: -1 }))).toEqual([
      'insert {"key":"a","value":{"at":1,"id":"a","n":2}}',
      'delete {"key":"a","value":{"at":1,"id":"a","n":2}}',
    ]);
  });

  it('says what leaves, then what changes, then what enters', () => {
    const spec = toTable<Row>({ key: byId, deleted: ({ n }) => n < 0 });
    const first = rows({ at: 1, id: 'a', n: 1 }, { at: 1, id: 'b', n: 1 });
    const second = rows({ at: 2, id: 'c', n: 1 }, { at: 2, id: 'a', n: 2 }, { at: 2, id: 'b', n: -1 });
    expect(changes(spec, first, second).map((each) => each.replace(/ .*key":"(.)".*/, ' $1'))).toEqual(['insert a', 'insert b', 'delete b', 'update-before a', 'update-after a', 'insert c']);
  });

  it('waits for the watermark, which is exclusive', () => {
    const run = new ParallelRun(toTable<Row>({ key: byId }), 1);
    run.rows(0, rows({ at: 5, id: 'a', n: 1 }));
    run.watermark(5);
    expect(run.emitted).toEqual([]);
    run.watermark(6);
    expect(run.emitted).toHaveLength(1);
  });

  it('as plain rows names the changes; as upserts has new rows, and null for a key that is gone', () => {
    const batch = entries(['a', 1, INSERT], ['b', 1, UPDATE_BEFORE], ['b', 2, UPDATE_AFTER], ['c', 3, DELETE]);
    expect(changes(changelogRows(), batch)).toEqual([
      'insert {"change":"insert","key":"a","value":1}',
      'insert {"change":"update-before","key":"b","value":1}',
      'insert {"change":"update-after","key":"b","value":2}',
      'insert {"change":"delete","key":"c","value":3}',
    ]);
    expect(changes(upsertRows(), batch)).toEqual(['insert {"key":"a","value":1}', 'insert {"key":"b","value":2}', 'insert {"key":"c","value":null}']);
    expect(changes(upsertRows(), entries(['b', 1, UPDATE_BEFORE]))).toEqual([]);
  });

  it('is empty where a row moves away and back in one instant', () => {
    expect(changes(tableSettle(), entries(['a', { n: 1 }, DELETE], ['a', { n: 1 }, INSERT]))).toEqual([]);
  });

  it('of a table with rows of several parts has no change where only a part that it does not show changes', () => {
    const spec = tableJoin({ kind: 'left', join: (left: { n: number }) => ({ n: left.n }) });
    const run = new ParallelRun(spec, 1);
    run.rows(0, entries(['a', { n: 1 }, INSERT]));
    run.watermark(2);
    run.rows(1, new RowBatch([{ key: 'a', value: 'new' }], { timestamps: Float64Array.of(3) }));
    run.watermark(Number.POSITIVE_INFINITY);
    expect(run.emitted).toHaveLength(1);
  });
});

describe('limits', () => {
  const two = rows({ at: 1, id: 'a', n: 1 }, { at: 1, id: 'b', n: 1 });
  const entriesOfTwo = entries(['a', { n: 1 }, INSERT], ['b', { n: 1 }, INSERT]);
  const pair = (left: unknown, right: unknown): unknown => ({ left, right });
  const key = { field: 'id' } as const;
  const group = { of: () => '' };
  it.each<[string, OperatorSpec, Batch]>([
    ['a table', toTable<Row>({ key, limit: 1 }), two],
    ['a deduplication', deduplicate<Row>({ key, within: milliseconds(5), keep: 'first', limit: 1 }), two],
    ['a join', tableJoin({ kind: 'inner', join: pair, limit: 1 }), entriesOfTwo],
    ['a foreign-key join', foreignKeyJoin({ kind: 'inner', foreignKey: () => 'x', join: pair, limit: 1 }), entriesOfTwo],
    ['a ranking', topRows({ group, n: 1, by: 'n', order: 'ascending', ranks: false, limit: 1 }), entriesOfTwo],
    ['groups whose rows are kept', groupAggregate({ group, aggregators: { rows: count() }, timeToLive: milliseconds(5), limit: 1 }), entriesOfTwo],
  ])('of %s are kept', (_, spec, batch) => {
    expect(() => changes(spec, batch)).toThrow(/TABLE_FULL step: .*limit/);
  });

  it.each<[string, OperatorSpec]>([
    ['a temporal join', temporalJoin<Row>({ kind: 'inner', key, join: pair, limit: 1 })],
    ['a lookup join', lookupJoin<Row>({ kind: 'inner', key: ({ id }) => id, join: pair, limit: 1 })],
  ])('of the versions of %s are kept', (_, spec) => {
    const run = new ParallelRun(spec, 1);
    expect(() => run.rows(1, entriesOfTwo)).toThrow(/TABLE_FULL step/);
  });

  it('a limit is what a table may have at once', () => {
    const spec = toTable<Row>({ key, deleted: ({ n }) => n < 0, limit: 1 });
    expect(changes(spec, rows({ at: 1, id: 'a', n: 1 }), rows({ at: 2, id: 'a', n: -1 }), rows({ at: 3, id: 'b', n: 1 }))).toHaveLength(3);
  });
});

describe('what is refused', () => {
  it.each([0, -1, 1.5, Number.NaN])('a ranking of %d places', (n) => {
    expect(() => topRows({ group: { of: () => '' }, n, by: 'n', order: 'ascending', ranks: false })).toThrow(/TABLE_TOP_N/);
  });

  it('a deduplication within no time', () => {
    expect(() => deduplicate<Row>({ key: byId, within: milliseconds(0), keep: 'first' })).toThrow(/DEDUPLICATE_WITHIN/);
  });

  it('a row without a group', () => {
    expect(() => changes(groupAggregate({ group: { field: 'none' }, aggregators: { rows: count() } }), entries(['a', { n: 1 }, INSERT]))).toThrow(/KEY_MISSING/);
  });
});
