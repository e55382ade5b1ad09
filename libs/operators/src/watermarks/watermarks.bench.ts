import type { WatermarkStrategy } from '@weir/model';
import { RowBatch, minutes, seconds } from '@weir/model';
import type { OperatorBench } from '@weir/testkit';
import { SeededRandom } from '@weir/testkit';
import { boundedOutOfOrderness } from './bounded-out-of-orderness.ts';
import { percentile } from './percentile.ts';
import { predictive } from './predictive.ts';
import { punctuated } from './punctuated.ts';
import { WatermarkTracker } from './watermark-tracker.ts';

const COUNT = 1_000_000;
const BATCH = 1_000;
const PARTITIONS = 4;

/** Rows of four partitions, a tenth of which come up to ten seconds late. */
function batches(): readonly RowBatch<{ readonly mark: number | null }>[] {
  const random = new SeededRandom(7);
  return Array.from({ length: COUNT / BATCH }, (_, number) => {
    const timestamps = Float64Array.from({ length: BATCH }, (_unused, index) => number * BATCH + index - (random.below(10) === 0 ? random.below(10_000) : 0));
    return new RowBatch([...timestamps].map((at) => ({ mark: random.below(100) === 0 ? at : null })), { timestamps });
  });
}

let prepared: ReturnType<typeof batches> | undefined;

function strategyBench(name: string, strategy: WatermarkStrategy): OperatorBench {
  return {
    name: `watermark ${name}`,
    count: COUNT,
    prepare: () => {
      prepared ??= batches();
      const rows = prepared;
      const tracker = new WatermarkTracker(strategy, PARTITIONS, { idleAfter: seconds(30) });
      return () => {
        rows.forEach((batch, number) => tracker.onBatch(number % PARTITIONS, batch));
        return 0;
      };
    },
  };
}

export default [
  strategyBench('bounded out-of-orderness', boundedOutOfOrderness(seconds(5))),
  strategyBench('punctuated', punctuated((row: { readonly mark: number | null }) => row.mark)),
  strategyBench('percentile', percentile({ ceiling: minutes(5) })),
  strategyBench('predictive', predictive({ ceiling: minutes(5) })),
];
