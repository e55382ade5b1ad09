import { describe, expect, it } from 'vitest';
import { plan } from './faults.ts';
import { compared, inputOf, liveLines, samePlaces, tableOf } from './findings.ts';

describe('findings', () => {
  it('count what is missing, and what is there too often', () => {
    expect(compared('x', ['a', 'b', 'b', 'c'], ['b', 'b', 'b', 'c', 'd'])).toMatchObject({ expected: 4, found: 5, lost: 1, doubled: 2 });
    expect(compared('x', ['a', 'a'], ['a', 'a'])).toMatchObject({ lost: 0, doubled: 0 });
  });

  it('see places that no transaction committed', () => {
    expect(samePlaces('t', new Set(['0/1', '0/2']), new Set(['0/2', '0/3']))).toMatchObject({ lost: 1, aborted: 1 });
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
    expect(input).toEqual({ lines: [7], bad: [9], badPlaces: ['0/3'] });
    expect(tableOf([compared('x', [], [])]).split('\n')).toHaveLength(2);
  });
});

describe('a plan of faults', () => {
  it('is the same for the same seed, and has every kind in the numbers asked for', () => {
    expect(plan(30, 7)).toEqual(plan(30, 7));
    expect(plan(30, 7)).not.toEqual(plan(30, 8));
    const kinds = plan(30, 7).map(({ fault }) => fault.kind);
    expect(kinds.filter((kind) => kind === 'kill speed' || kind === 'kill standby')).toHaveLength(30);
    expect(kinds.filter((kind) => kind === 'kill broker')).toHaveLength(10);
    expect(new Set(kinds)).toEqual(new Set(['kill speed', 'kill standby', 'kill broker', 'kill generator', 'pause speed', 'pause broker']));
    expect(plan(30, 7).some(({ fault }) => 'milliseconds' in fault && fault.milliseconds > 60_000)).toBe(true);
  });
});
