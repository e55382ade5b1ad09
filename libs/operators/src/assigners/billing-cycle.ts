import type { Key } from '@weir/model';
import { WeirError } from '@weir/model';
import type { CustomAssigner } from '../windows/assigner.ts';
import { DAY, firstDayOfMonth, monthOf } from './civil-date.ts';
import { PeriodFinder } from './local-periods.ts';
import type { LocalPeriods } from './local-periods.ts';
import { ZoneClock } from './zone-clock.ts';

export interface BillingCycleOptions<Row> {
  /** Name of the IANA database, e.g. `Europe/London`. */
  readonly zone: string;
  /**
   * The day of the month, 1 to 31, on which the cycles of a key begin; where a month is shorter, its last day. A function is pure, and
   * says the same for every row of a key: otherwise rows of one day are in cycles that overlap.
   */
  readonly anchorDay: number | ((key: Key, row: Row) => number);
}

const LAST_ANCHOR = 31;

/**
 * Cycles of one month that begin on the anchor day of each key, at its midnight in a zone: [this month's anchor day, the next month's).
 * Throws CALENDAR_ZONE and, where an anchor is no day of a month, BILLING_ANCHOR.
 */
export function billingCycle<Row>({ zone, anchorDay }: BillingCycleOptions<Row>): CustomAssigner<Row> {
  const clock = new ZoneClock(zone);
  const finders = Array.from({ length: LAST_ANCHOR }, (_, index) => new PeriodFinder(clock, cyclesFrom(index + 1)));
  const finderOf = (anchor: number): PeriodFinder => {
    const finder = finders[anchor - 1];
    if (finder !== undefined) return finder;
    throw new WeirError('BILLING_ANCHOR', `A billing cycle cannot begin on day ${anchor} of a month.`, { remedy: 'Use a whole number from 1 to 31.' });
  };
  if (typeof anchorDay === 'number') finderOf(anchorDay);
  return Object.freeze({
    kind: 'custom' as const,
    describe: `billing cycle from day ${typeof anchorDay === 'number' ? anchorDay : 'by key'} in ${zone}`,
    merging: false,
    ...(typeof anchorDay === 'number' ? { reads: [] } : {}),
    assign: (timestamp, key, row, into) => {
      const finder = finderOf(typeof anchorDay === 'number' ? anchorDay : anchorDay(key, row));
      finder.find(timestamp);
      into.add(finder.start, finder.end);
    },
  } satisfies CustomAssigner<Row>);
}

/** Cycles by the month in which they begin. */
function cyclesFrom(anchor: number): LocalPeriods {
  const firstDay = (month: number): number => Math.min(firstDayOfMonth(month) + anchor, firstDayOfMonth(month + 1)) - 1;
  return {
    numberAt: (local) => {
      const day = Math.floor(local / DAY);
      const month = monthOf(day);
      return day < firstDay(month) ? month - 1 : month;
    },
    next: (month) => month + 1,
    startOf: (month) => firstDay(month) * DAY,
  };
}
