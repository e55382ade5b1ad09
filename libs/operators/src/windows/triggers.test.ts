import { milliseconds, seconds } from '@weir/model';
import { cases } from '@weir/testkit';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CONTINUE, FIRE, FIRE_AND_PURGE, PURGE, afterCount, afterDelay, afterWatermark, and, count, delta, dynamicSession, every, everyEventTime, global, inSequence, never, or, purging, repeat, sum, tumbling, windowAggregate } from '../index.ts';
import type { Accumulation, CustomAssigner, CustomTrigger, Trigger, WindowAssigner } from '../index.ts';
import type { Said } from './fixtures/naive-windows.ts';
import type { TestRow } from './fixtures/trigger-plans.ts';
import { WindowRun } from './fixtures/window-run.ts';

interface Chosen {
  readonly trigger: Trigger<TestRow>;
  readonly assigner?: WindowAssigner<TestRow>;
  readonly accumulation?: Accumulation;
  readonly lateness?: number;
}

function runOf({ trigger, assigner = global(), accumulation = 'discarding', lateness = 0 }: Chosen): WindowRun {
  return new WindowRun(
    windowAggregate<TestRow>({ key: { field: 'key' }, assigner, allowedLateness: milliseconds(lateness), trigger, accumulation, aggregators: { rows: count(), amount: sum('amount') } }),
  );
}

const row = (at: number, amount = 1, gap = 5): TestRow => ({ at, key: 'a', amount, gap, id: 0 });
const amounts = fc.array(fc.integer({ min: -9, max: 9 }), { maxLength: 40 });
const rowsOf = (said: readonly Said[]): readonly number[] => said.map(({ value }) => (value as { rows: number }).rows);
const text = (said: readonly Said[]): readonly string[] =>
  said.map(({ change, start, end, timing, index, isLast, value }) => `${change} ${start}-${end} ${(value as { amount: number }).amount} ${timing} ${index}${isLast ? ' last' : ''}`);

describe('each trigger by itself', () => {
  it('afterCount, repeated, cuts the rows into slices, and the rest comes out at the end', () => {
    fc.assert(
      fc.property(amounts, fc.integer({ min: 1, max: 6 }), (drawn, n) => {
        const run = runOf({ trigger: repeat(afterCount(n)) });
        run.push(drawn.map((amount, at) => row(at, amount)));
        const slices = Array.from({ length: Math.floor(drawn.length / n) }, (_, slice) => drawn.slice(slice * n, slice * n + n));
        expect(run.said().map(({ value }) => value)).toEqual(slices.map((slice) => ({ rows: n, amount: slice.reduce((a, b) => a + b, 0) })));
        run.watermark(Infinity);
        expect(rowsOf(run.said())).toEqual(drawn.length % n === 0 ? [] : [drawn.length % n]);
      }),
      { numRuns: cases(200) },
    );
  });

  it('afterCount fires once', () => {
    const run = runOf({ trigger: afterCount(2) });
    run.push([row(1), row(2), row(3), row(4), row(5)]);
    expect(rowsOf(run.said())).toEqual([2]);
    run.watermark(Infinity);
    expect(rowsOf(run.said())).toEqual([3]);
  });

  it('delta fires with each value that is further from the last one it fired with, or from the first', () => {
    fc.assert(
      fc.property(amounts, fc.integer({ min: 0, max: 6 }), (drawn, by) => {
        const run = runOf({ trigger: delta<TestRow>('amount', by), accumulation: 'accumulating' });
        run.push(drawn.map((amount, at) => row(at, amount)));
        let base = drawn[0];
        const fired = drawn.flatMap((amount, index) => {
          if (!(Math.abs(amount - base!) > by)) return [];
          base = amount;
          return [index + 1];
        });
        expect(rowsOf(run.said())).toEqual(fired);
      }),
      { numRuns: cases(200) },
    );
  });

  it('everyEventTime fires when the watermark passes a multiple of the period behind a row, before 1970 too', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.integer({ min: -50, max: 50 }), { maxLength: 20 }), fc.integer({ min: 1, max: 12 }), (times, period) => {
        const run = runOf({ trigger: everyEventTime(milliseconds(period)) });
        const sorted = times.toSorted((a, b) => a - b);
        const fired: [number, number][] = [];
        for (const [index, at] of sorted.entries()) {
          run.push([row(at)]);
          run.watermark((sorted[index + 1] ?? 1_000) + 0);
          const said = run.said();
          if (said.length > 0) fired.push([at, rowsOf(said)[0]!]);
        }
        // A row fires with all before it, when the next row is in another period.
        const ends = sorted.filter((at, index) => Math.floor(at / period) !== Math.floor((sorted[index + 1] ?? Infinity) / period));
        expect(fired).toEqual(ends.map((at) => [at, sorted.filter((each) => Math.floor(each / period) === Math.floor(at / period)).length]));
      }),
      { numRuns: cases(200) },
    );
  });

  it('afterDelay fires with the first tick that is the delay behind that of the first row', () => {
    fc.assert(
      fc.property(fc.array(fc.record({ tick: fc.integer({ min: 0, max: 5 }), rows: fc.integer({ min: 0, max: 2 }) }), { maxLength: 30 }), fc.integer({ min: 1, max: 9 }), (drawn, delay) => {
        const run = runOf({ trigger: repeat(afterDelay(milliseconds(delay))) });
        let now = 100;
        let waiting = 0;
        let due = Infinity;
        run.tick(now);
        for (const { tick, rows } of drawn) {
          now += tick;
          run.tick(now);
          expect(rowsOf(run.said())).toEqual(now >= due ? [waiting] : []);
          if (now >= due) [waiting, due] = [0, Infinity];
          if (rows > 0 && waiting === 0) due = now + delay;
          waiting += rows;
          run.push(Array.from({ length: rows }, () => row(1)));
        }
      }),
      { numRuns: cases(200) },
    );
  });

  it('every fires at the first tick of a period with new rows; the periods of all windows begin with the first tick', () => {
    const run = runOf({ trigger: every(milliseconds(10)) });
    run.push([row(1)]);
    run.tick(1_003);
    expect(run.said()).toEqual([]);
    run.tick(1_012);
    expect(run.said()).toEqual([]);
    run.tick(1_013);
    expect(rowsOf(run.said())).toEqual([1]);
    run.push([row(2), row(3)]);
    run.tick(1_022);
    run.tick(1_100);
    expect(rowsOf(run.said())).toEqual([2]);
    run.tick(1_200);
    expect(run.said()).toEqual([]);
  });

  it('never lets the rows come out when the window expires, and not before', () => {
    const run = runOf({ trigger: never(), assigner: tumbling(milliseconds(10)), lateness: 5 });
    run.push([row(1), row(2)]);
    run.watermark(14);
    run.push([row(3)]);
    expect(run.said()).toEqual([]);
    run.watermark(15);
    expect(text(run.said())).toEqual(['insert 0-10 3 on-time 0 last']);
  });

  it('with a late part after so many rows, fires on time, with that many, and at last with the rest', () => {
    const run = runOf({ trigger: afterWatermark({ late: afterCount(2) }), assigner: tumbling(milliseconds(10)), lateness: 5, accumulation: 'accumulating' });
    run.push([row(1)]);
    run.watermark(10);
    for (const at of [2, 3, 4]) run.push([row(at)]);
    run.watermark(15);
    expect(text(run.said())).toEqual(['insert 0-10 1 on-time 0', 'insert 0-10 3 late 1', 'insert 0-10 4 late 2 last']);
  });
});

describe('combined triggers', () => {
  it('as a table of the rows with which they fire', () => {
    const three = afterCount<TestRow>(3);
    const two = afterCount<TestRow>(2);
    const firedWith = (trigger: Trigger<TestRow>): readonly number[] => {
      const run = runOf({ trigger, accumulation: 'accumulating' });
      run.push(Array.from({ length: 9 }, (_, at) => row(at)));
      return rowsOf(run.said());
    };
    expect(firedWith(or(two, three))).toEqual([2]);
    expect(firedWith(and(two, three))).toEqual([3]);
    expect(firedWith(inSequence(two, three))).toEqual([2, 5]);
    expect(firedWith(repeat(or(two, three)))).toEqual([2, 4, 6, 8]);
    expect(firedWith(or(repeat(two), repeat(three)))).toEqual([2, 3, 4, 6, 8, 9]);
    expect(firedWith(repeat(and(two, three)))).toEqual([3, 6, 9]);
    expect(firedWith(repeat(inSequence(two, three)))).toEqual([2, 5, 7]);
    expect(firedWith(inSequence(two, repeat(three)))).toEqual([2, 5, 8]);
    // One that has fired and waits for the other does not count the rows meanwhile.
    expect(firedWith(and(repeat(inSequence(afterCount(1), afterCount(5))), repeat(two)))).toEqual([2, 7, 9]);
  });

  it('a purge empties the window and leaves the trigger alone', () => {
    const run = runOf({ trigger: or(purging(repeat(afterCount(2))), repeat(afterCount(3))), accumulation: 'accumulating' });
    run.push(Array.from({ length: 6 }, (_, at) => row(at)));
    // With the third row the other trigger fires: of three rows it has seen, one is left. With the sixth both fire, once.
    expect(rowsOf(run.said())).toEqual([2, 1, 2, 2]);
    run.watermark(Infinity);
    expect(run.said()).toEqual([]);
  });
});

describe('a trigger of the user', () => {
  /** Fires with each row that is above `limit`, and drops a window of three low rows in a row. */
  const above = (limit: number): CustomTrigger<TestRow> => ({
    kind: 'custom',
    describe: `above ${limit}`,
    cells: 1,
    reads: ['amount'],
    onRow: (window, { amount }) => {
      const low = amount > limit ? 0 : window.get(0) + 1;
      window.set(0, low);
      if (amount > limit) return FIRE;
      return low === 3 ? PURGE : CONTINUE;
    },
    onMerge: (window, from) => window.set(0, Math.max(window.get(0), from.get(0))),
  });

  it('keeps its numbers for each window of each key, through checkpoints', () => {
    let run = runOf({ trigger: above(5), accumulation: 'accumulating' });
    run.push([row(1, 1), row(2, 9), row(3, 2)]);
    expect(rowsOf(run.said())).toEqual([2]);
    run = new WindowRun(windowAggregate<TestRow>({ key: { field: 'key' }, assigner: global(), allowedLateness: seconds(0), trigger: above(5), accumulation: 'accumulating', aggregators: { rows: count(), amount: sum('amount') } }), { restored: [run.snapshot()] });
    run.push([row(4, 3), row(5, 4), row(6, 7)]);
    expect(rowsOf(run.said())).toEqual([1]);
  });

  it('takes over what it kept for sessions that merge', () => {
    const run = runOf({ trigger: above(5), assigner: dynamicSession<TestRow>('gap'), accumulation: 'accumulating' });
    run.push([row(0, 1), row(10, 1), row(11, 1), row(5, 1)]);
    run.push([row(6, 9)]);
    // The two low rows from 10 on and the one between make three: the content was dropped.
    expect(text(run.said())).toEqual(['insert 0-16 9 early 0']);
  });

  it('is told of timers, which ring once, in order, after the batch when they are due', () => {
    const rung: string[] = [];
    const trigger: CustomTrigger<TestRow> = {
      kind: 'custom',
      describe: 'alarms',
      cells: 0,
      reads: [],
      onStart: (window) => {
        window.setEventTimer(20);
        window.setProcessingTimer(Number.NEGATIVE_INFINITY);
      },
      onRow: (window) => {
        if (window.timestamp === 7) window.setEventTimer(window.watermark);
        return CONTINUE;
      },
      onEventTime: (window, time) => {
        rung.push(`${window.key} event ${time} at ${window.watermark}`);
        if (time < 22) window.setEventTimer(time + 1);
        return time === 22 ? FIRE_AND_PURGE : CONTINUE;
      },
      onProcessingTime: (window, time) => {
        rung.push(`${window.key} clock ${time} at ${window.now}`);
        return CONTINUE;
      },
      onMerge: () => {},
    };
    const run = runOf({ trigger });
    run.push([row(1)]);
    run.watermark(5);
    run.tick(100);
    run.tick(101);
    run.push([row(7)]);
    run.watermark(30);
    expect(rung).toEqual(['a clock -Infinity at 100', 'a event 5 at 5', 'a event 6 at 30', ...Array.from({ length: 16 }, (_, i) => `a event ${7 + i} at 30`)]);
    expect(rowsOf(run.said())).toEqual([2]);
  });

  it('is told what it did wrong', () => {
    const wrong = (part: Partial<CustomTrigger<TestRow>>): WindowRun => {
      const run = runOf({ trigger: { kind: 'custom', describe: 'wrong', cells: 1, onRow: () => CONTINUE, onMerge: () => {}, ...part } });
      run.push([row(1)]);
      run.watermark(10);
      run.push([row(11)]);
      return run;
    };
    expect(() => wrong({ onRow: (window) => (window.get(1) === 0 ? CONTINUE : FIRE) })).toThrow(/TRIGGER_CELL/);
    expect(() => wrong({ onStart: (window) => window.set(-1, 0) })).toThrow(/TRIGGER_CELL/);
    expect(() => wrong({ onStart: (window) => window.setProcessingTimer(window.now + 1) })).toThrow(/TRIGGER_TIMER/);
    const again = (window: { setEventTimer(time: number): void }, time: number): typeof CONTINUE => {
      window.setEventTimer(time);
      return CONTINUE;
    };
    expect(() => wrong({ onStart: (window) => window.setEventTimer(3), onEventTime: again })).toThrow(/TRIGGER_TIMER/);
  });
});

describe('what cannot be', () => {
  it('is refused where the trigger is made', () => {
    expect(() => afterCount(0)).toThrow(/TRIGGER_COUNT/);
    expect(() => afterCount(1.5)).toThrow(/TRIGGER_COUNT/);
    expect(() => afterDelay(seconds(0))).toThrow(/TRIGGER_PERIOD/);
    expect(() => everyEventTime(seconds(0))).toThrow(/TRIGGER_PERIOD/);
    expect(() => delta<TestRow>('amount', Number.NaN)).toThrow(/TRIGGER_DELTA/);
    expect(() => delta<TestRow>('amount', -1)).toThrow(/TRIGGER_DELTA/);
    expect(() => or()).toThrow(/TRIGGER_EMPTY/);
    expect(() => inSequence()).toThrow(/TRIGGER_EMPTY/);
  });

  it('is refused where a row is assigned', () => {
    const giving = (merging: boolean, ...windows: readonly (readonly [number, number])[]): CustomAssigner<TestRow> => ({
      kind: 'custom',
      describe: 'given',
      merging,
      assign: (_at, _key, _row, into) => windows.forEach(([start, end]) => into.add(start, end)),
    });
    for (const window of [[5, 5], [6, 5], [0, 3], [0, Number.NaN], [Number.NaN, 9]] as const) {
      expect(() => runOf({ trigger: never(), assigner: giving(false, window) }).push([row(3)])).toThrow(/WINDOW_ASSIGNED/);
    }
    expect(() => runOf({ trigger: never(), assigner: giving(true, [3, 4], [9, 10]) }).push([row(3)])).toThrow(/WINDOW_ASSIGNED/);
    expect(() => runOf({ trigger: never(), assigner: dynamicSession<TestRow>('gap') }).push([row(3, 1, 0)])).toThrow(/WINDOW_SIZE/);
  });
});

describe('a description', () => {
  it('says how triggers are put together', () => {
    expect(repeat(or(afterCount(5), inSequence(afterDelay(seconds(1)), never()))).describe).toBe('repeatedly after 5 rows or (1s after the first row then never)');
    expect(afterWatermark({ early: every(seconds(10)), late: afterCount(3) }).describe).toBe('after watermark, early every 10s, late after 3 rows');
    expect(purging(and(delta<TestRow>('amount', 2), everyEventTime(seconds(5)))).describe).toBe('purging when amount changes by more than 2 and every 5s of event time');
  });

  it('says what is read, as far as anybody knows', () => {
    const reads = (trigger: Trigger<TestRow>, assigner: WindowAssigner<TestRow> = global()): readonly string[] | undefined =>
      windowAggregate<TestRow>({ key: { field: 'key' }, assigner, allowedLateness: seconds(0), trigger, accumulation: 'discarding', aggregators: { rows: count() } }).inputs[0]!.reads;
    expect(reads(or(never(), delta<TestRow>('amount', 1)))).toEqual(['key', 'amount']);
    expect(reads(afterWatermark({ early: delta<TestRow>('amount', 1) }), dynamicSession<TestRow>('gap'))).toEqual(['key', 'gap', 'amount']);
    expect(reads(or(never(), delta<TestRow>(({ amount }) => amount, 1)))).toBeUndefined();
    expect(reads(never(), dynamicSession<TestRow>(() => seconds(1)))).toBeUndefined();
  });
});
