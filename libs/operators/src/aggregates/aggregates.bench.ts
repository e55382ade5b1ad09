import { milliseconds, seconds } from '@weir/model';
import type { Aggregator, Duration } from '@weir/model';
import { operatorBench } from '@weir/testkit';
import type { OperatorBench } from '@weir/testkit';
import { afterWatermark, aggregator, any, average, count, distinct, distinctApproximate, first, heavyHitters, histogram, hopping, last, list, max, min, minBy, quantiles, sum, topN, variance, windowAggregate } from '../index.ts';

interface Row {
  readonly at: number;
  readonly key: string;
  readonly item: string;
  readonly cents: number;
  readonly weight: number;
}

const KEYS = 100;
const ITEMS = 1_000;

function bench(name: string, measured: Aggregator<Row>, size: Duration, slide: Duration): OperatorBench {
  return operatorBench(name, {
    spec: () =>
      windowAggregate<Row>({
        key: { field: 'key' },
        assigner: hopping(size, slide),
        allowedLateness: milliseconds(0),
        trigger: afterWatermark(),
        accumulation: 'accumulating',
        aggregators: { measured },
      }),
    rows: (random) => ({ key: `key-${random.below(KEYS)}`, item: `item-${random.below(ITEMS)}`, cents: random.below(10_000), weight: random.below(1_000_000) / 997 }),
  });
}

const range = aggregator({
  name: 'range',
  create: () => [0, 0] as readonly [number, number],
  add: ([low, high], { cents }: Row) => [Math.min(low, cents), Math.max(high, cents)] as const,
  merge: (a, b) => [Math.min(a[0], b[0]), Math.max(a[1], b[1])] as const,
  finish: ([low, high]) => high - low,
});

const all: Readonly<Record<string, Aggregator<Row>>> = {
  'count': count<Row>(),
  'sum of whole numbers': sum<Row>('cents'),
  'sum of fractions': sum<Row>('weight'),
  'min': min<Row>('cents'),
  'max': max<Row>('weight'),
  'average': average<Row>('cents'),
  'variance of whole numbers': variance<Row>('cents', 'sample'),
  'variance of fractions': variance<Row>('weight', 'sample'),
  'first by time': first<Row, 'item'>('item', { by: 'at' }),
  'last by time': last<Row, 'cents'>('cents', { by: 'at' }),
  'min-by': minBy<Row, 'item'>('item', { by: 'weight' }),
  'any': any<Row, 'key'>('key'),
  'list of 10': list<Row, 'item'>('item', { limit: 10, by: 'at' }),
  'histogram of 20 bins': histogram<Row>('cents', { from: 0, to: 10_000, bins: 20 }),
  'top 10': topN<Row>({ n: 10, item: 'item', by: 'cents' }),
  'distinct': distinct<Row>('item'),
  'distinct approximate': distinctApproximate<Row>('item'),
  'quantiles': quantiles<Row>('weight', { at: [0.5, 0.95, 0.99] }),
  'heavy hitters': heavyHitters<Row>('item', { share: 0.01 }),
  'custom range': range,
};

const SHARED = ['sum of whole numbers', 'max', 'list of 10', 'distinct approximate', 'quantiles', 'custom range'] as const;

export default [
  ...Object.entries(all).map(([name, measured]) => bench(`${name}, tumbling 1 s`, measured, seconds(1), seconds(1))),
  ...SHARED.map((name) => bench(`${name}, hopping 1 s by 20 ms`, all[name]!, seconds(1), milliseconds(20))),
];
