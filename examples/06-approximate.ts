// Approximate aggregates answer in bounded memory what exact ones need every value for, and say how far off they may be.
//
// Prints:
//   {
//     site: 'weir.example',
//     until: 3600000,
//     report: {
//       visitors: 10024,
//       exactly: 10000,
//       latency: [ 523.5511990878254, 992.9895902441833 ],
//       popular: [ { item: '/', count: 13441 }, { item: '/docs', count: 5385 } ]
//     }
//   }
import { hours, minutes, seconds } from '@weir/model';
import { afterWatermark, boundedOutOfOrderness, distinct, distinctApproximate, heavyHitters, hopping, quantiles } from '@weir/operators';
import { int, json, record, string, timestamp } from '@weir/schema';
import { testDriver } from '@weir/test-driver';
import { pipeline } from '@weir/topology';

const Visit = record('Visit', { site: string(), visitor: string(), page: string(), millis: int(), at: timestamp() });
const Report = record('Report', { site: string(), until: timestamp(), report: json<Readonly<Record<string, unknown>>>() });

const traffic = pipeline({ name: 'traffic', sources: { visits: Visit }, sinks: { reports: Report } }, ({ visits }, sinks) => {
  const { results, late } = visits
    .withEventTime({ timestamp: 'at', watermark: boundedOutOfOrderness(seconds(5)) })
    .keyBy('site')
    // Sketches do not retract, so the hour slides by two stacks: one merge for each quarter, not four.
    .window(hopping(hours(1), minutes(15)), { allowedLateness: minutes(0), trigger: afterWatermark(), accumulation: 'accumulating' })
    .aggregate('traffic', {
      visitors: distinctApproximate('visitor', { precision: 12 }),
      exactly: distinct('visitor'),
      latency: quantiles('millis', { at: [0.5, 0.99], accuracy: 0.02 }),
      popular: heavyHitters('page', { share: 0.1 }),
    });
  results.map(({ key, window, value }) => ({ site: key, until: window.end, report: value })).to(sinks.reports);
  late.discard('this feed is in order');
});

const driver = testDriver(traffic);
const HOUR = 3_600_000;
driver.push(
  'visits',
  Array.from({ length: 40_000 }, (_, i) => ({
    site: 'weir.example',
    visitor: `visitor-${(i * 7_919) % 10_000}`,
    page: i % 3 === 0 ? '/' : i % 5 === 0 ? '/docs' : `/page-${i % 1_000}`,
    millis: 20 + ((i * 31) % 1_000),
    at: Math.floor((i * HOUR) / 40_000),
  })),
);
driver.advanceWatermark('visits', HOUR);
const full = driver.drain('reports').find(({ until }) => until === HOUR);
console.dir(full, { depth: null });
