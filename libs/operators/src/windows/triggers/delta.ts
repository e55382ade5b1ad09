import { WeirError } from '@weir/model';
import { numberOf, readsOf, selectorText } from '../../aggregates/value-reader.ts';
import type { NumericField } from '../../aggregates/value-reader.ts';
import type { CustomTrigger } from '../trigger.ts';
import { CONTINUE, FIRE } from '../trigger.ts';

const KNOWN = 0;
const BASE = 1;

/**
 * Fires with a row whose value differs by more than `by` from that of the row it fired with before; the first row with a value is the
 * base and does not fire. Rows without a value (null, NaN) change nothing. It is never done. Of windows that merge, the one that the
 * others go into (the earliest) gives the base, if it has one. Throws TRIGGER_DELTA unless `by` is a number of at least 0.
 */
export function delta<Row>(value: NumericField<Row> | ((row: Row) => number | null), by: number): CustomTrigger<Row> {
  if (!(by >= 0)) throw new WeirError('TRIGGER_DELTA', `A trigger cannot fire when a value changes by more than ${by}.`, { remedy: 'Use a number of at least 0.' });
  const selector = value as string | ((row: never) => number | null);
  const read = numberOf(selector);
  const trigger: CustomTrigger<Row> = {
    kind: 'custom',
    describe: `when ${selectorText(selector)} changes by more than ${by}`,
    cells: 2,
    ...readsOf(selector),
    onRow: (window, row) => {
      const current = read(row);
      if (Number.isNaN(current)) return CONTINUE;
      const isFirst = window.get(KNOWN) === 0;
      if (!isFirst && !(Math.abs(current - window.get(BASE)) > by)) return CONTINUE;
      window.set(KNOWN, 1);
      window.set(BASE, current);
      return isFirst ? CONTINUE : FIRE;
    },
    onMerge: (window, from) => {
      if (window.get(KNOWN) === 1 || from.get(KNOWN) === 0) return;
      window.set(KNOWN, 1);
      window.set(BASE, from.get(BASE));
    },
  };
  return Object.freeze(trigger);
}
