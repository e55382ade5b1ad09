import type { Batch } from '@weir/model';
import { MAX_TIMESTAMP, MAX_WATERMARK, MIN_WATERMARK, RowBatch, hours, milliseconds, seconds } from '@weir/model';
import { afterWatermark, boundedOutOfOrderness, count, percentile, perfect, predictive, punctuated, tumbling } from '@weir/operators';
import { cases } from '@weir/testkit';
import { pipeline } from '@weir/topology';
import type { EventTimeOptions, TooFarAheadPolicy } from '@weir/topology';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { World } from './fixtures/live-shop.ts';
import { MemoryLog } from './fixtures/memory-log.ts';
import { HOUR, Sale, appendSales, sale, saleCodec } from './fixtures/small-shop.ts';
import { Table, TableSink } from './fixtures/table-sink.ts';
import { EventTimeAssigner } from './event-time.ts';
import { replay } from './replay.ts';
import { Task } from './task.ts';

const Turnover = Sale;
const T0 = Date.UTC(2024, 0, 1);

function shop(options: Partial<EventTimeOptions<Sale>>) {
  return pipeline({ name: 'shop', sources: { sales: Sale }, sinks: { turnover: Turnover, late: Sale } }, ({ sales }, sinks) => {
    const { results, late } = sales
      .withEventTime({ timestamp: 'soldAt', watermark: boundedOutOfOrderness(seconds(0)), ...options })
      .keyBy('shop')
      .window(tumbling(HOUR), { allowedLateness: seconds(0), trigger: afterWatermark(), accumulation: 'accumulating' })
      .aggregate('hours', { sales: count() });
    results.map(({ key, window, value }) => ({ shop: key, cents: value.sales, soldAt: window.start, note: null })).to(sinks.turnover);
    late.to(sinks.late);
  });
}

function batchOf(rows: readonly Sale[], logTimestamp: number): Batch {
  const { length } = rows;
  const origin = { source: 'sales', partition: 0, offsets: Float64Array.from(rows.keys()), logTimestamps: new Float64Array(length).fill(logTimestamp) };
  return new RowBatch(rows, { timestamps: new Float64Array(length).fill(Number.NaN), origin });
}

const positions = ({ rows, length }: Batch): readonly number[] => [...rows.subarray(0, length)];

describe('rows that are too far ahead of the log', () => {
  it('are parted from the others row by row, by policy', () => {
    const at = fc.oneof(fc.integer({ min: -20, max: 20 }), fc.constantFrom(Number.NaN, Number.POSITIVE_INFINITY, MAX_TIMESTAMP, MAX_TIMESTAMP + 1, -MAX_TIMESTAMP - 1));
    fc.assert(
      fc.property(fc.array(at), fc.constantFrom<TooFarAheadPolicy>('reject', 'clamp'), fc.array(fc.nat(30)), (times, whenTooFarAhead, picks) => {
        const whole = batchOf(times.map((time) => sale('a', time)), 3);
        const picked = Int32Array.from(new Set(picks.filter((pick) => pick < times.length).sort((a, b) => a - b)));
        const rows = whole.select(picked, picked.length);
        const eventTime = { timestamp: { field: 'soldAt' }, watermark: perfect(), idleAfter: undefined, whenAllIdle: 'hold', alignment: undefined, maxFuture: milliseconds(4), whenTooFarAhead } as const;
        const assigner = new EventTimeAssigner(eventTime);
        assigner.assign(whole);
        const { batch, timely, insane, tooFarAhead } = assigner.assign(rows);
        const isTime = (position: number): boolean => Math.abs(times[position]!) <= MAX_TIMESTAMP;
        const isAhead = (position: number): boolean => isTime(position) && times[position]! > 7;
        expect(positions(timely)).toEqual([...picked].filter((position) => isTime(position) && !isAhead(position)));
        expect(positions(batch)).toEqual([...picked].filter((position) => isTime(position) && (whenTooFarAhead === 'clamp' || !isAhead(position))));
        expect(insane).toEqual([...picked].filter((position) => !positions(batch).includes(position)));
        expect(tooFarAhead).toBe([...picked].filter(isAhead).length);
      }),
      { numRuns: cases(300) },
    );
  });

  it('are kept by clamp, move no watermark, and are counted through a restart', () => {
    const options = { maxFuture: hours(1), whenTooFarAhead: 'clamp' } as const;
    const open = (restored?: readonly Uint8Array[]): Task =>
      new Task({ topology: shop(options), partitions: { sales: 2 }, outputs: { turnover: { write: () => undefined }, late: { write: () => undefined } }, ...(restored === undefined ? {} : { restored }) });
    let task = open();
    task.onRows('sales', 1, batchOf([sale('a', T0), sale('a', T0 + HOUR), sale('a', T0 + HOUR + 1), sale('a', T0 + 9 * HOUR)], T0));
    expect([task.partitionWatermark('sales', 1), task.tooFarAhead('sales', 0), task.tooFarAhead('sales', 1)]).toEqual([T0 + HOUR, 0, 2]);
    expect(task.books()).toEqual({ records: 4, counted: 4, late: 0, filtered: 0, deadLettered: 0 });
    task = open([task.snapshot()]);
    task.onRows('sales', 1, batchOf([sale('a', T0 + 2 * HOUR)], T0));
    expect([task.tooFarAhead('sales', 0), task.tooFarAhead('sales', 1)]).toEqual([0, 3]);
  });
});

/** Runs a replay over partitions of sales; answers the frontier and how many sales were counted in fired windows. */
async function replayed(partitions: readonly (readonly number[])[], options: Partial<EventTimeOptions<Sale>>, isComplete?: boolean) {
  const log = new MemoryLog();
  void log.ensureTopic('sales', { partitions: partitions.length });
  partitions.forEach((times, partition) => times.forEach((time) => appendSales(log, 'sales', partition, [sale('a', time)])));
  const reader = await log.reader('sales');
  const table = new Table();
  const { frontier } = await replay({
    topology: shop(options),
    sources: { sales: { reader, codec: saleCodec } },
    sinks: { turnover: new TableSink(table), late: new TableSink(new Table()) },
    range: { sales: partitions.map((times) => ({ from: 0, to: times.length })) },
    ...(isComplete === undefined ? {} : { isComplete }),
  });
  const fired = Object.values(table.rows()).map((row) => (JSON.parse(row) as Sale).cents);
  return { frontier, fired: fired.reduce((sum, sales) => sum + sales, 0) };
}

describe('the end of the input', () => {
  const strategies = {
    'bounded out-of-orderness': boundedOutOfOrderness(seconds(30)),
    percentile: percentile({ target: 0.5, ceiling: seconds(90), over: 8 }),
    predictive: predictive({ target: 0.5, ceiling: seconds(90), every: 1 }),
    punctuated: punctuated((each: Sale) => (each.cents === 100 ? each.soldAt - 5 : null)),
  };
  const times = fc.array(fc.array(fc.integer({ min: -100, max: 300 }).map((minutes) => T0 + minutes * 60_000), { maxLength: 8 }), { minLength: 1, maxLength: 3 });

  it.each(Object.entries(strategies))('of a range: %s has the frontier where a live task has its watermark', async (_name, watermark) => {
    await fc.assert(
      fc.asyncProperty(times, async (partitions) => {
        const filled = partitions.filter((each) => each.length > 0);
        const { frontier } = await replayed(partitions, { watermark });
        const task = new Task({ topology: shop({ watermark }), partitions: { sales: Math.max(1, filled.length) }, outputs: { turnover: { write: () => undefined }, late: { write: () => undefined } } });
        filled.forEach((each, partition) => each.forEach((time) => task.onRows('sales', partition, batchOf([sale('a', time)], time))));
        expect(frontier).toBe(task.watermark('sales'));
      }),
      { numRuns: cases(10) },
    );
  });

  it('closes every window of a range that is complete, whatever the strategy', async () => {
    await fc.assert(
      fc.asyncProperty(times, fc.constantFrom(...Object.values(strategies), perfect()), async (partitions, watermark) => {
        const { frontier, fired } = await replayed(partitions, { watermark }, true);
        expect([frontier, fired]).toEqual([MAX_WATERMARK, partitions.flat().length]);
      }),
      { numRuns: cases(10) },
    );
  });

  it('given to a task closes every window, is kept through a restart, and makes what follows late', () => {
    const fired: number[] = [];
    const topology = shop({ watermark: perfect() });
    const outputs = { turnover: { write: (batch: Batch) => void positions(batch).forEach((position) => fired.push((batch.at(position) as Sale).cents)) }, late: { write: () => undefined } };
    const task = new Task({ topology, partitions: { sales: 1 }, outputs });
    task.onRows('sales', 0, batchOf([sale('a', T0), sale('a', T0 + HOUR)], T0));
    expect([task.watermark('sales'), fired]).toEqual([MIN_WATERMARK, []]);
    task.onWatermark('sales', MAX_WATERMARK);
    expect(fired).toEqual([1, 1]);
    const again = new Task({ topology, partitions: { sales: 1 }, outputs, restored: [task.snapshot()] });
    again.onRows('sales', 0, batchOf([sale('a', T0 + 99 * HOUR)], T0 + 99 * HOUR));
    again.onTick(T0);
    expect([again.watermark('sales'), again.books().late, fired]).toEqual([MAX_WATERMARK, 1, [1, 1]]);
  });
});

describe('the end of a partition that a row says itself', () => {
  it('is the end of the input when all partitions have said it', () => {
    const fired: number[] = [];
    const task = new Task({
      topology: shop({ watermark: punctuated((each: Sale) => (each.cents === 0 ? MAX_WATERMARK : null)) }),
      partitions: { sales: 2 },
      outputs: { turnover: { write: (batch) => void positions(batch).forEach((position) => fired.push((batch.at(position) as Sale).cents)) }, late: { write: () => undefined } },
    });
    task.onRows('sales', 0, batchOf([sale('a', T0), sale('a', T0 + HOUR, 0)], T0));
    task.onRows('sales', 1, batchOf([sale('a', T0 + 1)], T0));
    expect([task.watermark('sales'), fired]).toEqual([MIN_WATERMARK, []]);
    task.onRows('sales', 1, batchOf([sale('b', T0 + 5 * HOUR, 0)], T0));
    expect([task.watermark('sales'), fired]).toEqual([MAX_WATERMARK, [2, 1, 1]]);
  });
});

describe('sources of one group', () => {
  const two = pipeline({ name: 'two', sources: { fast: Sale, slow: Sale, apart: Sale }, sinks: { all: Sale } }, (sources, sinks) => {
    const time = { timestamp: 'soldAt', watermark: boundedOutOfOrderness(seconds(0)), idleAfter: seconds(10) } as const;
    sources.fast.withEventTime({ ...time, alignment: { group: 'g', maxDrift: hours(1) } }).to(sinks.all);
    sources.slow.withEventTime({ ...time, alignment: { group: 'g', maxDrift: hours(3) } }).to(sinks.all);
    sources.apart.withEventTime({ ...time, alignment: { group: 'h', maxDrift: hours(1) } }).to(sinks.all);
  });

  it('wait for each other, each within its own drift, and for no other group', () => {
    const open = (restored?: readonly Uint8Array[]): Task =>
      new Task({ topology: two, partitions: { fast: 1, slow: 1, apart: 1 }, outputs: { all: { write: () => undefined } }, ...(restored === undefined ? {} : { restored }) });
    let task = open();
    const ahead = (): readonly boolean[] => ['fast', 'slow', 'apart'].map((source) => task.isAhead(source, 0));
    const see = (source: string, hour: number): void => task.onRows(source, 0, batchOf([sale('a', T0 + hour * HOUR)], T0 + hour * HOUR));
    see('slow', 0);
    see('fast', 1);
    see('apart', -9);
    expect(ahead()).toEqual([false, false, false]);
    see('fast', 2);
    expect(ahead()).toEqual([true, false, false]);
    task = open([task.snapshot()]);
    expect(ahead()).toEqual([true, false, false]);
    see('slow', 5);
    expect(ahead()).toEqual([false, false, false]);
    see('slow', 6);
    expect(ahead()).toEqual([false, true, false]);
    for (const now of [0, 10_000]) task.onTick(now);
    expect([ahead(), task.isIdle('fast', 0), task.isIdle('slow', 0)]).toEqual([[false, false, false], true, false]);
  });
});

describe('a live job with an aligned source', () => {
  const options = { idleAfter: seconds(20), alignment: { group: 'shop', maxDrift: HOUR } } as const;

  it('reads no further than the drift while it waits for a partition that is behind, and goes on when that one is idle', async () => {
    const topology = shop(options);
    const world = new World([topology], 2);
    for (let half = 0; half < 12; half++) appendSales(world.log, 'sales', 0, [sale('a', T0 + (half * HOUR) / 2)]);
    appendSales(world.log, 'sales', 1, [sale('b', T0 + HOUR)]);
    const { job } = await world.attempt({ stepBytes: 1, turnMilliseconds: 0 });
    const drifts: number[] = [];
    let wasPaused = false;
    const timer = setInterval(() => {
      const { partitions, phase } = job.state('shop');
      const [ahead, behind] = partitions;
      if (phase !== 'running') return;
      wasPaused ||= ahead!.isPaused;
      if (!behind!.isIdle && behind!.watermark > MIN_WATERMARK && !ahead!.isIdle) drifts.push(ahead!.watermark - behind!.watermark);
      if (partitions.every(({ position, highWatermark }) => position === highWatermark)) job.stop();
    }, 1);
    await job.run().finally(() => clearInterval(timer));
    expect(job.state('shop').books.records).toBe(13);
    expect(wasPaused).toBe(true);
    // One batch beyond the drift: that which led over it.
    expect(Math.max(...drifts)).toBe(1.5 * HOUR);
  });

  it('does not wait for a partition that never had a record', async () => {
    const topology = shop({ ...options, idleAfter: hours(1_000) });
    const world = new World([topology], 2);
    for (let half = 0; half < 12; half++) appendSales(world.log, 'sales', 0, [sale('a', T0 + (half * HOUR) / 2)]);
    const job = await world.runToEnd({ stepBytes: 1 });
    expect(job.state('shop').books.records).toBe(12);
  });
});
