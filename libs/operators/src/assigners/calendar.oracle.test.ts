import type { Key, Timestamp } from '@weir/model';
import { cases } from '@weir/testkit';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { calendar } from '../index.ts';
import type { CalendarUnit, Weekday } from '../index.ts';
import type { CustomAssigner } from '../windows/assigner.ts';
import { ZoneClock } from './zone-clock.ts';

/** Zones with all that has been done to clocks: at midnight, by half an hour, by two hours, by a day, at 00:01, four times a year. */
const ZONES = [
  'UTC', 'Europe/Berlin', 'America/New_York', 'America/Sao_Paulo', 'America/St_Johns', 'America/Havana', 'America/Asuncion', 'America/Scoresbysund',
  'Asia/Kathmandu', 'Asia/Kolkata', 'Asia/Beirut', 'Asia/Tehran', 'Asia/Gaza', 'Africa/Cairo', 'Africa/Casablanca', 'Africa/Monrovia', 'Pacific/Apia',
  'Pacific/Kwajalein', 'Pacific/Chatham', 'Australia/Lord_Howe', 'Antarctica/Troll', 'Atlantic/Azores', 'Europe/Lisbon', 'Europe/Moscow', 'America/Caracas', 'Asia/Manila',
];
const WEEKDAYS: readonly Weekday[] = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'];
const HOUR = 3_600_000;
const DAY = 24 * HOUR;

const clocks = new Map<string, Intl.DateTimeFormat>();

/** What the clocks of a zone show, as text that sorts like time: `2026-03-29 01:59:59`. The oracle knows nothing else of zones. */
function shown(zone: string, timestamp: Timestamp): string {
  let clock = clocks.get(zone);
  if (clock === undefined) {
    const two = '2-digit' as const;
    clock = new Intl.DateTimeFormat('sv-SE', { timeZone: zone, year: 'numeric', month: two, day: two, hour: two, minute: two, second: two });
    clocks.set(zone, clock);
  }
  return clock.format(timestamp);
}

const begins = new Map<string, Timestamp>();

/** `searched`, once for each date. */
function beginOf(zone: string, date: string): Timestamp {
  const name = `${zone} ${date}`;
  const begin = begins.get(name) ?? searched(zone, date);
  begins.set(name, begin);
  return begin;
}

/** The first moment at which the clocks show a date or a later one: minute by minute, then second by second. */
function searched(zone: string, date: string): Timestamp {
  const midnight = Date.parse(`${date}T00:00:00Z`);
  let minute = midnight - 17 * HOUR;
  while (shown(zone, minute) < date) minute += 60_000;
  let second = minute - 60_000;
  while (shown(zone, second) < date) second += 1_000;
  return second;
}

/** The first date of the unit that holds a date, and of the one after it. */
function unitDates(unit: CalendarUnit, date: string, weekStartsOn: Weekday): readonly [string, string] {
  const at = new Date(`${date}T00:00:00Z`);
  const [year, month, day] = [at.getUTCFullYear(), at.getUTCMonth(), at.getUTCDate()];
  const text = (...[y, m, d]: readonly [number, number, number]): string => new Date(Date.UTC(y, m, d)).toISOString().slice(0, 10);
  switch (unit) {
    case 'day':
      return [date, text(year, month, day + 1)];
    case 'week': {
      const back = (at.getUTCDay() + 6 - WEEKDAYS.indexOf(weekStartsOn)) % 7;
      return [text(year, month, day - back), text(year, month, day - back + 7)];
    }
    case 'month':
      return [text(year, month, 1), text(year, month + 1, 1)];
    case 'quarter':
      return [text(year, month - (month % 3), 1), text(year, month - (month % 3) + 3, 1)];
    case 'year':
      return [text(year, 0, 1), text(year + 1, 0, 1)];
  }
}

/** The unit that holds a timestamp: that of the date which the clocks show, or a later one that they had shown before they were set back. */
function naive(unit: CalendarUnit, zone: string, weekStartsOn: Weekday, timestamp: Timestamp): readonly [Timestamp, Timestamp] {
  let [first, next] = unitDates(unit, shown(zone, timestamp).slice(0, 10), weekStartsOn);
  while (beginOf(zone, next) <= timestamp) [first, next] = unitDates(unit, next, weekStartsOn);
  return [beginOf(zone, first), beginOf(zone, next)];
}

function assigned(assigner: CustomAssigner<unknown>, timestamp: Timestamp, key: Key = 'k'): readonly (readonly [Timestamp, Timestamp])[] {
  const windows: (readonly [Timestamp, Timestamp])[] = [];
  assigner.assign(timestamp, key, {}, { add: (start, end) => void windows.push([start, end]) });
  return windows;
}

const zones = fc.constantFrom(...ZONES);
const units = fc.constantFrom<CalendarUnit>('day', 'week', 'month', 'quarter', 'year');
const weekdays = fc.constantFrom(...WEEKDAYS);
/** From 1850, with local mean times, to 2100. */
const times = fc.integer({ min: Date.parse('1850-01-01'), max: Date.parse('2100-01-01') });

/** Times near a change of the clocks: the first one of the zone after a random day, found by looking day by day, then hour by hour. */
const timesNearChanges = fc.tuple(zones, fc.integer({ min: Date.parse('1900-01-01'), max: Date.parse('2037-01-01') }), fc.integer({ min: -3 * HOUR, max: 27 * HOUR }), fc.boolean()).map(([zone, from, beside, exactly]) => {
  const ahead = (timestamp: number): number => Date.parse(`${shown(zone, timestamp).replace(' ', 'T')}Z`) - Math.floor(timestamp / 1_000) * 1_000;
  let day = from;
  for (let days = 0; days < 400 && ahead(day + DAY) === ahead(day); days++) day += DAY;
  let hour = day;
  while (hour < day + DAY && ahead(hour + HOUR) === ahead(day)) hour += HOUR;
  return { zone, timestamp: exactly ? Math.ceil(hour / HOUR) * HOUR : hour + beside };
});

describe('calendar windows', () => {
  it('are what the clocks of any zone show, at any time', () => {
    fc.assert(
      fc.property(units, zones, weekdays, times, (unit, zone, weekStartsOn, timestamp) => {
        expect(assigned(calendar(unit, { zone, weekStartsOn }), timestamp)).toEqual([naive(unit, zone, weekStartsOn, timestamp)]);
      }),
      { numRuns: cases(60) },
    );
  });

  it('are what the clocks of any zone show, around the changes of the clocks', () => {
    fc.assert(
      fc.property(units, weekdays, timesNearChanges, (unit, weekStartsOn, { zone, timestamp }) => {
        expect(assigned(calendar(unit, { zone, weekStartsOn }), timestamp)).toEqual([naive(unit, zone, weekStartsOn, timestamp)]);
      }),
      { numRuns: cases(60) },
    );
  });

  it('follow each other without gaps and overlaps: all of a window is in it, and its end is the next one', () => {
    fc.assert(
      fc.property(units, zones, fc.oneof(times, timesNearChanges.map(({ timestamp }) => timestamp)), fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), (unit, zone, timestamp, share) => {
        const assigner = calendar(unit, { zone });
        const [window] = assigned(assigner, timestamp);
        const [start, end] = window!;
        for (const inside of [start, end - 1, Math.min(end - 1, Math.floor(start + (end - start) * share))]) expect(assigned(assigner, inside)).toEqual([window]);
        expect(assigned(assigner, end)[0]![0]).toBe(end);
        expect(assigned(assigner, start - 1)[0]![1]).toBe(start);
      }),
      { numRuns: cases(150) },
    );
  });

  it('do not depend on what was asked before', () => {
    fc.assert(
      fc.property(units, zones, fc.array(fc.oneof(times, fc.integer({ min: -3 * DAY, max: 3 * DAY })), { minLength: 1, maxLength: 12 }), (unit, zone, timestamps) => {
        const assigner = calendar(unit, { zone });
        for (const timestamp of timestamps) expect(assigned(assigner, timestamp)).toEqual(assigned(calendar(unit, { zone }), timestamp));
      }),
      { numRuns: cases(60) },
    );
  });
});

describe('the clock of a zone', () => {
  it('shows what the runtime formats, from the first to the last year of ECMAScript', () => {
    fc.assert(
      fc.property(zones, fc.oneof(times, fc.integer({ min: -8.64e15, max: 8.64e15 })), (zone, timestamp) => {
        const parts = new Intl.DateTimeFormat('en-US', { timeZone: zone, era: 'short', year: 'numeric', month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' }).format(timestamp);
        const local = new ZoneClock(zone).localOf(timestamp);
        const expected = new Intl.DateTimeFormat('en-US', { timeZone: 'UTC', era: 'short', year: 'numeric', month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' });
        if (Math.abs(local) <= 8.64e15) expect(expected.format(local)).toBe(parts);
      }),
      { numRuns: cases(100) },
    );
  });

  it('knows zones by their names alone', () => {
    expect(() => new ZoneClock('Middle/Earth')).toThrow("CALENDAR_ZONE: There is no time zone 'Middle/Earth'.");
  });
});

describe('days of other than 24 hours', () => {
  const hoursOf = (zone: string, text: string): number => {
    const [[start, end]] = assigned(calendar('day', { zone }), Date.parse(text)) as [[number, number]];
    return (end - start) / HOUR;
  };

  it.each([
    ['Europe/Berlin', '2026-03-29T10:00:00Z', 23, 'clocks go forward'],
    ['Europe/Berlin', '2026-10-25T10:00:00Z', 25, 'clocks go back'],
    ['Australia/Lord_Howe', '2026-04-05T00:00:00Z', 24.5, 'by half an hour'],
    ['America/Sao_Paulo', '2018-11-04T12:00:00Z', 23, 'midnight does not exist'],
    ['Antarctica/Troll', '2026-03-29T12:00:00Z', 22, 'by two hours'],
    ['Pacific/Apia', '2011-12-31T12:00:00Z', 24, 'after a day that was left out'],
    ['Pacific/Apia', '2011-12-29T22:00:00Z', 24, 'before a day that was left out'],
    ['Europe/Berlin', '1893-04-01T10:00:00Z', 24 - (6 * 60 + 32) / 3_600, 'from local mean time to that of the zone'],
  ])('%s, %s: %d hours (%s)', (zone, text, hours) => {
    expect(hoursOf(zone, text)).toBeCloseTo(hours, 9);
  });

  it('begins a day twice shown when it is shown first: 00:01 back to 23:01 belongs to the new day', () => {
    // St. John's, 2009-11-01: one minute after midnight the clocks went back by an hour.
    const midnight = Date.parse('2009-11-01T02:30:00Z');
    const assigner = calendar('day', { zone: 'America/St_Johns' });
    const again = midnight + 30 * 60_000;
    expect(assigned(assigner, again)).toEqual(assigned(assigner, midnight));
    expect(assigned(assigner, again)[0]![0]).toBe(midnight);
  });

  it('describes itself', () => {
    expect([calendar('week', { zone: 'UTC', weekStartsOn: 'sunday' }).describe, calendar('month', { zone: 'Asia/Tokyo' }).describe]).toEqual(['calendar week from sunday in UTC', 'calendar month in Asia/Tokyo']);
  });
});
