import { describe, expect, it } from 'vitest';
import { Announcements } from './announcements.ts';

describe('announcements', () => {
  it('are under way one at a time, and changes meanwhile are told by one more', async () => {
    const told: (() => void)[] = [];
    const announcements = new Announcements(() => new Promise((resolve) => told.push(resolve)), (message) => expect.fail(message));
    announcements.changed();
    announcements.changed();
    announcements.changed();
    expect(told).toHaveLength(1);
    told[0]!();
    await Promise.resolve();
    await Promise.resolve();
    expect(told).toHaveLength(2);
    told[1]!();
    await Promise.resolve();
    await Promise.resolve();
    announcements.changed();
    expect(told).toHaveLength(3);
  });

  it('go on after one that failed, with a warning', async () => {
    const warnings: string[] = [];
    let attempts = 0;
    const announcements = new Announcements(() => Promise.reject(new Error(`attempt ${++attempts}`)), (message) => warnings.push(message));
    for (let change = 1; change <= 2; change++) {
      announcements.changed();
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(warnings).toEqual([expect.stringContaining('attempt 1'), expect.stringContaining('attempt 2')]);
  });
});
