import { seconds } from '@weir/model';
import { boundedOutOfOrderness } from '@weir/operators';
import { int, record, string, timestamp } from '@weir/schema';
import { pipeline } from '@weir/topology';
import { describe, expect, it } from 'vitest';
import { testDriver } from './index.ts';

const Order = record('Order', { shop: string(), placedAt: timestamp() });
const City = record('City', { shop: string(), city: string(), size: int() });

/** Asks two services, one after the other. */
const cities = pipeline({ name: 'cities', sources: { orders: Order }, sinks: { cities: City } }, ({ orders }, sinks) => {
  const always = { concurrency: 2, ordered: true, onFailure: 'fail' } as const;
  const { out } = orders
    .withEventTime({ timestamp: 'placedAt', watermark: boundedOutOfOrderness(seconds(0)) })
    .enrich('city', { ...always, request: ({ shop }) => shop }, ({ shop }, city) => ({ shop, city: String(city) }));
  out.enrich('size', { ...always, request: ({ city }) => ({ city }) }, (row, size) => ({ ...row, size: Number(size) })).out.to(sinks.cities);
});

describe('requests', () => {
  it('are answered by the test, each once, step by step', () => {
    const driver = testDriver(cities);
    driver.push('orders', [
      { shop: 'a', placedAt: 1 },
      { shop: 'b', placedAt: 2 },
    ]);
    expect(driver.pendingRequests()).toEqual([
      { step: 'city', id: 0, request: 'a' },
      { step: 'city', id: 1, request: 'b' },
    ]);
    driver.answer('city', 0, 'Porto');
    expect(driver.pendingRequests('size')).toEqual([{ step: 'size', id: 0, request: { city: 'Porto' } }]);
    driver.answer('size', 0, 7);
    expect(driver.drain('cities')).toEqual([{ shop: 'a', city: 'Porto', size: 7 }]);
    expect(() => driver.answer('city', 0, 'Porto')).toThrow(/DRIVER_NO_REQUEST cities\/city/);
    expect(() => driver.fail('city', 1, 'gone')).toThrow(/ENRICH_FAILED cities\/city/);
  });

  it('wait again after a restore, and the books know of their rows', () => {
    const before = testDriver(cities);
    before.push('orders', [
      { shop: 'a', placedAt: 1 },
      { shop: 'b', placedAt: 2 },
    ]);
    before.answer('city', 0, 'Porto');
    const driver = testDriver(cities, { restored: before.snapshot() });
    expect(driver.pendingRequests()).toEqual([
      { step: 'city', id: 1, request: 'b' },
      { step: 'size', id: 0, request: { city: 'Porto' } },
    ]);
    driver.answer('size', 0, 7);
    driver.answer('city', 1, 'Braga');
    driver.answer('size', 1, 8);
    expect(driver.drain('cities').map(({ city }) => city)).toEqual(['Porto', 'Braga']);
    expect(driver.books()).toMatchObject({ records: 2, counted: 2 });
  });
});
