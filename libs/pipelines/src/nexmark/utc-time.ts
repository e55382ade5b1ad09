import type { Timestamp } from '@weir/model';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** The day in UTC as `yyyy-MM-dd`, for years 0 to 9999 (after Hinnant's `civil_from_days`: years begin in March, so that February ends them). */
export function dayText(time: Timestamp): string {
  const sinceMarch = Math.floor(time / DAY) + 719_468;
  const era = Math.floor(sinceMarch / 146_097);
  const dayOfEra = sinceMarch - era * 146_097;
  const yearOfEra = Math.floor((dayOfEra - Math.floor(dayOfEra / 1_460) + Math.floor(dayOfEra / 36_524) - Math.floor(dayOfEra / 146_096)) / 365);
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const monthFromMarch = Math.floor((5 * dayOfYear + 2) / 153);
  const day = dayOfYear - Math.floor((153 * monthFromMarch + 2) / 5) + 1;
  const month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9;
  const year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0);
  return `${String(year).padStart(4, '0')}-${twoDigits(month)}-${twoDigits(day)}`;
}

/** The minute in UTC as `HH:mm`. */
export function minuteText(time: Timestamp): string {
  return `${twoDigits(hourOf(time))}:${twoDigits(minuteOfDay(time) % 60)}`;
}

/** The hour of the day in UTC, 0 to 23. */
export function hourOf(time: Timestamp): number {
  return Math.floor(minuteOfDay(time) / 60);
}

/** The minute of the day in UTC, 0 to 1,439. */
export function minuteOfDay(time: Timestamp): number {
  return Math.floor((time - Math.floor(time / DAY) * DAY) / MINUTE);
}

function twoDigits(value: number): string {
  return value < 10 ? `0${value}` : String(value);
}
