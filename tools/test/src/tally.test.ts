import { describe, expect, it } from 'vitest';
import { exitCodeOf, oneFailed, onePassed, skippedLines, sumOf, totals, truthful } from './tally.ts';

const skipped = [{ file: 'a.test.ts', name: 'needs a broker', why: 'no Docker', needsBroker: true }];

describe('tally', () => {
  it('adds the parts', () => {
    const all = sumOf([onePassed, { passed: 3, failed: 2, skipped }, oneFailed]);
    expect(all).toEqual({ passed: 4, failed: 3, skipped, complaints: [] });
    expect(totals(all)).toBe('4 passed, 3 failed, 1 skipped');
    expect(exitCodeOf(all)).toBe(1);
  });

  it('says nothing of skipped tests where there are none', () => {
    expect(totals(onePassed)).toBe('1 passed, 0 failed');
    expect(exitCodeOf(onePassed)).toBe(0);
  });

  it('counts nothing at all as a failure', () => {
    expect(truthful({ passed: 0, failed: 0, skipped }, 0).failed).toBe(1);
    expect(exitCodeOf({ passed: 0, failed: 0, skipped })).toBe(1);
  });

  it('counts a program that failed without naming a failure, or left no tally', () => {
    expect(truthful({ passed: 5, failed: 0, skipped: [] }, 1)).toEqual({ passed: 5, failed: 1, skipped: [] });
    expect(truthful(undefined, 0)).toEqual(oneFailed);
  });

  it('says what was skipped in a line for each reason', () => {
    const of = (file: string, name: string, why: string) => ({ file, name, why, needsBroker: false });
    expect(skippedLines([...skipped, of('a.test.ts', 'too', 'no Docker'), of('b.test.ts', 'one', 'no Docker'), of('b.test.ts', 'two', 'no browser')])).toEqual([
      'skipped: 2 tests of a.test.ts; b.test.ts > one (no Docker)',
      'skipped: b.test.ts > two (no browser)',
    ]);
  });

  it('leaves a true tally as it is', () => {
    expect(truthful({ passed: 5, failed: 2, skipped: [] }, 1)).toEqual({ passed: 5, failed: 2, skipped: [] });
  });
});
