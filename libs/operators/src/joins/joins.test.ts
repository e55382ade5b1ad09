import { DELETE, INSERT, RowBatch, milliseconds, minutes } from '@weir/model';
import type { Operator, OperatorSpec } from '@weir/model';
import { createHeapState } from '@weir/state';
import { ParallelRun, scenarioBatch } from '@weir/testkit';
import { describe, expect, it } from 'vitest';
import { session } from '../windows/session.ts';
import { hopping, tumbling } from '../windows/tumbling.ts';
import type { CustomAssigner } from '../windows/assigner.ts';
import { runActs } from './fixtures/join-acts.ts';
import type { JoinAct } from './fixtures/join-acts.ts';
import { intervalJoin } from './interval-join.ts';
import type { JoinKind } from './join-kind.ts';
import { before } from './reach.ts';
import type { IntervalBounds } from './reach.ts';
import { regularJoin } from './regular-join.ts';
import { windowJoin } from './window-join.ts';

const keys = { left: { field: 'key' }, right: { field: 'key' } } as const;
const row = (at: number, id = 0, key = 'k') => ({ at, key, id });
const ids = (...rows: readonly unknown[]) => rows.map((each) => String((each as { id: number } | null)?.id ?? null)).join('+');

const interval = (kind: JoinKind, bounds: IntervalBounds, maxRows?: number) =>
  intervalJoin({ ...keys, kind, ...bounds, ...(maxRows === undefined ? {} : { maxRows }), join: (...rows: readonly unknown[]) => ({ ids: ids(...rows) }) });
const rowsAct = (input: number, ...rows: readonly ReturnType<typeof row>[]): JoinAct => ({ kind: 'rows', input, partition: 0, from: 0, rows });
const watermarkAct = (watermark: number): JoinAct => ({ kind: 'watermark', watermark });

/** What the results are called after each act, with their times; the end of time left out. */
function said(spec: OperatorSpec, ...acts: readonly JoinAct[]): readonly (readonly string[])[] {
  return runActs(spec, acts).slice(0, -1).map((out) =>
    out['results']!.map((line) => {
      const [change, at, result] = JSON.parse(line) as [string, number, { ids: string }];
      return `${change === 'insert' ? '' : `${change} `}${result.ids}@${at}`;
    }),
  );
}

describe('the bounds of an interval join', () => {
  it.each([
    ['inclusive', 'inclusive', [-2, -1, 0, 1, 2, 3]],
    ['exclusive', 'inclusive', [-1, 0, 1, 2, 3]],
    ['inclusive', 'exclusive', [-2, -1, 0, 1, 2]],
    ['exclusive', 'exclusive', [-1, 0, 1, 2]],
  ] as const)('%s below and %s above, to the millisecond, whichever row comes first', (lower, upper, met) => {
    const spec = interval('inner', { between: [before(milliseconds(2)), milliseconds(3)], lower, upper });
    const rights = [-3, -2, -1, 0, 1, 2, 3, 4].map((at) => row(at, at));
    const expected = met.map((at) => `9+${at}@${Math.max(0, at)}`);
    expect(said(spec, rowsAct(1, ...rights), rowsAct(0, row(0, 9)))[1]).toEqual(expected);
    expect(said(spec, rowsAct(0, row(0, 9)), rowsAct(1, ...rights))[1]).toEqual(expected);
  });

  it('may be one instant', () => {
    const spec = interval('left', { between: [milliseconds(5), milliseconds(5)] });
    expect(said(spec, rowsAct(0, row(0, 1)), rowsAct(1, row(4, 2), row(5, 3), row(6, 4)), watermarkAct(6))).toEqual([[], ['1+3@5'], []]);
  });

  it.each([
    [milliseconds(1), milliseconds(0), undefined, undefined],
    [milliseconds(1), milliseconds(1), 'exclusive', undefined],
    [milliseconds(1), milliseconds(1), undefined, 'exclusive'],
  ] as const)('that hold no time are refused', (from, to, lower, upper) => {
    const bounds = { between: [from, to] as const, ...(lower === undefined ? {} : { lower }), ...(upper === undefined ? {} : { upper }) };
    expect(() => interval('inner', bounds)).toThrow('JOIN_BOUNDS');
  });

  it('that are no whole numbers are refused', () => {
    expect(() => interval('inner', { between: [milliseconds(0), Number.POSITIVE_INFINITY as never] })).toThrow('JOIN_BOUNDS');
    expect(() => interval('inner', { between: [0.5 as never, milliseconds(1)] })).toThrow('JOIN_BOUNDS');
  });
});

describe('a row that meets none in an interval join', () => {
  it('comes out when the watermark is behind the last moment at which one could come, and not before', () => {
    const inclusive = interval('full', { between: [before(milliseconds(3)), milliseconds(5)] });
    expect(said(inclusive, rowsAct(0, row(10, 1)), watermarkAct(15), watermarkAct(16))).toEqual([[], [], ['1+null@10']]);
    expect(said(inclusive, rowsAct(1, row(10, 1)), watermarkAct(13), watermarkAct(14))).toEqual([[], [], ['null+1@10']]);
    const exclusive = interval('full', { between: [before(milliseconds(3)), milliseconds(5)], lower: 'exclusive', upper: 'exclusive' });
    expect(said(exclusive, rowsAct(0, row(10, 1)), watermarkAct(14), watermarkAct(15))).toEqual([[], [], ['1+null@10']]);
    expect(said(exclusive, rowsAct(1, row(10, 1)), watermarkAct(12), watermarkAct(13))).toEqual([[], [], ['null+1@10']]);
  });

  it('comes out at once when all that it could meet would be late', () => {
    const spec = interval('anti', { between: [before(milliseconds(9)), before(milliseconds(5))] });
    expect(said(spec, watermarkAct(10), rowsAct(0, row(14, 1), row(15, 2)), watermarkAct(11))).toEqual([[], ['1@14'], ['2@15']]);
  });

  it('holds the watermark back while it may come out, and so does a row that `semi` waits for', () => {
    const passed = (kind: JoinKind): readonly number[] => {
      const operator = created(interval(kind, { between: [milliseconds(0), milliseconds(5)] }));
      const out = { emit: () => undefined };
      const watermarks: number[] = [];
      const watermark = (value: number): void => {
        operator.onWatermark?.(value, out);
        watermarks.push(operator.outputWatermark?.() ?? value);
      };
      operator.onBatch(scenarioBatch('left', 0, [row(10), row(12, 0, 'other')], 0), out, 0);
      watermark(13);
      operator.onBatch(scenarioBatch('right', 0, [row(14)], 0), out, 1);
      watermark(14);
      watermark(18);
      return watermarks;
    };
    expect(passed('inner')).toEqual([13, 14, 18]);
    for (const kind of ['left', 'full', 'semi', 'anti'] as const) expect(passed(kind)).toEqual([10, 12, 18]);
    expect(passed('right')).toEqual([13, 14, 18]);
  });
});

describe('an interval join', () => {
  it('gives pairs in the order of time, partition and offset of the rows that are met', () => {
    const spec = interval('inner', { between: [before(milliseconds(9)), milliseconds(9)] });
    const acts: readonly JoinAct[] = [
      { kind: 'rows', input: 1, partition: 1, from: 0, rows: [row(3, 1), row(2, 2)] },
      { kind: 'rows', input: 1, partition: 0, from: 0, rows: [row(3, 3), row(3, 4), row(1, 5)] },
      rowsAct(0, row(0, 9)),
    ];
    expect(said(spec, ...acts)[2]).toEqual(['9+5@1', '9+2@2', '9+3@3', '9+4@3', '9+1@3']);
  });

  it('refuses a row at the moment before the watermark, and takes one at the watermark', () => {
    const [, , late] = runActs(interval('inner', { between: [milliseconds(0), milliseconds(5)] }), [rowsAct(1, row(12, 1)), watermarkAct(10), rowsAct(0, row(9, 2), row(10, 3))]);
    expect(late!['lateLeft']).toHaveLength(1);
    expect(late!['results']).toHaveLength(1);
  });

  it('does not keep more rows than it may', () => {
    const acts = [rowsAct(0, row(1), row(2)), rowsAct(1, row(30))];
    expect(() => runActs(interval('inner', { between: [milliseconds(0), milliseconds(5)] }, 2), acts)).toThrow('JOIN_STATE_LIMIT test/step: The join keeps 2 rows');
    expect(() => runActs(interval('inner', { between: [milliseconds(0), milliseconds(5)] }, 3), acts)).not.toThrow();
    expect(() => interval('inner', { between: [milliseconds(0), milliseconds(5)] }, 0)).toThrow('JOIN_MAX_ROWS');
  });

  it('says of itself what it does', () => {
    expect(interval('left', { between: [before(minutes(1)), minutes(5)], upper: 'exclusive' }).describe()).toEqual({
      kind: 'interval-join',
      detail: 'key = key, left, right - left in [-1m, 5m)',
    });
  });

  it('finds every pair of a partition that is in the wrong order from end to end', () => {
    const spec = interval('inner', { between: [milliseconds(0), milliseconds(0)] });
    const run = new ParallelRun(spec, 1);
    const down = Array.from({ length: 5_000 }, (_, index) => row(5_000 - index, index));
    run.rows(0, scenarioBatch('left', 0, down, 0));
    run.rows(1, scenarioBatch('right', 0, down, 0));
    expect(run.emitted).toHaveLength(5_000);
  });
});

describe('joins of streams', () => {
  const between = { between: [milliseconds(0), milliseconds(5)] as const };
  it.each([
    ['interval', interval('inner', between)],
    ['window', windowJoin({ ...keys, kind: 'inner', window: tumbling(milliseconds(5)), join: () => ({}) })],
  ])('refuse a row that takes another back: %s', (_, spec) => {
    const operator = created(spec);
    const rows = [row(1), row(2)];
    const changed = (change: number) => new RowBatch(rows, { timestamps: Float64Array.of(1, 2), changes: Uint8Array.of(INSERT, change) });
    expect(() => operator.onBatch(changed(DELETE), { emit: () => undefined }, 0)).toThrow('JOIN_CHANGELOG test/step');
    expect(() => operator.onBatch(changed(INSERT), { emit: () => undefined }, 0)).not.toThrow();
  });
});

describe('a window join', () => {
  const windows = (kind: JoinKind, window: ReturnType<typeof tumbling> | ReturnType<typeof session> | CustomAssigner, maxRows?: number) =>
    windowJoin({ ...keys, kind, window, ...(maxRows === undefined ? {} : { maxRows }), join: (...given: readonly unknown[]) => ({ ids: ids(...given.slice(0, -1)) }) });

  it('is made when the watermark reaches the end of the window, once, with the last instant of the window as its time', () => {
    const acts = [rowsAct(0, row(0, 1), row(9, 2)), rowsAct(1, row(9, 3), row(10, 4)), watermarkAct(9), watermarkAct(10), watermarkAct(20)];
    expect(said(windows('full', tumbling(milliseconds(10))), ...acts)).toEqual([[], [], [], ['1+3@9', '2+3@9'], ['null+4@19']]);
  });

  it('takes a row into the windows that have not ended, and gives it to the late output for those that have', () => {
    const out = runActs(windows('inner', hopping(milliseconds(10), milliseconds(5))), [rowsAct(1, row(12, 1)), watermarkAct(10), rowsAct(0, row(7, 2), row(4, 3)), watermarkAct(15)]);
    expect(out[2]!['lateLeft']).toEqual([JSON.stringify(['insert', 7, row(7, 2)]), JSON.stringify(['insert', 4, row(4, 3)])]);
    expect(out[3]!['results']).toEqual([JSON.stringify(['insert', 14, { ids: '2+1' }])]);
  });

  it('in sessions waits until no row can touch the session: rows of both inputs that are exactly the gap apart are in one', () => {
    const acts = [rowsAct(0, row(0, 1)), watermarkAct(5), rowsAct(1, row(5, 2)), watermarkAct(10), watermarkAct(11)];
    expect(said(windows('inner', session(milliseconds(5))), ...acts)).toEqual([[], [], [], [], ['1+2@9']]);
  });

  it('refuses a window without an end, and more rows than it may keep', () => {
    const endless: CustomAssigner = { kind: 'custom', describe: 'for ever', merging: false, assign: (_at, _key, _row, into) => into.add(0, Number.POSITIVE_INFINITY) };
    expect(() => runActs(windows('inner', endless), [rowsAct(0, row(1))])).toThrow('JOIN_WINDOW_ENDLESS test/step');
    // Each row is in two windows.
    const acts = [rowsAct(0, row(1)), rowsAct(1, row(2))];
    expect(() => runActs(windows('inner', hopping(milliseconds(10), milliseconds(5)), 3), acts)).toThrow('JOIN_STATE_LIMIT');
    expect(() => runActs(windows('inner', hopping(milliseconds(10), milliseconds(5)), 4), acts)).not.toThrow();
  });

  it('keeps one right row where `semi` and `anti` ask only whether there is one', () => {
    const acts = [rowsAct(1, row(1, 1), row(2, 2), row(3, 3)), rowsAct(0, row(4, 4)), watermarkAct(10)];
    expect(said(windows('semi', tumbling(milliseconds(10)), 2), ...acts)).toEqual([[], [], ['4@9']]);
    expect(said(windows('anti', tumbling(milliseconds(10)), 2), ...acts)).toEqual([[], [], []]);
  });
});

describe('a regular join', () => {
  const regular = (kind: 'inner' | 'left' | 'right' | 'full', ttl: number) => regularJoin({ ...keys, kind, ttl: milliseconds(ttl), join: (...rows: readonly unknown[]) => ({ ids: ids(...rows) }) });

  it('says a row beside null first, and takes that back when a match comes', () => {
    expect(said(regular('left', 100), rowsAct(0, row(1, 1)), watermarkAct(5), rowsAct(1, row(5, 2)), watermarkAct(6))).toEqual([[], ['1+null@1'], [], ['delete 1+null@5', '1+2@5']]);
  });

  it('meets a row until its time to live is over, to the millisecond', () => {
    expect(said(regular('inner', 10), rowsAct(0, row(0, 1)), rowsAct(1, row(9, 2), row(10, 3)), watermarkAct(20))).toEqual([[], [], ['1+2@9']]);
  });

  it('shows no gap in an update: at one instant what is new comes before what is taken back', () => {
    const run = new ParallelRun(regular('full', 100), 1);
    const push = (input: number, at: number, id: number, change: number): void => {
      run.rows(input, new RowBatch([{ key: 'k', id }], { timestamps: Float64Array.of(at), changes: Uint8Array.of(change) }));
    };
    push(0, 1, 1, INSERT);
    push(1, 2, 7, INSERT);
    push(1, 3, 7, DELETE);
    push(1, 3, 8, INSERT);
    push(0, 4, 5, DELETE); // never was there
    run.watermark(Number.POSITIVE_INFINITY);
    expect(run.emitted.map(({ row: made, change, timestamp }) => `${change} ${(made as { ids: string }).ids}@${timestamp}`)).toEqual([
      'insert 1+null@1',
      'delete 1+null@2',
      'insert 1+7@2',
      'insert 1+8@3',
      'delete 1+7@3',
    ]);
  });

  it('refuses rows that do not live, and more than may wait', () => {
    expect(() => regular('inner', 0)).toThrow('JOIN_TTL');
    const spec = regularJoin({ ...keys, kind: 'inner', ttl: milliseconds(1), maxRows: 1, join: () => ({}) });
    expect(() => runActs(spec, [rowsAct(0, row(1), row(2))])).toThrow('BUFFER_FULL');
  });
});

function created(spec: OperatorSpec): Operator {
  const observer = { counted: () => undefined, late: () => undefined, filtered: () => undefined, rejected: () => undefined, wantsRejections: false };
  return spec.create({ pipeline: 'test', step: 'step', state: createHeapState(), observer });
}
