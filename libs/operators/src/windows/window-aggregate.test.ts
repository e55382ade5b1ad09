import { MAX_WATERMARK, hours, milliseconds, minutes, seconds } from '@weir/model';
import { OperatorRun } from '@weir/testkit';
import type { Firing } from '@weir/testkit';
import { describe, expect, it } from 'vitest';
import { afterWatermark, count, every, hopping, isWindowAggregate, session, sum, tumbling, windowAggregate } from '../index.ts';
import type { WindowAggregateOptions } from '../index.ts';

interface Row {
  readonly at: number;
  readonly key: string;
}

const MINUTE = 60_000;

function runOf(options: Partial<WindowAggregateOptions<Row>> & Pick<WindowAggregateOptions<Row>, 'assigner'>): OperatorRun<Row> {
  return new OperatorRun<Row>(
    windowAggregate<Row>({
      key: { field: 'key' },
      allowedLateness: seconds(0),
      trigger: afterWatermark(),
      accumulation: 'accumulating',
      aggregators: { rows: count() },
      ...options,
    }),
  );
}

const row = (at: number, key = 'a'): Row => ({ at, key });

/** `key start-end rows timing index`, and what is special about it. */
const texts = (firings: readonly Firing[]): readonly string[] =>
  firings.map(
    ({ key, start, end, timing, index, isLast, isDelete, value }) =>
      `${key} ${start}-${end} ${(value as { rows: number }).rows} ${timing} ${index}${isLast ? ' last' : ''}${isDelete ? ' delete' : ''}`,
  );

describe('a tumbling window', () => {
  it('holds its start and not its end, before 1970 too', () => {
    const run = runOf({ assigner: tumbling(minutes(1)) });
    run.push(row(-MINUTE), row(-1), row(0), row(MINUTE - 1), row(MINUTE));
    run.watermark(MAX_WATERMARK);
    expect(texts(run.firings())).toEqual(['a -60000-0 2 on-time 0 last', 'a 0-60000 2 on-time 0 last', 'a 60000-120000 1 on-time 0 last']);
  });

  it('fires when the watermark is at its end, and not a millisecond earlier', () => {
    const run = runOf({ assigner: tumbling(minutes(1)) });
    run.push(row(0));
    run.watermark(MINUTE - 1);
    expect(run.firings()).toEqual([]);
    run.watermark(MINUTE);
    expect(texts(run.firings())).toEqual(['a 0-60000 1 on-time 0 last']);
    run.watermark(MINUTE + 1);
    expect(run.firings()).toEqual([]);
  });

  it('begins at the offset', () => {
    const run = runOf({ assigner: tumbling(minutes(1), { offset: seconds(15) }) });
    run.push(row(14_999), row(15_000));
    run.watermark(MAX_WATERMARK);
    expect(texts(run.firings())).toEqual(['a -45000-15000 1 on-time 0 last', 'a 15000-75000 1 on-time 0 last']);
  });

  it('fires again for late rows until W >= end + lateness, once for each batch, and then refuses them', () => {
    const run = runOf({ assigner: tumbling(minutes(1)), allowedLateness: seconds(10) });
    run.push(row(0));
    run.watermark(MINUTE);
    run.watermark(MINUTE + 9_999);
    run.push(row(1), row(2));
    expect(texts(run.firings())).toEqual(['a 0-60000 1 on-time 0', 'a 0-60000 3 late 1']);
    run.watermark(MINUTE + 10_000);
    run.push(row(59_999));
    expect(run.firings()).toEqual([]);
    expect(run.late()).toEqual([row(59_999)]);
    expect(run.books).toEqual({ counted: 3, late: 1, filtered: 0 });
  });

  it('that nothing came to in time fires for the first time when a late row comes', () => {
    const run = runOf({ assigner: tumbling(minutes(1)), allowedLateness: minutes(5) });
    run.watermark(2 * MINUTE);
    run.push(row(3));
    expect(texts(run.firings())).toEqual(['a 0-60000 1 late 0']);
  });

  it('is last at its only firing when the watermark jumps past the lateness', () => {
    const run = runOf({ assigner: tumbling(minutes(1)), allowedLateness: seconds(10) });
    run.push(row(0), row(MINUTE));
    run.watermark(MINUTE + 10_000);
    run.watermark(MAX_WATERMARK);
    expect(texts(run.firings())).toEqual(['a 0-60000 1 on-time 0 last', 'a 60000-120000 1 on-time 0 last']);
  });

  it('comes in order of end when the watermark jumps, keys in the order in which they came', () => {
    const run = runOf({ assigner: tumbling(minutes(1)) });
    run.push(row(MINUTE, 'b'), row(0, 'c'), row(1, 'a'), row(MINUTE, 'a'));
    run.watermark(MAX_WATERMARK);
    expect(texts(run.firings())).toEqual([
      'c 0-60000 1 on-time 0 last',
      'a 0-60000 1 on-time 0 last',
      'b 60000-120000 1 on-time 0 last',
      'a 60000-120000 1 on-time 0 last',
    ]);
  });

  it('costs nothing for the time in which nothing happens', () => {
    const run = runOf({ assigner: hopping(minutes(1), milliseconds(1)), allowedLateness: hours(1) });
    run.push(row(-8e15));
    run.watermark(-8e15 + 1);
    run.push(row(8e15));
    run.watermark(8e15 + 1);
    expect(run.firings().length).toBe(MINUTE + 1);
  });
});

describe('early firings', () => {
  const early = { assigner: tumbling(minutes(1)), trigger: afterWatermark({ early: every(seconds(10)) }) };

  it('come once in a period, for windows with rows since, and before the window is complete', () => {
    const run = runOf(early);
    run.tick(0);
    run.push(row(1, 'a'), row(2, 'b'));
    run.tick(9_999);
    expect(run.firings()).toEqual([]);
    run.tick(10_000);
    expect(texts(run.firings())).toEqual(['a 0-60000 1 early 0', 'b 0-60000 1 early 0']);
    run.push(row(3, 'b'));
    run.tick(20_000);
    expect(texts(run.firings())).toEqual(['b 0-60000 2 early 1']);
    run.tick(30_000);
    expect(run.firings()).toEqual([]);
    run.watermark(MINUTE);
    expect(texts(run.firings())).toEqual(['a 0-60000 1 on-time 1 last', 'b 0-60000 2 on-time 2 last']);
  });

  it('are none of a window that is complete', () => {
    const run = runOf({ ...early, allowedLateness: minutes(1) });
    run.tick(0);
    run.push(row(1));
    run.watermark(MINUTE);
    run.push(row(2));
    run.firings();
    run.tick(10_000);
    expect(run.firings()).toEqual([]);
  });

  it('leave nothing for the end when they discard and nothing came since', () => {
    const run = runOf({ ...early, accumulation: 'discarding' });
    run.tick(0);
    run.push(row(1), row(2));
    run.tick(10_000);
    run.watermark(MINUTE);
    expect(texts(run.firings())).toEqual(['a 0-60000 2 early 0']);
  });
});

describe('a hopping window', () => {
  it('refuses a row in one window and takes it in the next: it is counted, and late once', () => {
    const run = runOf({ assigner: hopping(minutes(2), minutes(1)) });
    run.watermark(2 * MINUTE);
    run.push(row(MINUTE), row(0), row(2 * MINUTE));
    expect(run.late()).toEqual([row(MINUTE), row(0)]);
    expect(run.books).toEqual({ counted: 2, late: 1, filtered: 0 });
    run.watermark(MAX_WATERMARK);
    expect(texts(run.firings())).toEqual(['a 60000-180000 2 on-time 0 last', 'a 120000-240000 1 on-time 0 last']);
  });

  it('has gaps when it slides by more than its size, and a row in one is filtered', () => {
    const run = runOf({ assigner: hopping(minutes(1), minutes(3)) });
    run.push(row(MINUTE - 1), row(MINUTE), row(3 * MINUTE - 1), row(3 * MINUTE));
    run.watermark(MAX_WATERMARK);
    expect(texts(run.firings())).toEqual(['a 0-60000 1 on-time 0 last', 'a 180000-240000 1 on-time 0 last']);
    expect(run.books).toEqual({ counted: 2, late: 0, filtered: 2 });
    expect(run.late()).toEqual([]);
  });

  it('need not be a multiple of its slide', () => {
    const run = runOf({ assigner: hopping(milliseconds(5), milliseconds(3)) });
    run.push(row(0), row(4), row(6));
    run.watermark(MAX_WATERMARK);
    expect(texts(run.firings())).toEqual(['a -3-2 1 on-time 0 last', 'a 0-5 2 on-time 0 last', 'a 3-8 2 on-time 0 last', 'a 6-11 1 on-time 0 last']);
  });
});

describe('a session', () => {
  const GAP = seconds(10);

  it('holds two rows exactly one gap apart, and no two that are further apart', () => {
    const run = runOf({ assigner: session(GAP) });
    run.push(row(0), row(10_000), row(20_001));
    run.watermark(MAX_WATERMARK);
    expect(texts(run.firings())).toEqual(['a 0-20000 2 on-time 0 last', 'a 20001-30001 1 on-time 0 last']);
  });

  it('is merged with another by a row exactly one gap from both', () => {
    const run = runOf({ assigner: session(GAP) });
    run.push(row(0), row(20_000), row(10_000));
    run.watermark(MAX_WATERMARK);
    expect(texts(run.firings())).toEqual(['a 0-30000 3 on-time 0 last']);
  });

  it('takes a row that would be too late by itself', () => {
    const run = runOf({ assigner: session(GAP) });
    run.push(row(11_000));
    run.watermark(15_000);
    run.push(row(4_000), row(993));
    expect(run.late()).toEqual([]);
    run.watermark(MAX_WATERMARK);
    expect(texts(run.firings())).toEqual(['a 993-21000 3 on-time 0 last']);
  });

  it('that is swallowed after it fired is withdrawn before what swallows it fires', () => {
    const run = runOf({ assigner: session(GAP), allowedLateness: minutes(1) });
    run.push(row(0), row(15_000));
    run.watermark(25_001);
    expect(texts(run.firings())).toEqual(['a 0-10000 1 on-time 0', 'a 15000-25000 1 on-time 0']);
    run.push(row(8_000));
    expect(texts(run.firings())).toEqual(['a 0-10000 1 late 1 last delete', 'a 15000-25000 1 late 1 last delete', 'a 0-25000 3 late 0']);
  });

  it('that goes on after it fired is withdrawn, and fires when it is over', () => {
    const run = runOf({ assigner: session(GAP), allowedLateness: minutes(1) });
    run.push(row(0));
    run.watermark(10_001);
    run.push(row(10_000));
    expect(texts(run.firings())).toEqual(['a 0-10000 1 on-time 0', 'a 0-10000 1 late 1 last delete']);
    run.watermark(20_001);
    expect(texts(run.firings())).toEqual(['a 0-20000 2 on-time 0']);
  });

  it('that does not change its bounds is corrected in place', () => {
    const run = runOf({ assigner: session(GAP), allowedLateness: minutes(1) });
    run.push(row(0), row(10_000));
    run.watermark(20_001);
    run.push(row(5_000));
    expect(texts(run.firings())).toEqual(['a 0-20000 2 on-time 0', 'a 0-20000 3 late 1']);
  });

  it('is not over when the watermark is at its end: a row of exactly that time belongs to it', () => {
    const run = runOf({ assigner: session(GAP) });
    run.push(row(0));
    run.watermark(10_000);
    run.push(row(10_000));
    expect(run.firings()).toEqual([]);
    run.watermark(20_001);
    expect(texts(run.firings())).toEqual(['a 0-20000 2 on-time 0 last']);
  });

  it('is closed for good when W > end + lateness', () => {
    const run = runOf({ assigner: session(GAP), allowedLateness: seconds(5) });
    run.push(row(0));
    run.watermark(15_000);
    run.push(row(0));
    run.watermark(15_001);
    run.push(row(0));
    expect(texts(run.firings())).toEqual(['a 0-10000 1 on-time 0', 'a 0-10000 2 late 1']);
    expect(run.late()).toEqual([row(0)]);
  });
});

describe('the spec of a windowed step', () => {
  const spec = windowAggregate<Row & { readonly cents: number }>({
    key: { field: 'key' },
    assigner: hopping(hours(24), hours(1), { offset: minutes(5) }),
    allowedLateness: minutes(90),
    trigger: afterWatermark({ early: every(seconds(10)) }),
    accumulation: 'discarding',
    aggregators: { rows: count(), cents: sum('cents') },
  });

  it('says all that was chosen, and which fields it reads', () => {
    expect(spec.describe()).toEqual({
      kind: 'window-aggregate',
      detail: 'by key, hopping 1d by 1h offset 5m, lateness 90m, after watermark, early every 10s, discarding, rows=count() cents=sum(cents)',
    });
    expect([spec.outputs, spec.stateful, spec.inputs[0]!.reads]).toEqual([['results', 'late'], true, ['key', 'cents']]);
    expect(isWindowAggregate(spec)).toBe(true);
  });

  it('reads any field when a function does', () => {
    const { assigner, allowedLateness, trigger, accumulation } = spec.window;
    const rest = { assigner, allowedLateness, trigger, accumulation };
    expect(windowAggregate<Row>({ ...rest, key: { of: ({ key }) => key }, aggregators: { rows: count() } }).inputs[0]!.reads).toBeUndefined();
    expect(windowAggregate<Row>({ ...rest, key: { field: 'key' }, aggregators: { ends: sum(({ at }) => at) } }).inputs[0]!.reads).toBeUndefined();
  });

  it('cannot be changed', () => {
    expect([spec, spec.window, spec.window.aggregators, spec.window.assigner, spec.window.trigger].every((value) => Object.isFrozen(value))).toBe(true);
  });

  it('refuses sizes and periods of nothing', () => {
    expect(() => tumbling(seconds(0))).toThrow(/WINDOW_SIZE/);
    expect(() => hopping(seconds(1), seconds(0))).toThrow(/WINDOW_SIZE/);
    expect(() => session(seconds(0))).toThrow(/WINDOW_SIZE/);
    expect(() => every(seconds(0))).toThrow(/TRIGGER_PERIOD/);
  });
});
