import { cases } from '@weir/testkit';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { dayText, hourOf, minuteText } from './utc-time.ts';

it('tells days, minutes and hours as a date does, also before 1970', () => {
  fc.assert(
    fc.property(fc.date({ min: new Date('0000-01-01'), max: new Date('9999-12-31'), noInvalidDate: true }), (date) => {
      const text = date.toISOString();
      expect([dayText(date.getTime()), minuteText(date.getTime()), hourOf(date.getTime())]).toEqual([text.slice(0, 10), text.slice(11, 16), date.getUTCHours()]);
    }),
    { numRuns: cases(500) },
  );
});

it('knows leap days', () => {
  expect(['2000-02-29', '1900-03-01', '2024-02-29', '2026-12-31'].map((day) => dayText(Date.parse(day)))).toEqual(['2000-02-29', '1900-03-01', '2024-02-29', '2026-12-31']);
});
