import type { CustomTrigger } from '../trigger.ts';
import { CONTINUE } from '../trigger.ts';

/** Never fires: the rows of a window come out once, when it expires (W >= end + allowed lateness). */
export function never<Row = never>(): CustomTrigger<Row> {
  const trigger: CustomTrigger<Row> = { kind: 'custom', describe: 'never', cells: 0, reads: [], onRow: () => CONTINUE, onMerge: () => {} };
  return Object.freeze(trigger);
}
