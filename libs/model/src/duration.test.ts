import { describe, expect, it } from 'vitest';
import { days, durationText, hours, milliseconds, minutes, seconds } from './duration.ts';

describe('durations', () => {
  it('are whole milliseconds, none below zero', () => {
    expect([milliseconds(7), seconds(1), minutes(1), hours(1), days(1)]).toEqual([7, 1_000, 60_000, 3_600_000, 86_400_000]);
    expect(() => minutes(-1)).toThrow(RangeError);
    expect(() => seconds(0.0001)).toThrow(RangeError);
  });

  it('read in the largest unit that holds them whole', () => {
    expect([0, 1, 1_500, 90_000, 3_600_000, 129_600_000, 172_800_000].map(durationText)).toEqual(['0', '1ms', '1500ms', '90s', '1h', '36h', '2d']);
  });
});
