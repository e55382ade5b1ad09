import { MAX_WATERMARK, MIN_WATERMARK, RowBatch, milliseconds } from '@weir/model';
import { cases } from '@weir/testkit';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { WatermarkTracker, alignmentLimit, boundedOutOfOrderness } from '../index.ts';

const IDLE_AFTER = milliseconds(30);
const DELAY = milliseconds(5);
const open = (partitions: number): WatermarkTracker => new WatermarkTracker(boundedOutOfOrderness(DELAY), partitions, { idleAfter: IDLE_AFTER });

function see(tracker: WatermarkTracker, partition: number, timestamp: number): void {
  tracker.onBatch(partition, new RowBatch([{}], { timestamps: Float64Array.of(timestamp) }));
}

describe('the limit of a group', () => {
  it('is the least watermark of its live partitions and the drift', () => {
    const [left, right] = [open(2), open(1)];
    expect(alignmentLimit([left, right], milliseconds(100))).toBe(MAX_WATERMARK);
    see(left, 0, 1_005);
    see(right, 0, 505);
    expect(alignmentLimit([left, right], milliseconds(100))).toBe(600);
    for (const now of [0, 30]) {
      see(left, 0, 1_005);
      right.onTick(now);
    }
    expect([right.isIdle(0), alignmentLimit([left, right], milliseconds(100))]).toEqual([true, 1_100]);
  });

  it('holds nobody back for a partition that has no watermark yet', () => {
    const tracker = open(2);
    see(tracker, 0, 1_005);
    expect([tracker.watermark, alignmentLimit([tracker], milliseconds(0))]).toEqual([MIN_WATERMARK, 1_000]);
  });

  it('is what a look at all partitions gives', () => {
    fc.assert(
      fc.property(fc.array(fc.array(fc.record({ newest: fc.option(fc.integer({ min: -50, max: 50 })), isIdle: fc.boolean() }), { minLength: 1, maxLength: 4 }), { minLength: 1, maxLength: 3 }), fc.nat(20), (group, drift) => {
        const trackers = group.map((partitions) => {
          const tracker = open(partitions.length);
          partitions.forEach(({ newest }, partition) => newest !== null && see(tracker, partition, newest));
          tracker.onTick(0);
          partitions.forEach(({ newest, isIdle }, partition) => newest !== null && !isIdle && see(tracker, partition, newest));
          tracker.onTick(IDLE_AFTER);
          return tracker;
        });
        const live = group.flat().flatMap(({ newest, isIdle }) => (newest === null || isIdle ? [] : [newest - DELAY]));
        expect(alignmentLimit(trackers, milliseconds(drift))).toBe(Math.min(...live) + drift);
      }),
      { numRuns: cases(300) },
    );
  });
});

describe('reading what is not ahead', () => {
  /** Logs of two sources with partitions that are far apart, silent, or empty. */
  const logs = fc.array(fc.array(fc.array(fc.integer({ min: 0, max: 400 }), { maxLength: 12 }), { minLength: 1, maxLength: 3 }), { minLength: 1, maxLength: 2 });

  it('reads everything in the end, and never lets a partition run ahead of a live one that has more to read', () => {
    fc.assert(
      fc.property(logs, fc.nat(60), fc.infiniteStream(fc.nat(20)), (sources, drift, choices) => {
        const trackers = sources.map((partitions) => open(partitions.length));
        const inputs = sources.flatMap((partitions, source) => partitions.map((log, partition) => ({ source, partition, log, next: 0 })));
        const watermarkOf = ({ source, partition }: (typeof inputs)[number]): number => trackers[source]!.partitionWatermark(partition);
        let now = 0;
        for (let turns = 0; inputs.some(({ log, next }) => next < log.length); turns++) {
          expect(turns).toBeLessThan(2_000);
          const limit = alignmentLimit(trackers, milliseconds(drift));
          const readable = inputs.filter((input) => input.next < input.log.length && watermarkOf(input) <= limit);
          const chosen = readable[choices.next().value! % Math.max(1, readable.length)];
          if (chosen === undefined) {
            now += 10;
            for (const tracker of trackers) tracker.onTick(now, limit);
            continue;
          }
          for (const other of inputs) {
            const isWaitedFor = !trackers[other.source]!.isIdle(other.partition) && watermarkOf(other) !== MIN_WATERMARK;
            if (isWaitedFor) expect(watermarkOf(chosen)).toBeLessThanOrEqual(watermarkOf(other) + drift);
          }
          see(trackers[chosen.source]!, chosen.partition, chosen.log[chosen.next++]!);
        }
      }),
      { numRuns: cases(200) },
    );
  });

  it('never takes a partition for idle that is kept from reading', () => {
    fc.assert(
      fc.property(logs, fc.nat(60), fc.array(fc.nat(50), { maxLength: 20 }), (sources, drift, steps) => {
        const trackers = sources.map((partitions) => open(partitions.length));
        sources.forEach((partitions, source) => partitions.forEach((log, partition) => log.slice(0, 1).forEach((timestamp) => see(trackers[source]!, partition, timestamp))));
        let now = 0;
        for (const step of steps) {
          now += step;
          const limit = alignmentLimit(trackers, milliseconds(drift));
          const before = trackers.map((tracker, source) => sources[source]!.map((_, partition) => tracker.isIdle(partition)));
          for (const tracker of trackers) tracker.onTick(now, limit);
          trackers.forEach((tracker, source) =>
            sources[source]!.forEach((_, partition) => {
              if (tracker.partitionWatermark(partition) > limit) expect(tracker.isIdle(partition)).toBe(before[source]![partition]);
            }),
          );
        }
      }),
      { numRuns: cases(200) },
    );
  });
});
