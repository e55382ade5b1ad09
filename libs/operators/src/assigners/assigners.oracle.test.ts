import type { Key, Timestamp } from '@weir/model';
import { milliseconds } from '@weir/model';
import { cases } from '@weir/testkit';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { billingCycle, campaign, cumulating, tradingDay, tumbling } from '../index.ts';
import type { TradingDayOptions, Weekday } from '../index.ts';
import type { CustomAssigner } from '../windows/assigner.ts';
import { dateOf, dayOf, monthOf, parseDate, parseTime, weekdayOf } from './civil-date.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
type Interval = readonly [Timestamp, Timestamp];

function assigned<Row>(assigner: CustomAssigner<Row>, timestamp: Timestamp, key: Key = 'k', row = {} as Row): readonly Interval[] {
  const windows: Interval[] = [];
  assigner.assign(timestamp, key, row, { add: (start, end) => void windows.push([start, end]) });
  return windows.sort((a, b) => a[0] - b[0] || a[1] - b[1]);
}

const dateText = (day: number): string => new Date(day * DAY).toISOString().slice(0, 10);

describe('civil dates', () => {
  it('are those of the platform, in any year', () => {
    fc.assert(
      fc.property(fc.integer({ min: -100_000_000, max: 100_000_000 }), (day) => {
        const at = new Date(day * DAY);
        const { year, month, date } = dateOf(day);
        expect([year, month, date, weekdayOf(day)]).toEqual([at.getUTCFullYear(), at.getUTCMonth() + 1, at.getUTCDate(), (at.getUTCDay() + 6) % 7]);
        expect([dayOf(year, month, date), monthOf(day)]).toEqual([day, at.getUTCFullYear() * 12 + at.getUTCMonth()]);
      }),
      { numRuns: cases(500) },
    );
  });

  it('are read from text, and refused when there are none', () => {
    expect([parseDate('1970-01-01'), parseDate('2024-02-29'), parseTime('00:00'), parseTime('09:30'), parseTime('24:00')]).toEqual([0, 19_782, 0, 9.5 * HOUR, DAY]);
    for (const text of ['2026-02-29', '2026-13-01', '2026-1-1', '', '2026-04-31', '2026-04-00']) expect(() => parseDate(text)).toThrow('CALENDAR_TEXT');
    for (const text of ['9:30', '24:01', '12:60', 'noon']) expect(() => parseTime(text)).toThrow('CALENDAR_TEXT');
  });
});

describe('cumulating windows', () => {
  const shapes = fc.record({ step: fc.integer({ min: 1, max: 20 }), steps: fc.integer({ min: 1, max: 8 }), offset: fc.nat(300), timestamp: fc.integer({ min: -2_000, max: 2_000 }) });

  it('are all [d, d + n step) that hold the row', () => {
    fc.assert(
      fc.property(shapes, ({ step, steps, offset, timestamp }) => {
        const size = step * steps;
        const naive: Interval[] = [];
        for (let start = offset - size * Math.ceil(3_000 / size); start <= timestamp; start += size) {
          for (let n = 1; n <= steps; n++) if (timestamp < start + n * step) naive.push([start, start + n * step]);
        }
        const inIt = naive.filter(([start]) => timestamp < start + size);
        expect(assigned(cumulating(milliseconds(size), milliseconds(step), { offset: milliseconds(offset) }), timestamp)).toEqual(inIt);
      }),
      { numRuns: cases(300) },
    );
  });

  it('end with the tumbling window of the whole size', () => {
    fc.assert(
      fc.property(shapes, ({ step, steps, timestamp }) => {
        const size = milliseconds(step * steps);
        const { slide } = tumbling(size);
        const start = Math.floor(timestamp / slide) * slide;
        expect(assigned(cumulating(size, milliseconds(step)), timestamp).at(-1)).toEqual([start, start + size]);
      }),
      { numRuns: cases(200) },
    );
  });

  it('refuse a step that does not divide the size', () => {
    for (const [size, step] of [[10, 3], [0, 1], [10, 0], [5, 10]] as const) expect(() => cumulating(milliseconds(size), milliseconds(step))).toThrow('WINDOW_SIZE');
    expect(cumulating(milliseconds(3_600_000), milliseconds(300_000)).describe).toBe('cumulating 1h by 5m');
  });
});

describe('campaigns', () => {
  const interval = fc.tuple(fc.integer({ min: -50, max: 50 }), fc.integer({ min: 1, max: 40 })).map(([start, length]) => ({ start, end: start + length }));

  it('are all that run at the time of the row', () => {
    fc.assert(
      fc.property(fc.array(interval, { maxLength: 12 }), fc.integer({ min: -60, max: 100 }), (campaigns, timestamp) => {
        const naive = campaigns.filter(({ start, end }) => start <= timestamp && timestamp < end).map(({ start, end }): Interval => [start, end]);
        expect(assigned(campaign(campaigns), timestamp)).toEqual(naive.sort((a, b) => a[0] - b[0] || a[1] - b[1]));
      }),
      { numRuns: cases(500) },
    );
  });

  it('do not end before they start', () => {
    for (const end of [5, 4, Number.NaN, Number.POSITIVE_INFINITY]) expect(() => campaign([{ start: 5, end }])).toThrow('CAMPAIGN_INTERVAL');
    expect(campaign([{ start: 7, end: 9 }, { start: 1, end: 8 }]).describe).toBe('campaign [1, 8) [7, 9)');
  });
});

const shown = new Map<string, Intl.DateTimeFormat>();

const moments = new Map<string, Timestamp>();

/** `searched`, once for each moment. */
function momentOf(zone: string, local: string): Timestamp {
  const name = `${zone} ${local}`;
  const moment = moments.get(name) ?? searched(zone, local);
  moments.set(name, moment);
  return moment;
}

/** The first moment at which the clocks of a zone show a date and time, or later: hour by hour, minute by minute. All zones here change at whole minutes. */
function searched(zone: string, local: string): Timestamp {
  let clock = shown.get(zone);
  if (clock === undefined) {
    const two = '2-digit' as const;
    clock = new Intl.DateTimeFormat('sv-SE', { timeZone: zone, year: 'numeric', month: two, day: two, hour: two, minute: two });
    shown.set(zone, clock);
  }
  // Within an hour clocks go forward, or the whole hour is shown again: the first hour that ends later holds the first such minute.
  let at = Date.parse(`${local.replace(' ', 'T')}Z`.replace('T24:00', 'T00:00')) - 15 * HOUR;
  const text = local.endsWith('24:00') ? `${dateText(Math.floor(Date.parse(`${local.slice(0, 10)}T00:00Z`) / DAY) + 1)} 00:00` : local;
  while (clock.format(at + HOUR) < text) at += HOUR;
  while (clock.format(at) < text) at += 60_000;
  return at;
}

describe('trading days', () => {
  const zones = fc.constantFrom('America/New_York', 'Europe/London', 'Asia/Kolkata', 'America/Chicago', 'Asia/Tokyo', 'Australia/Sydney');
  const hours = fc.constantFrom(['09:30', '16:00'], ['17:00', '16:00'], ['18:00', '17:15'], ['00:00', '24:00'], ['08:00', '08:00'], ['01:30', '02:30']);
  const timestamps = fc.integer({ min: Date.parse('2015-01-01'), max: Date.parse('2027-01-01') }).map((at) => Math.floor(at / 60_000) * 60_000);
  const offsets = fc.uniqueArray(fc.integer({ min: -6, max: 6 }), { maxLength: 5 });
  const names: readonly Weekday[] = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'];

  /** All sessions around a day, as [previous close, open, close]. */
  function sessionsAround(day: number, { zone, open, close, weekend = ['saturday', 'sunday'], holidays = [], earlyCloses = {} }: TradingDayOptions) {
    const sessions: { readonly since: Timestamp; readonly open: Timestamp; readonly close: Timestamp }[] = [];
    let since = Number.NaN;
    for (let each = day - 12; each < day + 12; each++) {
      const date = dateText(each);
      if (holidays.includes(date) || weekend.includes(names[(new Date(each * DAY).getUTCDay() + 6) % 7]!)) continue;
      const closes = momentOf(zone, `${date} ${earlyCloses[date] ?? close}`);
      sessions.push({ since, open: momentOf(zone, `${open < close ? date : dateText(each - 1)} ${open}`), close: closes });
      since = closes;
    }
    return sessions;
  }

  it('reach from close to close, over weekends and holidays; or are the sessions alone', () => {
    fc.assert(
      fc.property(zones, hours, timestamps, offsets, fc.constantFrom<readonly Weekday[]>(['saturday', 'sunday'], ['friday', 'saturday'], []), fc.boolean(), (zone, [open, close], timestamp, daysOff, weekend, closesEarly) => {
        const day = Math.floor(timestamp / DAY);
        const holidays = daysOff.map((offset) => dateText(day + offset));
        const early = [2, 3, 4, 5].map((offset) => dateText(day + offset)).filter((date) => !holidays.includes(date) && !weekend.includes(names[(new Date(date).getUTCDay() + 6) % 7]!));
        const options: TradingDayOptions = { zone, open: open!, close: close!, weekend, holidays, ...(closesEarly && open === '09:30' ? { earlyCloses: Object.fromEntries(early.map((date) => [date, '13:00'])) } : {}) };
        const sessions = sessionsAround(day, options);
        const next = sessions.find((session) => timestamp < session.close)!;
        expect(assigned(tradingDay(options), timestamp)).toEqual([[next.since, next.close]]);
        const inSession = timestamp >= next.open ? [[next.open, next.close]] : [];
        expect(assigned(tradingDay({ ...options, outside: 'none' }), timestamp)).toEqual(inSession);
      }),
      { numRuns: cases(60) },
    );
  });

  it('have the evening before in them where the session opens on it', () => {
    // The futures' day of Monday, 2026-01-05: from Friday 16:00 on, with the session from Sunday 17:00.
    const options = { zone: 'America/Chicago', open: '17:00', close: '16:00' };
    const [friday, sunday, monday] = ['2026-01-02T22:00Z', '2026-01-04T23:00Z', '2026-01-05T22:00Z'].map((text) => Date.parse(text)) as [number, number, number];
    expect(assigned(tradingDay(options), sunday)).toEqual([[friday, monday]]);
    const sessionsOnly = tradingDay({ ...options, outside: 'none' });
    expect([assigned(sessionsOnly, sunday - 1), assigned(sessionsOnly, sunday)]).toEqual([[], [[sunday, monday]]]);
  });

  it('describe what they go by, and refuse what contradicts itself', () => {
    const options = { zone: 'UTC', open: '09:30', close: '16:00' };
    expect(tradingDay({ ...options, holidays: ['2026-12-25'], earlyCloses: { '2026-12-24': '13:00' }, outside: 'none' }).describe).toBe(
      'trading day 09:30 to 16:00 in UTC, off saturday sunday 2026-12-25, 2026-12-24 to 13:00, sessions only',
    );
    expect(() => tradingDay({ ...options, weekend: names })).toThrow('TRADING_DAY: Every day is a day off.');
    for (const [date, time] of [['2026-12-24', '09:30'], ['2026-12-24', '16:01'], ['2026-12-26', '13:00']]) {
      expect(() => tradingDay({ ...options, earlyCloses: { [date!]: time! } })).toThrow('TRADING_DAY: An early close');
    }
    expect(() => tradingDay({ ...options, open: 'nine' })).toThrow('CALENDAR_TEXT');
    expect(() => tradingDay({ ...options, zone: 'Nowhere' })).toThrow('CALENDAR_ZONE');
  });
});

describe('billing cycles', () => {
  const zones = fc.constantFrom('UTC', 'Europe/London', 'America/Sao_Paulo', 'Asia/Kolkata', 'Africa/Cairo');
  const timestamps = fc.integer({ min: Date.parse('1960-01-01'), max: Date.parse('2040-01-01') });

  it('begin on the anchor day of the key, or on the last day of a shorter month', () => {
    fc.assert(
      fc.property(zones, timestamps, fc.integer({ min: 1, max: 31 }), (zone, timestamp, anchor) => {
        const at = new Date(timestamp);
        const starts = [-2, -1, 0, 1, 2].map((months) => {
          const last = new Date(Date.UTC(at.getUTCFullYear(), at.getUTCMonth() + months + 1, 0));
          return momentOf(zone, `${last.toISOString().slice(0, 8)}${String(Math.min(anchor, last.getUTCDate())).padStart(2, '0')} 00:00`);
        });
        const place = starts.findIndex((start) => timestamp < start);
        const expected = [[starts[place - 1], starts[place]]];
        expect(assigned(billingCycle({ zone, anchorDay: anchor }), timestamp)).toEqual(expected);
        const byKey = billingCycle({ zone, anchorDay: (key) => Number(key) });
        assigned(byKey, timestamp, (anchor % 31) + 1);
        expect(assigned(byKey, timestamp, anchor)).toEqual(expected);
        expect(assigned(billingCycle({ zone, anchorDay: (_key, row: { day: number }) => row.day }), timestamp, 'k', { day: anchor })).toEqual(expected);
      }),
      { numRuns: cases(100) },
    );
  });

  it('refuse an anchor that is no day of a month', () => {
    for (const anchorDay of [0, 32, 1.5, Number.NaN]) {
      expect(() => billingCycle({ zone: 'UTC', anchorDay })).toThrow('BILLING_ANCHOR');
      expect(() => assigned(billingCycle({ zone: 'UTC', anchorDay: () => anchorDay }), 0)).toThrow('BILLING_ANCHOR');
    }
    expect([billingCycle({ zone: 'UTC', anchorDay: 31 }).describe, billingCycle({ zone: 'UTC', anchorDay: () => 1 }).describe]).toEqual(['billing cycle from day 31 in UTC', 'billing cycle from day by key in UTC']);
  });
});
