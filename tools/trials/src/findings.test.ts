import { describe, expect, it } from 'vitest';
import { plan, shortPlan, wordsOf } from './faults.ts';
import { compared, inputOf, liveLines, ofOtherClient, samePlaces, tableOf } from './findings.ts';
import { naiveBestSellers, naiveRevenue, naiveSessions } from './naive-views.ts';

describe('findings', () => {
  it('count what is missing, and what is there too often', () => {
    expect(compared('x', ['a', 'b', 'b', 'c'], ['b', 'b', 'b', 'c', 'd'])).toMatchObject({ expected: 4, found: 5, lost: 1, doubled: 2 });
    expect(compared('x', ['a', 'a'], ['a', 'a'])).toMatchObject({ lost: 0, doubled: 0 });
  });

  it('see places that no transaction committed', () => {
    expect(samePlaces('t', new Set(['0/1', '0/2']), new Set(['0/2', '0/3']))).toMatchObject({ lost: 1, aborted: 1 });
  });

  it('see what a client took back, and miss what it committed', () => {
    const told = { committed: new Set([1, 4]), aborted: new Set([2, 9]), abandoned: new Set([3]) };
    const input = { orders: [], bad: [1, 2, 3], badPlaces: ['0/1', '0/2', '0/3'] };
    expect(ofOtherClient(told, input, new Map())).toMatchObject([{ expected: 2, found: 1, lost: 1, doubled: 0 }, { expected: 0, found: 2, aborted: 2 }]);
  });

  it('expect nothing of a record whose transaction has no end, and still see it at another place', () => {
    const told = { committed: new Set([1, 4]), aborted: new Set([2, 9]), abandoned: new Set([3]) };
    const torn = new Map([['0/2', 2], ['0/4', 4]]);
    const input = { orders: [], bad: [1, 2], badPlaces: ['0/1', '0/2'] };
    expect(ofOtherClient(told, input, torn)).toMatchObject([{ expected: 1, found: 1, lost: 0, doubled: 0 }, { expected: 0, found: 0, aborted: 0 }]);
    const twice = { orders: [], bad: [1, 2, 2, 4, 4], badPlaces: ['0/1', '0/2', '0/7', '0/4', '0/8'] };
    expect(ofOtherClient(told, twice, torn)).toMatchObject([{ expected: 1, found: 2, doubled: 1 }, { expected: 0, found: 1, aborted: 1 }]);
  });

  it('find gaps and doubles in the numbers of the shop', () => {
    const lines = [0, 1, 2, 2_048, 2_049, 4_096].map((line) => 541_909 + line);
    expect(liveLines(lines)).toMatchObject({ expected: 6, lost: 0, doubled: 0 });
    expect(liveLines([...lines, lines[1]!])).toMatchObject({ doubled: 1, lost: 0 });
    expect(liveLines(lines.filter((line) => line !== 541_910))).toMatchObject({ lost: 1 });
    expect(liveLines(lines.filter((line) => line < 543_957 || line > 543_958))).toMatchObject({ lost: 1 });
    expect(liveLines([])).toMatchObject({ expected: 0, lost: 0 });
  });

  it('tell what the input holds', () => {
    const headers = {};
    const input = inputOf(new Map([['0/1', { value: '{"invoice":"L1","line":7}', headers }], ['0/3', { value: '{"bad":9}', headers }]]));
    expect(input).toEqual({ orders: [{ invoice: 'L1', line: 7 }], bad: [9], badPlaces: ['0/3'] });
    expect(tableOf([compared('x', [], [])]).split('\n')).toHaveLength(2);
  });
});

describe('the naive views', () => {
  const HOUR = 3_600_000;
  const order = (placedAt: number, units: number, customer: string | null = 'c', product = 'p'): Parameters<typeof naiveRevenue>[0][number] => ({ invoice: 'i', line: 0, product, units, cents: units * 10, placedAt, customer, country: 'N' });

  it('hold what is over, and leave out what was taken back', () => {
    const orders = [order(0, 1), order(HOUR - 1, 2), order(HOUR, 4), order(HOUR, -4), order(2 * HOUR, 1)];
    expect([...naiveRevenue(orders, 2 * HOUR)]).toEqual([[`N|0|${HOUR}`, '[30,3,1]'], [`N|${HOUR}|${2 * HOUR}`, '[40,4,1]']]);
    expect([...naiveSessions([order(0, 1), order(HOUR / 2, 1), order(HOUR + 1, 1), order(0, 1, null)], HOUR)]).toEqual([[`c|0|${HOUR}`, '[2,1,20]']]);
    const best = naiveBestSellers([...Array.from({ length: 12 }, (_, i) => order(0, i + 1, 'c', `p${i}`)), order(24 * HOUR, 1)], 24 * HOUR);
    expect([...best.keys()].at(-1)).toBe(`all|0|${24 * HOUR}`);
    expect(JSON.parse([...best.values()][0]!)).toEqual(Array.from({ length: 10 }, (_, i) => [`p${11 - i}`, 12 - i]));
  });
});

describe('a plan of faults', () => {
  it('is the same for the same seed, and has every kind in the numbers asked for', () => {
    expect(plan(30, 7)).toEqual(plan(30, 7));
    expect(plan(30, 7)).not.toEqual(plan(30, 8));
    const kinds = plan(30, 7).map(({ fault }) => fault.kind);
    expect(kinds.filter((kind) => kind === 'kill speed' || kind === 'kill standby')).toHaveLength(30);
    expect(kinds.filter((kind) => kind.startsWith('kill broker'))).toHaveLength(10);
    expect(new Set(kinds)).toEqual(new Set(['kill speed', 'kill standby', 'kill both', 'kill broker', 'kill broker in replay', 'kill generator', 'kill replay', 'abandon transaction', 'pause speed', 'pause both', 'pause broker']));
    expect(plan(30, 7).some(({ fault }) => 'milliseconds' in fault && fault.milliseconds > 60_000)).toBe(true);
    expect(plan(30, 7).some(({ isHasty }) => isHasty)).toBe(true);
    expect(shortPlan().map(wordsOf)[3]).toBe('pause speed for 12.0 s after 0.7 s');
  });
});
