import { describe, expect, it } from 'vitest';
import { HOUR_MILLISECONDS, countriesByRevenue, revenueHours, wholeHours } from './revenue-hours.ts';
import type { Revenue, Row, RowLabel } from './serving-api.ts';

function row(country: string, hour: number, cents: number, label: Partial<RowLabel> = {}): Row<Revenue> {
  const start = hour * HOUR_MILLISECONDS;
  return {
    key: country,
    window: { start, end: start + HOUR_MILLISECONDS },
    data: { country, hour: start, cents, units: 2, orders: 1 },
    label: { layer: 'speed', paneTiming: 'on-time', completeness: 'complete', watermark: 5, frontier: null, run: null, codeVersion: 'v', ...label },
  };
}

describe('hours of revenue', () => {
  it('add up countries and fill the hours in which nothing was ordered', () => {
    const hours = revenueHours([row('EIRE', 12, 700), row('France', 10, 50), row('EIRE', 10, 300)], null, 24);
    expect(hours.map(({ start, cents, orders, label }) => [start / HOUR_MILLISECONDS, cents, orders, label === null])).toEqual([
      [10, 350, 2, false],
      [11, 0, 0, true],
      [12, 700, 1, false],
    ]);
  });

  it('of one country span the hours of all', () => {
    expect(revenueHours([row('EIRE', 12, 700), row('France', 10, 50)], 'France', 24).map(({ cents }) => cents)).toEqual([50, 0, 0]);
  });

  it('are the newest only', () => {
    expect(revenueHours([row('EIRE', 12, 1), row('EIRE', 11, 2), row('EIRE', 3, 3)], null, 2).map(({ cents }) => cents)).toEqual([2, 1]);
  });

  it('are as good as the least of their rows, in either order', () => {
    const rows = [row('EIRE', 1, 1), row('France', 1, 1, { completeness: 'provisional' }), row('Spain', 1, 1)];
    for (const order of [rows, rows.toReversed()]) expect(revenueHours(order, null, 24)[0]!.label!.completeness).toBe('provisional');
  });

  it('are none where there are no rows', () => {
    expect(revenueHours([], null, 24)).toEqual([]);
    expect(revenueHours([row('EIRE', 1, 1)], 'Nowhere', 24)).toEqual([]);
  });

  it('leave out an hour that the limit may have cut', () => {
    const rows = [row('EIRE', 3, 1), row('EIRE', 2, 1), row('France', 2, 1), row('EIRE', 1, 1)];
    expect(wholeHours(rows, 4)).toHaveLength(3);
    expect(wholeHours(rows, 5)).toHaveLength(4);
  });

  it('order countries by what they ordered', () => {
    expect(countriesByRevenue([row('Spain', 1, 5), row('EIRE', 1, 3), row('EIRE', 2, 4), row('France', 1, 5)])).toEqual(['EIRE', 'France', 'Spain']);
  });
});
