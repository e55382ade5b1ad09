import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { beat } from './heartbeat.ts';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'weir-beat-'));
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
  rmSync(folder, { recursive: true, force: true });
});

describe('beat', () => {
  it('writes the file at once, again each second, and no more when it was ended', () => {
    const file = join(folder, 'alive');
    const end = beat(file, () => undefined);
    expect(existsSync(file)).toBe(true);
    rmSync(file);
    vi.advanceTimersByTime(1_000);
    expect(existsSync(file)).toBe(true);
    end();
    rmSync(file);
    vi.advanceTimersByTime(5_000);
    expect(existsSync(file)).toBe(false);
  });

  it('refuses a file that cannot be written, and warns when it cannot be written any more', () => {
    expect(() => beat(join(folder, 'not', 'there'), () => undefined)).toThrow(expect.objectContaining({ code: 'SETTING_INVALID' }));
    const warnings: string[] = [];
    const end = beat(join(folder, 'alive'), (message) => warnings.push(message));
    rmSync(folder, { recursive: true });
    vi.advanceTimersByTime(2_000);
    expect(warnings).toHaveLength(2);
    end();
  });

  it('does nothing without a file', () => {
    beat(undefined, () => undefined)();
    expect(vi.getTimerCount()).toBe(0);
  });
});
