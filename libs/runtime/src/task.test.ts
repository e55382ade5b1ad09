import type { Decoded, Rejection } from '@weir/connector-api';
import { MAX_TIMESTAMP, RowBatch, days, seconds } from '@weir/model';
import type { Batch } from '@weir/model';
import { afterWatermark, boundedOutOfOrderness, count, tumbling } from '@weir/operators';
import { RecordBatchBuilder } from '@weir/record-batch';
import { pipeline } from '@weir/topology';
import type { Topology } from '@weir/topology';
import { describe, expect, it } from 'vitest';
import { HOUR, Sale, hourly, sale, saleCodec, sliding } from './fixtures/small-shop.ts';
import { Task } from './task.ts';
import type { TaskOptions } from './task.ts';

const T0 = Date.UTC(2024, 0, 1);
const DAY = days(1);

/** A source whose time is what `time` makes of a sale, straight to a sink. */
function timedBy(time: (sale: Sale) => number): Topology {
  return pipeline({ name: 'timed', sources: { sales: Sale }, sinks: { out: Sale } }, ({ sales }, sinks) => {
    sales.withEventTime({ timestamp: time, watermark: boundedOutOfOrderness(seconds(0)), maxFuture: DAY }).to(sinks.out);
  });
}

/** Decodes records with these values and log time T0, as offsets 0, 1, … of partition 0. */
function decoded(values: readonly (object | string)[]): { readonly decoded: Decoded; readonly bytes: Uint8Array } {
  const builder = new RecordBatchBuilder();
  values.forEach((value, i) => builder.append(T0, Buffer.from(`key ${i}`), Buffer.from(typeof value === 'string' ? value : JSON.stringify(value))));
  const bytes = builder.build();
  return { decoded: saleCodec.decoder().decode(bytes, 'sales', 0, 0, values.length), bytes };
}

interface Run {
  readonly task: Task;
  readonly rows: readonly unknown[];
  readonly rejections: readonly Rejection[];
}

function run(topology: Topology, values: readonly (object | string)[], options: Partial<TaskOptions> = {}): Run {
  const rows: unknown[] = [];
  const rejections: Rejection[] = [];
  const output = { write: (batch: Batch) => batch.rows.subarray(0, batch.length).forEach((position) => rows.push({ ...(batch.at(position) as object) })) };
  const task = new Task({
    topology,
    partitions: { sales: 1 },
    outputs: Object.fromEntries(Object.keys(topology.sinks).map((sink) => [sink, output])),
    onRejections: (_source, _partition, some) => void rejections.push(...some),
    ...options,
  });
  if (values.length > 0) {
    const { decoded: records, bytes } = decoded(values);
    task.decoded('sales', 0, values.length, records, bytes);
  }
  return { task, rows, rejections };
}

describe('event time', () => {
  it('that is no time, or further ahead of the log than allowed, is rejected with the record as it was', () => {
    const times = [T0, Number.NaN, T0 + DAY, T0 + DAY + 1, Number.POSITIVE_INFINITY, -MAX_TIMESTAMP, -MAX_TIMESTAMP - 1, -1];
    const sales = times.map((_, i) => sale('north', T0, i));
    const { rows, rejections, task } = run(timedBy(({ cents }) => times[cents]!), sales);
    expect(rows.map((row) => (row as Sale).cents)).toEqual([0, 2, 5, 7]);
    expect(rejections.map(({ offset, code, key, value, logTimestamp }) => [offset, code, String(key), String(value), logTimestamp])).toEqual(
      [1, 3, 4, 6].map((i) => [i, 'TIMESTAMP_INSANE', String(new Uint8Array(Buffer.from(`key ${i}`))), String(new Uint8Array(Buffer.from(JSON.stringify(sales[i])))), T0]),
    );
    expect(task.books()).toEqual({ records: 8, counted: 4, late: 0, filtered: 0, deadLettered: 4 });
  });

  it('beyond what a date can hold is rejected however far the log is', () => {
    const { rejections } = run(timedBy(() => MAX_TIMESTAMP + 1), [sale('north', T0)], {});
    expect(rejections).toHaveLength(1);
  });

  it('moves the watermark by accepted rows alone', () => {
    const { task } = run(timedBy(({ soldAt }) => soldAt), [sale('north', T0), sale('north', T0 + 2 * DAY)]);
    expect(task.watermark('sales')).toBe(T0);
  });
});

describe('rejected records', () => {
  it('are told of in the order of the log, whatever was wrong with them', () => {
    const { rejections } = run(hourly, [sale('north', T0 + 9 * DAY), '{', sale('north', T0), sale('south', T0 + 9 * DAY), '[]', '']);
    expect(rejections.map(({ offset, code }) => `${offset} ${code}`)).toEqual(['0 TIMESTAMP_INSANE', '1 JSON_SYNTAX', '3 TIMESTAMP_INSANE', '4 JSON_NOT_OBJECT', '5 JSON_SYNTAX']);
  });
});

describe('the books', () => {
  it('of a windowed pipeline know where every record went', () => {
    const { task } = run(hourly, [sale('north', T0), sale('north', T0, 0), '{', sale('north', T0 + 9 * DAY)]);
    task.onWatermark('sales', T0 + 9 * HOUR);
    const { decoded: more, bytes } = decoded([sale('north', T0), sale('north', T0 + 10 * HOUR)]);
    task.decoded('sales', 0, 6, more, bytes);
    expect(task.books()).toEqual({ records: 6, counted: 2, late: 1, filtered: 1, deadLettered: 2 });
    expect(task.position('sales', 0)).toBe(6);
  });

  it('count a record once where paths fork', () => {
    const forked = pipeline({ name: 'forked', sources: { sales: Sale }, sinks: { all: Sale, dear: Sale } }, ({ sales }, sinks) => {
      const timed = sales.withEventTime({ timestamp: 'soldAt', watermark: boundedOutOfOrderness(seconds(0)) });
      timed.filter((each) => each.cents > 50).to(sinks.dear);
      timed.to(sinks.all);
      const { results, late } = timed.keyBy('shop').window(tumbling(HOUR), { allowedLateness: seconds(0), trigger: afterWatermark(), accumulation: 'accumulating' }).aggregate('hours', { sales: count() });
      results.discard('not looked at');
      late.discard('not looked at');
    });
    const { task, rows } = run(forked, [sale('north', T0, 100), sale('north', T0, 1)]);
    expect(rows).toHaveLength(3);
    expect(task.books()).toEqual({ records: 2, counted: 1, late: 0, filtered: 1, deadLettered: 0 });
    task.snapshot();
  });

  it('count what is discarded on purpose as filtered', () => {
    const dropped = pipeline({ name: 'dropped', sources: { sales: Sale }, sinks: {} }, ({ sales }) => {
      sales.withEventTime({ timestamp: 'soldAt', watermark: boundedOutOfOrderness(seconds(0)) }).discard('nobody asked');
    });
    expect(run(dropped, [sale('north', T0)]).task.books()).toMatchObject({ records: 1, filtered: 1 });
  });

  it('are part of the snapshot, with positions and watermarks', () => {
    const { task } = run(hourly, [sale('north', T0), '{', sale('south', T0 + HOUR)]);
    const { task: again } = run(hourly, [], { restored: [task.snapshot()] });
    expect(again.books()).toEqual(task.books());
    expect(again.watermark('sales')).toBe(task.watermark('sales'));
    expect(again.partitionWatermark('sales', 0)).toBe(task.partitionWatermark('sales', 0));
  });
});

describe('a task', () => {
  it('refuses a sink that is bound to nothing', () => {
    expect(() => run(hourly, [], { outputs: {} })).toThrow(expect.objectContaining({ code: 'SINK_UNBOUND' }));
  });

  it('with given watermarks makes none of its own', () => {
    const { task } = run(hourly, [sale('north', T0)], { watermarks: 'given' });
    task.onTick(T0);
    expect(task.watermark('sales')).toBe(Number.NEGATIVE_INFINITY);
    task.onWatermark('sales', T0 + HOUR);
    task.onWatermark('sales', T0);
    expect(task.watermark('sales')).toBe(T0 + HOUR);
  });

  it('takes rows without bytes, as a test has them', () => {
    const { task, rejections, rows } = run(timedBy(({ soldAt }) => soldAt), []);
    task.onRows('sales', 0, new RowBatch([sale('north', T0), sale('north', Number.NaN)], { timestamps: new Float64Array(2) }));
    expect(rows).toHaveLength(1);
    expect(rejections).toMatchObject([{ offset: 1, code: 'TIMESTAMP_INSANE', value: null }]);
    task.assertBalance();
  });
});

describe('what windows refuse', () => {
  it('is counted by step, once for each window, and is in checkpoints', () => {
    const { task } = run(sliding, [sale('north', T0 + 10 * HOUR)]);
    expect([...task.refusals()]).toEqual([]);
    const { decoded: more, bytes } = decoded([sale('north', T0), sale('north', T0 + 8 * HOUR)]);
    task.decoded('sales', 0, 3, more, bytes);
    // All four windows of the first one have expired, and of the second the three that end by 9:35.
    expect([...task.refusals()]).toEqual([['sliding', 7]]);
    expect(task.books()).toMatchObject({ counted: 2, late: 1 });
    const { task: restored } = run(sliding, [], { restored: [task.snapshot()] });
    expect([...restored.refusals()]).toEqual([['sliding', 7]]);
  });
});
