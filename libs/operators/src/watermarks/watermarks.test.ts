import { MAX_WATERMARK, MIN_WATERMARK, RowBatch, milliseconds, minutes, seconds } from '@weir/model';
import { ByteReader, ByteWriter } from '@weir/state';
import { cases } from '@weir/testkit';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { WatermarkTracker, boundedOutOfOrderness, monotonous, perfect, punctuated } from '../index.ts';
import type { AllIdlePolicy } from '../index.ts';

const RUNS = { numRuns: cases(300) };

function rowsAt(timestamps: readonly number[]): RowBatch {
  return new RowBatch(timestamps.map((at) => ({ at })), { timestamps: Float64Array.from(timestamps) });
}

function see(tracker: WatermarkTracker, partition: number, ...timestamps: readonly number[]): number {
  return tracker.onBatch(partition, rowsAt(timestamps));
}

function restarted(tracker: WatermarkTracker, into: WatermarkTracker): WatermarkTracker {
  const writer = new ByteWriter();
  tracker.write(writer);
  const reader = new ByteReader(writer.toBytes());
  into.read(reader);
  expect(reader.remaining).toBe(0);
  return into;
}

describe('bounded out-of-orderness', () => {
  const strategy = boundedOutOfOrderness(seconds(5));

  it('stands exactly the delay behind the newest row', () => {
    const generator = strategy.generator();
    expect(generator.current()).toBe(MIN_WATERMARK);
    generator.onBatch(rowsAt([-10_000, -20_000]));
    expect(generator.current()).toBe(-15_000);
  });

  it('sees only the rows that are in the batch', () => {
    const generator = strategy.generator();
    generator.onBatch(rowsAt([90_000, 10_000, 80_000, 99_000]).select(Int32Array.of(1, 2, 3), 2));
    expect(generator.current()).toBe(75_000);
  });

  it('says what it is', () => {
    expect([strategy.describe, boundedOutOfOrderness(minutes(2)).describe]).toEqual(['bounded out-of-orderness 5s', 'bounded out-of-orderness 2m']);
  });
});

describe('the other simple strategies', () => {
  it('monotonous stands at the newest row, whose equals are in time', () => {
    const generator = monotonous().generator();
    generator.onBatch(rowsAt([-5, 7, 7, 3]));
    expect([generator.current(), monotonous().describe]).toEqual([7, 'monotonous']);
  });

  it('perfect says nothing of its own', () => {
    const generator = perfect().generator();
    generator.onBatch(rowsAt([1, 2, 3]));
    expect([generator.current(), perfect().describe]).toEqual([MIN_WATERMARK, 'perfect']);
  });

  it('punctuated stands at the greatest watermark that a row has said, up to the end of the partition', () => {
    const generator = punctuated((row: { readonly at: number }) => (row.at % 10 === 0 ? row.at - 1 : row.at === 999 ? MAX_WATERMARK : null)).generator();
    const after = (...timestamps: readonly number[]): number => {
      generator.onBatch(rowsAt(timestamps));
      return generator.current();
    };
    expect([after(5, 7), after(30, 20), after(29), after(40), after(999), after(50)]).toEqual([MIN_WATERMARK, 29, 29, 39, MAX_WATERMARK, MAX_WATERMARK]);
  });

  it('punctuated refuses what is no time', () => {
    const generator = punctuated(() => Number.NaN).generator();
    expect(() => generator.onBatch(rowsAt([1]))).toThrow('WATERMARK_NOT_A_TIME: A row was asked for its watermark and said NaN.');
  });
});

describe('the watermark of a source', () => {
  const strategy = boundedOutOfOrderness(seconds(0));

  it('is that of the partition that is furthest behind', () => {
    const tracker = new WatermarkTracker(strategy, 2);
    expect(see(tracker, 0, 100)).toBe(MIN_WATERMARK);
    expect(see(tracker, 1, 40)).toBe(40);
    expect(see(tracker, 1, 300)).toBe(100);
    expect([tracker.partitionWatermark(0), tracker.partitionWatermark(1)]).toEqual([100, 300]);
  });

  it('leaves a partition out that was quiet for idleAfter, from the first tick after its last record', () => {
    const tracker = new WatermarkTracker(strategy, 2, { idleAfter: seconds(30) });
    see(tracker, 0, 100);
    see(tracker, 1, 40);
    expect(tracker.onTick(0)).toBe(40);
    see(tracker, 0, 200);
    expect(tracker.onTick(29_999)).toBe(40);
    expect(tracker.isIdle(1)).toBe(false);
    expect(tracker.onTick(30_000)).toBe(200);
    expect([tracker.isIdle(0), tracker.isIdle(1)]).toEqual([false, true]);
  });

  it('takes a partition in again with its first record, and does not go back for it', () => {
    const tracker = new WatermarkTracker(strategy, 2, { idleAfter: seconds(30) });
    see(tracker, 0, 100);
    tracker.onTick(0);
    see(tracker, 0, 150);
    expect(tracker.onTick(30_000)).toBe(150);
    expect(see(tracker, 1, 120)).toBe(150);
    expect(tracker.isIdle(1)).toBe(false);
    expect(see(tracker, 0, 500)).toBe(150);
    expect(see(tracker, 1, 170)).toBe(170);
  });

  it('counts the quiet time anew after a record', () => {
    const tracker = new WatermarkTracker(strategy, 1, { idleAfter: seconds(30) });
    tracker.onTick(0);
    see(tracker, 0, 1);
    tracker.onTick(29_000);
    tracker.onTick(58_999);
    expect(tracker.isIdle(0)).toBe(false);
    tracker.onTick(59_000);
    expect(tracker.isIdle(0)).toBe(true);
  });

  it('holds when all partitions are idle', () => {
    const tracker = new WatermarkTracker(strategy, 2, { idleAfter: seconds(1) });
    see(tracker, 0, 100);
    see(tracker, 1, 40);
    for (const now of [0, 1_000, 2_000]) expect(tracker.onTick(now)).toBe(40);
    expect([tracker.isIdle(0), tracker.isIdle(1)]).toEqual([true, true]);
  });

  it('advances to the partition that is furthest when all are idle, if that is the policy', () => {
    const tracker = new WatermarkTracker(strategy, 2, { idleAfter: seconds(1), whenAllIdle: 'advance' });
    see(tracker, 0, 100);
    see(tracker, 1, 40);
    expect([tracker.onTick(0), tracker.onTick(999)]).toEqual([40, 40]);
    expect(tracker.onTick(1_000)).toBe(100);
    expect(see(tracker, 1, 60)).toBe(100);
    expect(see(tracker, 1, 200)).toBe(200);
  });

  it('takes no silence for idleness while a partition cannot be read, and counts quiet times anew afterwards', () => {
    const tracker = new WatermarkTracker(strategy, 3, { idleAfter: seconds(10) });
    see(tracker, 2, 50_000);
    for (const now of [0, 10_000]) tracker.onTick(now);
    for (const partition of [0, 1]) see(tracker, partition, 60_000);
    tracker.onTick(11_000);
    tracker.onDeafTick();
    const idle = (): readonly boolean[] => [0, 1, 2].map((partition) => tracker.isIdle(partition));
    // What was idle stays so.
    expect(idle()).toEqual([false, false, true]);
    tracker.onTick(40_000);
    tracker.onTick(49_999);
    expect(idle()).toEqual([false, false, true]);
    tracker.onTick(50_000);
    expect(idle()).toEqual([true, true, true]);
  });

  it('does not take the silence of a partition that is not read for idleness', () => {
    const tracker = new WatermarkTracker(strategy, 2, { idleAfter: seconds(10) });
    see(tracker, 0, 100);
    see(tracker, 1, 5_000);
    for (const now of [0, 9_000, 9_999]) tracker.onTick(now, 1_000);
    expect([tracker.onTick(10_000, 1_000), tracker.isIdle(0), tracker.isIdle(1)]).toEqual([5_000, true, false]);
    tracker.onTick(11_000, MAX_WATERMARK);
    tracker.onTick(20_999, MAX_WATERMARK);
    expect(tracker.isIdle(1)).toBe(false);
    tracker.onTick(21_000, MAX_WATERMARK);
    expect(tracker.isIdle(1)).toBe(true);
  });

  it('waits for ever for a quiet partition when nothing says how long', () => {
    const tracker = new WatermarkTracker(strategy, 2);
    see(tracker, 0, 100);
    expect(tracker.onTick(1e15)).toBe(MIN_WATERMARK);
  });

  it('is not held back by an empty batch, nor is a partition kept alive by it', () => {
    const tracker = new WatermarkTracker(strategy, 1, { idleAfter: seconds(1) });
    tracker.onTick(0);
    expect(see(tracker, 0)).toBe(MIN_WATERMARK);
    tracker.onTick(1_000);
    expect(tracker.isIdle(0)).toBe(true);
  });

  it('is restored for a source that has more partitions now', () => {
    const before = new WatermarkTracker(strategy, 1);
    see(before, 0, 100);
    const after = restarted(before, new WatermarkTracker(strategy, 2));
    expect(after.watermark).toBe(100);
    expect(see(after, 1, 50)).toBe(100);
    expect(see(after, 1, 120)).toBe(100);
    expect(see(after, 0, 110)).toBe(110);
  });
});

type Act = { readonly partition: number; readonly timestamps: readonly number[] } | { readonly after: number };

const acts: fc.Arbitrary<readonly Act[]> = fc.array(
  fc.oneof(
    { weight: 3, arbitrary: fc.record({ partition: fc.nat(2), timestamps: fc.array(fc.integer({ min: -50, max: 100 }), { maxLength: 3 }) }) },
    { weight: 2, arbitrary: fc.record({ after: fc.nat(12) }) },
  ),
  { maxLength: 40, size: 'max' },
);

describe('the watermark of a source, over random steps', () => {
  const DELAY = milliseconds(7);
  const IDLE_AFTER = milliseconds(20);
  const open = (whenAllIdle: AllIdlePolicy): WatermarkTracker => new WatermarkTracker(boundedOutOfOrderness(DELAY), 3, { idleAfter: IDLE_AFTER, whenAllIdle });

  it('is what a look through the whole history gives, whatever all-idle policy, and restarts change nothing', () => {
    fc.assert(
      fc.property(acts, fc.array(fc.boolean()), fc.constantFrom<AllIdlePolicy>('hold', 'advance'), (all, restarts, whenAllIdle) => {
        let tracker = open(whenAllIdle);
        let now = 0;
        let watermark = MIN_WATERMARK;
        const history: ({ readonly partition: number; readonly timestamps: readonly number[] } | { readonly now: number })[] = [];
        for (const [index, act] of all.entries()) {
          if (restarts[index] === true) tracker = restarted(tracker, open(whenAllIdle));
          if ('after' in act) {
            now += act.after;
            history.push({ now });
            tracker.onTick(now);
          } else {
            history.push(act);
            see(tracker, act.partition, ...act.timestamps);
          }
          const live = [0, 1, 2].filter((partition) => !isIdle(history, partition));
          const newest = (partition: number): number => Math.max(MIN_WATERMARK, ...history.flatMap((each) => ('now' in each || each.partition !== partition ? [] : each.timestamps))) - DELAY;
          if (live.length > 0) watermark = Math.max(watermark, Math.min(...live.map(newest)));
          else if (whenAllIdle === 'advance') watermark = Math.max(watermark, ...[0, 1, 2].map(newest));
          expect(tracker.watermark).toBe(watermark);
          expect([0, 1, 2].filter((partition) => !tracker.isIdle(partition))).toEqual(live);
        }
      }),
      RUNS,
    );
  });

  /** Idle: some two ticks without a record of the partition between them, nor after, are idleAfter apart. */
  function isIdle(history: readonly ({ readonly partition: number; readonly timestamps: readonly number[] } | { readonly now: number })[], partition: number): boolean {
    const last = history.findLastIndex((each) => 'partition' in each && each.partition === partition && each.timestamps.length > 0);
    const ticks = history.slice(last + 1).flatMap((each) => ('now' in each ? [each.now] : []));
    return ticks.length > 1 && ticks.at(-1)! - ticks[0]! >= IDLE_AFTER;
  }
});
