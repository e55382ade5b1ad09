import { milliseconds, seconds } from '@weir/model';
import type { Duration } from '@weir/model';
import { operatorBench } from '@weir/testkit';
import type { OperatorBench } from '@weir/testkit';
import { afterCount, afterWatermark, count, countSliding, countTumbling, countWindowAggregate, delta, dynamicSession, everyEventTime, global, hopping, max, or, purging, repeat, session, sum, tumbling, windowAggregate } from '../index.ts';
import type { Accumulation, CountWindows, Trigger, WindowAssigner } from '../index.ts';

interface Row {
  readonly key: string;
  readonly cents: number;
  readonly gap: Duration;
}

const KEYS = 1_000;
const rows = (random: { below(bound: number): number }): Row => ({ key: `key-${random.below(KEYS)}`, cents: random.below(10_000), gap: milliseconds(5 + random.below(20)) });
const aggregators = { rows: count<Row>(), cents: sum<Row>('cents'), most: max<Row>('cents') };

interface Chosen {
  readonly trigger?: Trigger<Row>;
  readonly accumulation?: Accumulation;
}

function bench(name: string, assigner: WindowAssigner<Row>, { trigger = afterWatermark(), accumulation = 'accumulating' }: Chosen = {}): OperatorBench {
  return operatorBench(name, { spec: () => windowAggregate<Row>({ key: { field: 'key' }, assigner, allowedLateness: milliseconds(0), trigger, accumulation, aggregators }), rows });
}

function countBench(name: string, windows: CountWindows): OperatorBench {
  return operatorBench(name, { spec: () => countWindowAggregate<Row>({ key: { field: 'key' }, windows, aggregators }), rows });
}

const GENERAL = { trigger: or<Row>(afterWatermark<Row>()) };

export default [
  bench('tumbling 1 s', tumbling(seconds(1))),
  bench('hopping 1 s by 100 ms', hopping(seconds(1), milliseconds(100))),
  bench('session gap 15 ms', session(milliseconds(15))),
  bench('tumbling 1 s, general engine', tumbling(seconds(1)), GENERAL),
  bench('hopping 1 s by 100 ms, general engine', hopping(seconds(1), milliseconds(100)), GENERAL),
  bench('session gap 15 ms, general engine', session(milliseconds(15)), GENERAL),
  bench('dynamic session gap 5 to 25 ms', dynamicSession<Row>('gap')),
  bench('tumbling 1 s, retracting, every 100 ms of event time', tumbling(seconds(1)), { trigger: afterWatermark({ early: everyEventTime(milliseconds(100)) }), accumulation: 'accumulating-and-retracting' }),
  bench('tumbling 1 s, early each 20 rows', tumbling(seconds(1)), { trigger: afterWatermark({ early: afterCount(20) }) }),
  bench('global, each 100 rows, purging', global(), { trigger: purging(repeat(afterCount(100))) }),
  bench('global, delta 9000', global(), { trigger: delta<Row>('cents', 9_000) }),
  countBench('count tumbling 100', countTumbling(100)),
  countBench('count sliding 100 by 10', countSliding(100, 10)),
  countBench('count sliding 100 by 1', countSliding(100, 1)),
];
