import { describe, expect, it } from 'vitest';
import { Announcements } from './announcements.ts';

/** Announcements that end when they are told to. */
function held(): { announcements: Announcements; told: string[]; end: () => Promise<void> } {
  const told: string[] = [];
  const ends: (() => void)[] = [];
  const announcements = new Announcements('sales', (text) => new Promise((resolve) => void (told.push(text), ends.push(resolve))), (message) => expect.fail(message));
  const end = async (): Promise<void> => {
    ends.shift()!();
    await new Promise((resolve) => setImmediate(resolve));
  };
  return { announcements, told, end };
}

describe('announcements', () => {
  it('are under way one at a time, and changes meanwhile are told by one more', async () => {
    const { announcements, told, end } = held();
    announcements.changed();
    announcements.changed();
    announcements.changed();
    expect(told).toEqual(['sales']);
    await end();
    expect(told).toEqual(['sales', 'sales']);
    await end();
    announcements.changed();
    expect(told).toHaveLength(3);
  });

  it('tell rows in the order in which they are sent', async () => {
    const { announcements, told, end } = held();
    for (const text of ['{1}', '{2}', '{3}']) announcements.tell(text);
    announcements.changed();
    announcements.tell('{4}');
    for (let each = 0; each < 5; each++) await end();
    expect(told).toEqual(['{1}', '{2}', '{3}', 'sales', '{4}']);
  });

  it('become one that names no rows when too many wait', async () => {
    const { announcements, told, end } = held();
    for (let each = 0; each < 18; each++) announcements.tell(`{${each}}`);
    await end();
    expect(told).toEqual(['{0}', 'sales']);
    await end();
    expect(told).toHaveLength(2);
  });

  it('go on after one that failed, with a warning', async () => {
    const warnings: string[] = [];
    let attempts = 0;
    const announcements = new Announcements('sales', () => Promise.reject(new Error(`attempt ${++attempts}`)), (message) => warnings.push(message));
    for (let change = 1; change <= 2; change++) {
      announcements.changed();
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(warnings).toEqual([expect.stringContaining('attempt 1'), expect.stringContaining('attempt 2')]);
  });
});
