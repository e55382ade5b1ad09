import type { Watermark } from '@weir/model';
import type { Scenario } from './scenario.ts';
import type { SeededRandom } from './seeded-random.ts';

/** One thing that happens to the operator under test. */
export type ScenarioStep =
  | { readonly kind: 'rows'; readonly input: number; readonly partition: number; /** inclusive */ readonly from: number; /** exclusive */ readonly to: number }
  | { readonly kind: 'watermark'; readonly watermark: Watermark }
  | { readonly kind: 'tick'; readonly now: number };

/** Where the watermark comes from: from what is still to come, or from a bound on the disorder that is as large as the disorder. */
export type ScenarioWatermarks = 'perfect' | 'bounded';

const MOST_ROWS = 6;

/** The steps of one run: partitions interleaved and cut at random, each followed by the watermark; at last the watermark is infinity. */
export function scheduleOf(scenario: Scenario, random: SeededRandom, watermarks: ScenarioWatermarks, ticks: boolean): readonly ScenarioStep[] {
  const partitions = scenario.inputs.flatMap(({ partitions: all }, input) => all.map((rows, partition) => ({ input, partition, rows, next: 0 })));
  const watermarkOf = watermarks === 'perfect' ? leastToCome : boundedBelow;
  const steps: ScenarioStep[] = [];
  let last = Number.NEGATIVE_INFINITY;
  let now = 0;
  for (let left = partitions.filter(hasMore); left.length > 0; left = partitions.filter(hasMore)) {
    const chosen = left[random.below(left.length)]!;
    const from = chosen.next;
    const to = Math.min(chosen.rows.length, from + 1 + random.below(MOST_ROWS));
    chosen.next = to;
    steps.push({ kind: 'rows', input: chosen.input, partition: chosen.partition, from, to });
    const watermark = Math.min(...partitions.map(watermarkOf));
    if (watermark > last && watermark !== Number.POSITIVE_INFINITY) {
      last = watermark;
      steps.push({ kind: 'watermark', watermark });
    }
    if (ticks && random.below(3) === 0) steps.push({ kind: 'tick', now: (now += random.below(20)) });
  }
  steps.push({ kind: 'watermark', watermark: Number.POSITIVE_INFINITY });
  return steps;
}

interface Partition {
  readonly rows: readonly { readonly at: number }[];
  readonly next: number;
}

function hasMore({ rows, next }: Partition): boolean {
  return next < rows.length;
}

function leastToCome({ rows, next }: Partition): number {
  return Math.min(...rows.slice(next).map(({ at }) => at));
}

/** An empty partition is idle from the start. */
function boundedBelow({ rows, next }: Partition): number {
  if (rows.length === 0) return Number.POSITIVE_INFINITY;
  let greatest = Number.NEGATIVE_INFINITY;
  let disorder = 0;
  for (const { at } of rows) {
    greatest = Math.max(greatest, at);
    disorder = Math.max(disorder, greatest - at);
  }
  return Math.max(...rows.slice(0, next).map(({ at }) => at), Number.NEGATIVE_INFINITY) - disorder;
}
