import type { Duration } from '@weir/model';
import { WeirError, durationText } from '@weir/model';
import type { CustomTrigger, Period } from '../trigger.ts';
import { CONTINUE, FIRE } from '../trigger.ts';

/**
 * Fires once per this much wall-clock time, when there are new rows. The periods of all windows of a step begin with its first tick.
 * It is never done. Throws TRIGGER_PERIOD when the period is 0.
 */
export function every<Row = never>(duration: Duration): Period<Row> {
  checkPeriod(duration);
  const trigger: Period<Row> = {
    kind: 'custom',
    describe: `every ${durationText(duration)}`,
    every: duration,
    cells: 0,
    reads: [],
    onRow: (window) => {
      if (window.processingTimer === Number.POSITIVE_INFINITY) {
        const passed = Math.floor((window.now - window.firstTick) / duration);
        // Before the first tick there are no periods yet: the next tick is asked.
        window.setProcessingTimer(Number.isNaN(passed) ? Number.NEGATIVE_INFINITY : window.firstTick + (passed + 1) * duration);
      }
      return CONTINUE;
    },
    onProcessingTime: (window, time) => {
      if (time !== Number.NEGATIVE_INFINITY) return FIRE;
      window.setProcessingTimer(window.firstTick + duration);
      return CONTINUE;
    },
    onMerge: () => {},
  };
  return Object.freeze(trigger);
}

/**
 * Fires when the watermark passes a multiple of the period since the epoch, when there are new rows; each row waits for the first
 * multiple behind it. It is never done. Throws TRIGGER_PERIOD when the period is 0.
 */
export function everyEventTime<Row = never>(duration: Duration): CustomTrigger<Row> {
  checkPeriod(duration);
  const trigger: CustomTrigger<Row> = {
    kind: 'custom',
    describe: `every ${durationText(duration)} of event time`,
    cells: 0,
    reads: [],
    onRow: (window) => {
      const next = (Math.floor(Math.max(window.timestamp, window.watermark) / duration) + 1) * duration;
      if (next < window.eventTimer) window.setEventTimer(next);
      return CONTINUE;
    },
    onEventTime: () => FIRE,
    onMerge: () => {},
  };
  return Object.freeze(trigger);
}

function checkPeriod(duration: Duration): void {
  if (duration <= 0) throw new WeirError('TRIGGER_PERIOD', `A trigger cannot fire every ${duration} ms.`, { remedy: 'Use a duration above zero.' });
}
