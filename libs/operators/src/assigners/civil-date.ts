import { WeirError } from '@weir/model';

/** Milliseconds of a day of a clock that is never set. */
export const DAY = 86_400_000;

/** Days from 1970-01-01 to a date of the proleptic Gregorian calendar; `month` is 1 to 12. After H. Hinnant, chrono-compatible low-level date algorithms. */
export function dayOf(year: number, month: number, date: number): number {
  const shifted = month <= 2 ? year - 1 : year;
  const era = Math.floor(shifted / 400);
  const yearOfEra = shifted - era * 400;
  const dayOfYear = Math.floor((153 * (month > 2 ? month - 3 : month + 9) + 2) / 5) + date - 1;
  return era * 146_097 + yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear - 719_468;
}

export interface CivilDate {
  readonly year: number;
  /** 1 to 12. */
  readonly month: number;
  /** 1 to 31. */
  readonly date: number;
}

/** The date of a day that is counted from 1970-01-01: the inverse of `dayOf`. */
export function dateOf(day: number): CivilDate {
  const shifted = day + 719_468;
  const era = Math.floor(shifted / 146_097);
  const dayOfEra = shifted - era * 146_097;
  const yearOfEra = Math.floor((dayOfEra - Math.floor(dayOfEra / 1_460) + Math.floor(dayOfEra / 36_524) - Math.floor(dayOfEra / 146_096)) / 365);
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const place = Math.floor((5 * dayOfYear + 2) / 153);
  const month = place < 10 ? place + 3 : place - 9;
  return { year: yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, date: dayOfYear - Math.floor((153 * place + 2) / 5) + 1 };
}

/** Months from January of the year 0 to that of a day. */
export function monthOf(day: number): number {
  const { year, month } = dateOf(day);
  return year * 12 + month - 1;
}

/** The first day of a month that is counted from January of the year 0. */
export function firstDayOfMonth(month: number): number {
  const year = Math.floor(month / 12);
  return dayOf(year, month - year * 12 + 1, 1);
}

/** The day that a text like `2026-12-24` names. Throws CALENDAR_TEXT. */
export function parseDate(text: string): number {
  const [, year, month, date] = /^(\d{4})-(\d{2})-(\d{2})$/.exec(text)?.map(Number) ?? [];
  if (year !== undefined && month !== undefined && date !== undefined && month >= 1 && month <= 12 && date >= 1) {
    const day = dayOf(year, month, date);
    if (dateOf(day).date === date) return day;
  }
  throw new WeirError('CALENDAR_TEXT', `'${text}' is no date.`, { remedy: 'Write year, month and day, e.g. 2026-12-24.' });
}

/** Milliseconds after midnight of a text like `09:30`, from 00:00 to 24:00. Throws CALENDAR_TEXT. */
export function parseTime(text: string): number {
  const [, hour, minute] = /^(\d{2}):(\d{2})$/.exec(text)?.map(Number) ?? [];
  if (hour !== undefined && minute !== undefined && minute < 60 && hour * 60 + minute <= 24 * 60) return (hour * 60 + minute) * 60_000;
  throw new WeirError('CALENDAR_TEXT', `'${text}' is no time of day.`, { remedy: 'Write hours and minutes, e.g. 09:30; the end of the day is 24:00.' });
}

/** Days of the week; Monday is 0, as in ISO 8601. */
export const WEEKDAYS = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'] as const;
export type Weekday = (typeof WEEKDAYS)[number];

/** The place of a day in `WEEKDAYS`; 1970-01-01 was a Thursday. */
export function weekdayOf(day: number): number {
  return day + 3 - Math.floor((day + 3) / 7) * 7;
}
