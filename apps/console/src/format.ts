const LOCALE = 'en-GB';
/** The last instant: what a watermark says when no more can come. */
const END_OF_INPUT = 8.64e15;
const count = new Intl.NumberFormat(LOCALE);
const pounds = new Intl.NumberFormat(LOCALE, { style: 'currency', currency: 'GBP' });
const wholePounds = new Intl.NumberFormat(LOCALE, { style: 'currency', currency: 'GBP', maximumFractionDigits: 0 });
const compactPounds = new Intl.NumberFormat(LOCALE, { style: 'currency', currency: 'GBP', notation: 'compact', maximumFractionDigits: 1 });
const percent = new Intl.NumberFormat(LOCALE, { style: 'percent', maximumFractionDigits: 2 });
const day = new Intl.DateTimeFormat(LOCALE, { timeZone: 'UTC', day: 'numeric', month: 'short', year: 'numeric' });
const shortDay = new Intl.DateTimeFormat(LOCALE, { timeZone: 'UTC', day: 'numeric', month: 'short' });
const time = new Intl.DateTimeFormat(LOCALE, { timeZone: 'UTC', hour: '2-digit', minute: '2-digit' });
const timeWithSeconds = new Intl.DateTimeFormat(LOCALE, { timeZone: 'UTC', hour: '2-digit', minute: '2-digit', second: '2-digit' });

/** A whole number with separators. */
export const countText = (value: number): string => count.format(value);
/** Cents as pounds and pence. */
export const moneyText = (cents: number): string => pounds.format(cents / 100);
/** Cents as whole pounds. */
export const wholeMoneyText = (cents: number): string => wholePounds.format(Math.round(cents / 100));
/** Cents as pounds in few characters. */
export const compactMoneyText = (cents: number): string => compactPounds.format(cents / 100);
export const percentText = (share: number): string => percent.format(share);
/** Day, month and year, UTC. */
export const dayText = (timestamp: number): string => day.format(timestamp);
export const shortDayText = (timestamp: number): string => shortDay.format(timestamp);
/** Hours and minutes, UTC. */
export const timeText = (timestamp: number): string => time.format(timestamp);
/** Hours, minutes and seconds, UTC; the end of all input is a word. */
export const clockText = (timestamp: number): string => (timestamp >= END_OF_INPUT ? 'end' : timeWithSeconds.format(timestamp));

/** Day and time of an instant to the second, UTC; the end of all input is a word. */
export function instantText(timestamp: number | null): string {
  return momentText(timestamp, timeWithSeconds);
}

/** Day and time of an instant to the minute, UTC. */
export function minuteText(timestamp: number | null): string {
  return momentText(timestamp, time);
}

function momentText(timestamp: number | null, clock: Intl.DateTimeFormat): string {
  if (timestamp === null) return 'unknown';
  if (timestamp >= END_OF_INPUT) return 'end of input';
  return `${day.format(timestamp)}, ${clock.format(timestamp)}`;
}

/** Seconds in the two units that matter, e.g. 1 h 12 min, 3 min 20 s, 45 s. */
export function lengthText(seconds: number): string {
  if (seconds < 60) return `${Math.round(seconds)} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return seconds % 60 === 0 ? `${minutes} min` : `${minutes} min ${Math.round(seconds % 60)} s`;
  return minutes % 60 === 0 ? `${Math.floor(minutes / 60)} h` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** How long ago, roughly. */
export function agoText(milliseconds: number): string {
  if (milliseconds < 2_000) return 'just now';
  const seconds = Math.floor(milliseconds / 1000);
  const [length, unit] = seconds < 60 ? [1, 's'] : seconds < 3_600 ? [60, 'min'] : seconds < 86_400 ? [3_600, 'h'] : [86_400, 'd'];
  return `${Math.floor(seconds / length)} ${unit} ago`;
}
