import type { CustomAssigner } from '../windows/assigner.ts';
import { DAY, WEEKDAYS, dateOf, dayOf, firstDayOfMonth, monthOf } from './civil-date.ts';
import type { Weekday } from './civil-date.ts';
import { PeriodFinder } from './local-periods.ts';
import type { LocalPeriods } from './local-periods.ts';
import { ZoneClock } from './zone-clock.ts';

export type CalendarUnit = 'day' | 'week' | 'month' | 'quarter' | 'year';

export interface CalendarOptions {
  /** Name of the IANA database, e.g. `Europe/Berlin`; spelled, as UTC is a choice too. */
  readonly zone: string;
  /** For weeks. Default Monday, as in ISO 8601. */
  readonly weekStartsOn?: Weekday;
}

/**
 * Windows of the Gregorian calendar as the clocks of a zone show it: days of 23, 24 or 25 hours, weeks, months, quarters and years, back
 * to back. A window begins when the clocks first show its midnight; where they skip midnight, at the moment of the skip. Throws
 * CALENDAR_ZONE.
 */
export function calendar(unit: CalendarUnit, { zone, weekStartsOn = 'monday' }: CalendarOptions): CustomAssigner<unknown> {
  const finder = new PeriodFinder(new ZoneClock(zone), inDays(unitsOf(unit, weekStartsOn)));
  return Object.freeze({
    kind: 'custom' as const,
    describe: `calendar ${unit}${unit === 'week' ? ` from ${weekStartsOn}` : ''} in ${zone}`,
    merging: false,
    reads: [],
    assign: (timestamp, _key, _row, into) => {
      finder.find(timestamp);
      into.add(finder.start, finder.end);
    },
  } satisfies CustomAssigner<unknown>);
}

/** Units of a calendar, numbered one by one. */
interface CalendarUnits {
  /** Number of the unit that holds a day; days are counted from 1970-01-01. */
  of(day: number): number;
  /** The day on which a unit begins. */
  firstDay(number: number): number;
}

function inDays({ of, firstDay }: CalendarUnits): LocalPeriods {
  return {
    numberAt: (local) => of(Math.floor(local / DAY)),
    next: (number) => number + 1,
    startOf: (number) => firstDay(number) * DAY,
  };
}

function unitsOf(unit: CalendarUnit, weekStartsOn: Weekday): CalendarUnits {
  switch (unit) {
    case 'day':
      return { of: (day) => day, firstDay: (day) => day };
    case 'week': {
      // 1970-01-01 was a Thursday, three days after a Monday.
      const first = WEEKDAYS.indexOf(weekStartsOn) - 3;
      return { of: (day) => Math.floor((day - first) / 7), firstDay: (week) => week * 7 + first };
    }
    case 'month':
      return { of: monthOf, firstDay: firstDayOfMonth };
    case 'quarter':
      return { of: (day) => Math.floor(monthOf(day) / 3), firstDay: (quarter) => firstDayOfMonth(quarter * 3) };
    case 'year':
      return { of: (day) => dateOf(day).year, firstDay: (year) => dayOf(year, 1, 1) };
  }
}
