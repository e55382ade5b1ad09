// A window join brings together the rows of one key that are in the same window, when the window ends: here what a shop forecast for an
// hour and what it sold in it. Hours with only one of them are there too, with null beside them.
//
// Prints:
//   from nine to ten: [
//     { shop: 'Leeds', hour: 9, forecast: 30, sold: 12 },
//     { shop: 'Leeds', hour: 9, forecast: 30, sold: 15 },
//     { shop: 'York', hour: 9, forecast: null, sold: 7 }
//   ]
//   its window has been joined: [ { shop: 'York', items: 1, soldAt: 35100000 } ]
//   from ten to eleven: [ { shop: 'Leeds', hour: 10, forecast: 40, sold: null } ]
import { hours, minutes } from '@weir/model';
import { boundedOutOfOrderness, tumbling } from '@weir/operators';
import { int, nullable, record, string, timestamp } from '@weir/schema';
import { testDriver } from '@weir/test-driver';
import { pipeline } from '@weir/topology';

const Forecast = record('Forecast', { shop: string(), items: int(), at: timestamp() });
const Sale = record('Sale', { shop: string(), items: int(), soldAt: timestamp() });
const Compared = record('Compared', { shop: string(), hour: int(), forecast: nullable(int()), sold: nullable(int()) });

const watermark = boundedOutOfOrderness(minutes(5));

const comparison = pipeline(
  { name: 'comparison', sources: { forecasts: Forecast, sales: Sale }, sinks: { compared: Compared, lateForecasts: Forecast, lateSales: Sale } },
  ({ forecasts, sales }, sinks) => {
    const { results, lateLeft, lateRight } = forecasts
      .withEventTime({ timestamp: 'at', watermark })
      .keyBy('shop')
      .windowJoin(
        'compared',
        sales.withEventTime({ timestamp: 'soldAt', watermark }).keyBy('shop'),
        { kind: 'full', window: tumbling(hours(1)) },
        (forecast, sale, window) => ({
          shop: forecast === null ? sale.shop : forecast.shop, // one of them is there, and the compiler knows it
          hour: window.start / hours(1),
          forecast: forecast?.items ?? null,
          sold: sale?.items ?? null,
        }),
      );
    results.to(sinks.compared);
    lateLeft.to(sinks.lateForecasts);
    lateRight.to(sinks.lateSales);
  },
);

const driver = testDriver(comparison);
const at = (hour: number, minute: number): number => hours(hour) + minutes(minute);

driver.push('forecasts', [
  { shop: 'Leeds', items: 30, at: at(9, 0) },
  { shop: 'Leeds', items: 40, at: at(10, 0) },
]);
driver.push('sales', [
  { shop: 'Leeds', items: 12, soldAt: at(9, 10) },
  { shop: 'Leeds', items: 15, soldAt: at(9, 59) },
  { shop: 'York', items: 7, soldAt: at(9, 30) },
]);

for (const source of ['forecasts', 'sales'] as const) driver.advanceWatermark(source, at(10, 0));
console.log('from nine to ten:', driver.drain('compared'));

driver.push('sales', [{ shop: 'York', items: 1, soldAt: at(9, 45) }]);
console.log('its window has been joined:', driver.drain('lateSales'));

for (const source of ['forecasts', 'sales'] as const) driver.advanceWatermark(source, at(11, 0));
console.log('from ten to eleven:', driver.drain('compared'));
