import { hours, minutes, seconds } from '@weir/model';
import { afterWatermark, boundedOutOfOrderness, count, every, session, sum, tumbling } from '@weir/operators';
import { int, nullable, record, string, timestamp } from '@weir/schema';
import { describe as describeTopology, pipeline } from '@weir/topology';
import { describe, expect, it } from 'vitest';
import { testDriver } from './test-driver.ts';

const Order = record('Order', { shop: nullable(string()), cents: int(), placedAt: timestamp() });
const Revenue = record('Revenue', { shop: string(), cents: int(), orders: int() });

const MINUTE = 60_000;

const revenue = pipeline({ name: 'revenue', sources: { orders: Order }, sinks: { revenue: Revenue, late: Order } }, ({ orders }, sinks) => {
  const { results, late } = orders
    .withEventTime({ timestamp: 'placedAt', watermark: boundedOutOfOrderness(seconds(10)), idleAfter: seconds(30) })
    .filter((order) => order.cents > 0)
    .keyBy('shop')
    .window(tumbling(minutes(1)), { allowedLateness: minutes(1), trigger: afterWatermark({ early: every(seconds(10)) }), accumulation: 'accumulating' })
    .aggregate('revenue', { cents: sum('cents'), orders: count() });
  results.map((result) => ({ shop: result.key, ...result.value })).to(sinks.revenue);
  late.to(sinks.late);
});

const order = (shop: string, cents: number, placedAt: number) => ({ shop, cents, placedAt });

describe('testDriver', () => {
  it('runs what is pushed, and gives up what arrived at a sink once', () => {
    const driver = testDriver(revenue);
    driver.push('orders', order('a', 5, 1_000));
    driver.push('orders', [order('a', 7, 2_000), order('b', 1, 3_000), order('b', -1, 3_000)]);
    expect(driver.drain('revenue')).toEqual([]);
    driver.advanceWatermark('orders', MINUTE);
    expect(driver.drain('revenue')).toEqual([
      { shop: 'a', cents: 12, orders: 2 },
      { shop: 'b', cents: 1, orders: 1 },
    ]);
    expect(driver.drain('revenue')).toEqual([]);
  });

  it('makes watermarks as the pipeline says', () => {
    const driver = testDriver(revenue);
    driver.push('orders', [order('a', 5, 0), order('a', 5, MINUTE + 9_999)]);
    expect(driver.drain('revenue')).toEqual([]);
    driver.push('orders', order('a', 5, MINUTE + 10_000));
    expect(driver.drain('revenue')).toEqual([{ shop: 'a', cents: 5, orders: 1 }]);
  });

  it('gives results with key, window and pane', () => {
    const driver = testDriver(revenue);
    driver.push('orders', order('a', 5, -1));
    driver.advanceWatermark('orders', 0);
    driver.push('orders', order('a', 6, -2));
    const window = { start: -MINUTE, end: 0 };
    expect(driver.drainResults('revenue')).toEqual([
      { row: { shop: 'a', cents: 5, orders: 1 }, key: 'a', window, pane: { timing: 'on-time', index: 0, isFirst: true, isLast: false }, withdrawn: false, change: 'insert' },
      { row: { shop: 'a', cents: 11, orders: 2 }, key: 'a', window, pane: { timing: 'late', index: 1, isFirst: false, isLast: false }, withdrawn: false, change: 'insert' },
    ]);
  });

  it('sends rows that no window takes to the late sink, as copies that stay', () => {
    const driver = testDriver(revenue);
    driver.advanceWatermark('orders', 10 * MINUTE);
    driver.push('orders', [order('a', 5, 1), order('b', 6, 2)]);
    expect(driver.drain('late')).toEqual([order('a', 5, 1), order('b', 6, 2)]);
  });

  it('lets wall-clock time in by ticks alone', () => {
    const driver = testDriver(revenue);
    driver.tick(0);
    driver.push('orders', order('a', 5, 1_000));
    driver.tick(9_999);
    expect(driver.drain('revenue')).toEqual([]);
    driver.tick(10_000);
    expect(driver.drainResults('revenue').map(({ pane }) => pane.timing)).toEqual(['early']);
  });

  it('takes the least watermark of several partitions, leaving an idle one out', () => {
    const driver = testDriver(revenue, { partitions: 2 });
    driver.push('orders', [order('a', 5, 0), order('a', 5, 2 * MINUTE)], { partition: 0 });
    expect(driver.drain('revenue')).toEqual([]);
    for (const now of [0, 10_000, 40_000]) driver.tick(now);
    expect(driver.drain('revenue').filter((row) => row.cents === 5)).not.toEqual([]);
    expect(() => driver.push('orders', order('a', 5, 0), { partition: 2 })).toThrow('DRIVER_PARTITION');
  });

  it('goes on from a snapshot as if nothing had happened, any number of times', () => {
    const driver = testDriver(revenue);
    driver.push('orders', [order('a', 5, 0), order('b', 6, MINUTE)]);
    const snapshot = driver.snapshot();
    driver.push('orders', order('a', 7, 1));
    driver.advanceWatermark('orders', 3 * MINUTE);
    const expected = driver.drainResults('revenue');
    expect(expected).toHaveLength(2);
    for (let attempt = 0; attempt < 2; attempt++) {
      const restored = testDriver(revenue, { restored: snapshot });
      restored.push('orders', order('a', 7, 1));
      restored.advanceWatermark('orders', 3 * MINUTE);
      expect(restored.drainResults('revenue')).toEqual(expected);
    }
  });

  it('describes its pipeline', () => {
    expect(testDriver(revenue).describe()).toBe(describeTopology(revenue));
  });

  it('says which name is wrong to those whom no compiler told', () => {
    const driver = testDriver(revenue);
    // @ts-expect-error: there is no such source
    expect(() => driver.push('order', [])).toThrow("DRIVER_NAME revenue: The pipeline has no source 'order'.");
    // @ts-expect-error: there is no such sink
    expect(() => driver.drain('revenu')).toThrow("DRIVER_NAME revenue: The pipeline has no sink 'revenu'.");
  });
});

describe('a row that was kept', () => {
  const Kept = record('Kept', { cents: int() });

  /** Runs a map over two orders in one batch. */
  function mapping<Out extends { readonly cents: number }>(transform: (row: { readonly cents: number }) => Out): Out[] {
    const kept = pipeline({ name: 'kept', sources: { orders: Order }, sinks: { out: Kept } }, ({ orders }, sinks) => {
      orders
        .withEventTime({ timestamp: 'placedAt', watermark: boundedOutOfOrderness(seconds(0)) })
        .map(transform)
        .to(sinks.out);
    });
    const driver = testDriver(kept);
    driver.push('orders', [order('a', 1, 1), order('a', 2, 2)]);
    return driver.drain('out') as Out[];
  }

  it('is found out when it is returned as it is', () => {
    expect(() => mapping((row) => row)).toThrow("CURSOR_KEPT: Field 'shop' was read from a row that is no longer there.");
  });

  it('is found out when it is read while the next row is there', () => {
    let before: { readonly cents: number } | undefined;
    expect(() =>
      mapping((row) => {
        const cents = before?.cents ?? 0;
        before = row;
        return { cents };
      }),
    ).toThrow('CURSOR_KEPT');
  });

  it('is found out when it is read after the batch', () => {
    let last: { readonly cents: number } | undefined;
    mapping((row) => {
      last = row;
      return { cents: row.cents };
    });
    expect(() => last?.cents).toThrow('CURSOR_KEPT');
  });

  it('may be copied, taken apart or written as JSON while it is there', () => {
    expect(mapping((row) => ({ ...row }))).toEqual([order('a', 1, 1), order('a', 2, 2)]);
    expect(mapping(({ cents }) => ({ cents }))).toEqual([{ cents: 1 }, { cents: 2 }]);
    expect(mapping((row) => JSON.parse(JSON.stringify(row)) as { cents: number })).toEqual([order('a', 1, 1), order('a', 2, 2)]);
  });
});

describe('a session that grows after it has fired', () => {
  it('is withdrawn under its old bounds', () => {
    const sessions = pipeline({ name: 'sessions', sources: { orders: Order }, sinks: { sessions: Revenue } }, ({ orders }, sinks) => {
      const { results, late } = orders
        .withEventTime({ timestamp: 'placedAt', watermark: boundedOutOfOrderness(seconds(0)) })
        .keyBy('shop')
        .window(session(minutes(1)), { allowedLateness: hours(1), trigger: afterWatermark(), accumulation: 'accumulating' })
        .aggregate('sessions', { cents: sum('cents'), orders: count() });
      results.map((result) => ({ shop: result.key, ...result.value })).to(sinks.sessions);
      late.discard('not looked at');
    });
    const driver = testDriver(sessions);
    driver.push('orders', order('a', 1, 0));
    driver.advanceWatermark('orders', MINUTE + 1);
    driver.push('orders', order('a', 2, 30_000));
    driver.advanceWatermark('orders', 2 * MINUTE);
    expect(driver.drainResults('sessions').map(({ window, row, withdrawn }) => [window.start, window.end, row.cents, withdrawn])).toEqual([
      [0, MINUTE, 1, false],
      [0, MINUTE, 1, true],
      [0, 90_000, 3, false],
    ]);
  });
});
