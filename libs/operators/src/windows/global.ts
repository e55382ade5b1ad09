import type { CustomAssigner } from './assigner.ts';

const GLOBAL: CustomAssigner = Object.freeze({
  kind: 'custom',
  describe: 'global',
  merging: false,
  reads: [],
  assign: (_timestamp, _key, _row, into) => into.add(Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY),
} satisfies CustomAssigner);

/**
 * One window of each key, [-infinity, +infinity): no row is late for it, and the watermark passes its end at the end of input only. So
 * it wants a trigger that fires before, and its state is kept for as long as the job runs.
 */
export function global<Row = never>(): CustomAssigner<Row> {
  return GLOBAL as CustomAssigner<Row>;
}
