import { WeirError } from '@weir/model';
import type { CustomTrigger } from '../trigger.ts';
import { CONTINUE, FIRE } from '../trigger.ts';

const ROWS = 0;

/**
 * Fires with the n-th row since it began, and is done; `repeat(afterCount(n))` fires with every n-th. Windows that merge add their
 * counts, and fire with the next row if that is n or more. Throws TRIGGER_COUNT unless n is a whole number of at least 1.
 */
export function afterCount<Row = never>(n: number): CustomTrigger<Row> {
  if (!Number.isSafeInteger(n) || n < 1) throw new WeirError('TRIGGER_COUNT', `A trigger cannot fire after ${n} rows.`, { remedy: 'Use a whole number of at least 1.' });
  const trigger: CustomTrigger<Row> = {
    kind: 'custom',
    describe: `after ${n} rows`,
    cells: 1,
    reads: [],
    onRow: (window) => {
      const rows = window.get(ROWS) + 1;
      window.set(ROWS, rows);
      if (rows < n) return CONTINUE;
      window.finish();
      return FIRE;
    },
    onMerge: (window, from) => window.set(ROWS, window.get(ROWS) + from.get(ROWS)),
  };
  return Object.freeze(trigger);
}
