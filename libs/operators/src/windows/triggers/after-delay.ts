import type { Duration } from '@weir/model';
import { WeirError, durationText } from '@weir/model';
import type { CustomTrigger } from '../trigger.ts';
import { CONTINUE, FIRE } from '../trigger.ts';

/**
 * Fires this much wall-clock time after the first row since it began, and is done; `repeat(afterDelay(d))` begins again with the next
 * row. A row counts as come at the last tick; before the first tick, at that one. Throws TRIGGER_PERIOD when the delay is 0.
 */
export function afterDelay<Row = never>(delay: Duration): CustomTrigger<Row> {
  if (delay <= 0) throw new WeirError('TRIGGER_PERIOD', `A trigger cannot fire ${delay} ms after a row.`, { remedy: 'Use a duration above zero.' });
  const trigger: CustomTrigger<Row> = {
    kind: 'custom',
    describe: `${durationText(delay)} after the first row`,
    cells: 0,
    reads: [],
    onRow: (window) => {
      if (window.processingTimer === Number.POSITIVE_INFINITY) {
        window.setProcessingTimer(Number.isNaN(window.now) ? Number.NEGATIVE_INFINITY : window.now + delay);
      }
      return CONTINUE;
    },
    onProcessingTime: (window, time) => {
      if (time !== Number.NEGATIVE_INFINITY) {
        window.finish();
        return FIRE;
      }
      window.setProcessingTimer(window.now + delay);
      return CONTINUE;
    },
    onMerge: () => {},
  };
  return Object.freeze(trigger);
}
