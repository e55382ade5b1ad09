import type { Collector, OperatorSpec } from '@weir/model';
import { operatorBench } from '@weir/testkit';
import type { OperatorBench } from '@weir/testkit';
import { enrich } from '../index.ts';

interface Row {
  readonly at: number;
  readonly shop: string;
  readonly cents: number;
}

/** Answers each batch at once, so that what is measured is the operator: parking, answers and letting go. */
function answered(ordered: boolean): OperatorSpec {
  const spec = enrich<Row, { factor: number }, object>({ lookup: 'rate', request: ({ shop }) => shop, concurrency: 1_000, ordered, onFailure: 'fail', join: ({ cents }, { factor }) => ({ cents: cents * factor }) });
  return {
    ...spec,
    create: (context, restored) => {
      const operator = spec.create(context, restored);
      return {
        onBatch: (batch, out: Collector, input) => {
          operator.onBatch(batch, out, input);
          operator.onAnswers!(operator.requests!.take(batch.length).map(({ id }) => ({ id, failed: false, json: '{"factor":2}' })), out);
        },
        onWatermark: (watermark, out) => operator.onWatermark!(watermark, out),
      };
    },
  };
}

const benches: readonly OperatorBench[] = [true, false].map((ordered) =>
  operatorBench(`enrich, ${ordered ? 'ordered' : 'unordered'}, answered at once`, { spec: () => answered(ordered), rows: (random) => ({ shop: `shop-${random.below(100)}`, cents: random.below(10_000) }) }),
);

export default benches;
