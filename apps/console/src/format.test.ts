import { describe, expect, it } from 'vitest';
import { agoText, clockText, instantText, lengthText, minuteText, moneyText, wholeMoneyText } from './format.ts';

const INSTANT = Date.UTC(2011, 11, 9, 12, 50, 7);

describe('what the page writes', () => {
  it('is money to the penny, and rounded where it says so', () => {
    expect(moneyText(123_456)).toBe('£1,234.56');
    expect(moneyText(-5)).toBe('-£0.05');
    expect(wholeMoneyText(123_450)).toBe('£1,235');
  });

  it('is times in UTC', () => {
    expect(instantText(INSTANT)).toBe('9 Dec 2011, 12:50:07');
    expect(minuteText(INSTANT)).toBe('9 Dec 2011, 12:50');
    expect(clockText(INSTANT)).toBe('12:50:07');
    expect(instantText(null)).toBe('unknown');
    expect(instantText(8.64e15)).toBe('end of input');
    expect(clockText(8.64e15)).toBe('end');
  });

  it('is lengths in the units that matter', () => {
    expect([0, 59, 60, 200, 3_600, 4_320, 4_350].map(lengthText)).toEqual(['0 s', '59 s', '1 min', '3 min 20 s', '1 h', '1 h 12 min', '1 h 12 min']);
  });

  it('is how long ago in one unit', () => {
    expect([0, 1_999, 2_000, 59_999, 60_000, 3_599_000, 3_600_000, 90_000_000].map(agoText)).toEqual(['just now', 'just now', '2 s ago', '59 s ago', '1 min ago', '59 min ago', '1 h ago', '1 d ago']);
  });
});
