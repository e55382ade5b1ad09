import { operatorBench } from '@weir/testkit';
import type { OperatorBench, OperatorBenchOptions } from '@weir/testkit';
import { assignIds, flatMap, project, split, union } from '../index.ts';

interface Row {
  readonly at: number;
  readonly shop: string;
  readonly cents: number;
}

const rows: OperatorBenchOptions['rows'] = (random) => ({ shop: `shop-${random.below(100)}`, cents: random.below(10_000) });

const benches: readonly OperatorBench[] = [
  operatorBench('flatMap, two rows of each', { spec: () => flatMap(({ shop, cents }: Row) => [{ shop, cents }, { shop, cents: -cents }]), rows }),
  operatorBench('project', { spec: () => project(['shop', 'cents']), rows }),
  operatorBench('union of two', { spec: () => union(2), rows }),
  operatorBench('split in three', { spec: () => split({ small: ({ cents }: Row) => cents < 100, large: ({ cents }: Row) => cents > 9_000 }), rows }),
  operatorBench('assignIds by place', { spec: () => assignIds('id'), rows }),
  operatorBench('assignIds by hash of two fields', { spec: () => assignIds('id', ['shop', 'cents']), rows }),
];

export default benches;
