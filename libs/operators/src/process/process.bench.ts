import { seconds } from '@weir/model';
import type { OperatorSpec } from '@weir/model';
import { operatorBench } from '@weir/testkit';
import type { OperatorBench, OperatorBenchOptions } from '@weir/testkit';
import { broadcastState, listState, mapState, output, process, processWithBroadcast, reducingState, sum, aggregatingState, valueState } from '../index.ts';
import type { ProcessOrder } from '../index.ts';

interface Row {
  readonly at: number;
  readonly key: string;
  readonly item: string;
  readonly cents: number;
}

const rows: OperatorBenchOptions['rows'] = (random) => ({ key: `key-${random.below(1_000)}`, item: `item-${random.below(20)}`, cents: random.below(10_000) });

function counting(order: ProcessOrder): OperatorSpec {
  return process({
    key: { field: 'key' },
    order,
    function: {
      state: { count: valueState<number>() },
      emits: output<never>(),
      onRow(_row: Row, ctx) {
        ctx.state.count.set((ctx.state.count.get() ?? 0) + 1);
      },
    },
  });
}

const expiring = (): OperatorSpec =>
  process({
    key: { field: 'key' },
    function: {
      state: { byItem: mapState<string, number>({ ttl: seconds(1) }), recent: listState<number>({ ttl: seconds(1), limit: 1_000_000 }) },
      emits: output<never>(),
      onRow(row: Row, ctx) {
        ctx.state.byItem.set(row.item, row.cents);
        ctx.state.recent.add(row.cents);
      },
    },
  });

const folding = (): OperatorSpec =>
  process({
    key: { field: 'key' },
    function: {
      state: { most: reducingState<number>({ reduce: Math.max }), sum: aggregatingState<Row, number>(sum('cents')) },
      emits: output<never>(),
      onRow(row: Row, ctx) {
        ctx.state.most.add(row.cents);
        ctx.state.sum.add(row);
      },
    },
  });

const timing = (): OperatorSpec =>
  process({
    key: { field: 'key' },
    function: {
      emits: output<{ key: string }>(),
      onRow(row: Row, ctx) {
        ctx.timers.at(Math.ceil(row.at / 1_000) * 1_000);
      },
      onTimer(_timer, ctx) {
        ctx.emit({ key: String(ctx.key) });
      },
    },
  });

const judging = (): OperatorSpec =>
  processWithBroadcast({
    key: { field: 'key' },
    function: {
      rules: broadcastState<string, number>(),
      emits: output<Row>(),
      onRule(rule: Row, ctx) {
        ctx.rules.set(rule.item, rule.cents);
      },
      onRow(row: Row, ctx) {
        if (row.cents > (ctx.rules.get(row.item) ?? 9_000)) ctx.emit(row);
      },
    },
  });

const benches: readonly OperatorBench[] = [
  operatorBench('process, value state, arrival order', { spec: () => counting('arrival'), rows }),
  operatorBench('process, value state, event-time order', { spec: () => counting('event-time'), rows }),
  operatorBench('process, map and list state with ttl', { spec: expiring, rows }),
  operatorBench('process, reducing and aggregating state', { spec: folding, rows }),
  operatorBench('process, a timer for each key and second', { spec: timing, rows }),
  operatorBench('process with broadcast rules', { spec: judging, rows }),
];

export default benches;
