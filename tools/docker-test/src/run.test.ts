import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { run, tail } from './run.ts';

const isAlive = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

describe('a program that is run', () => {
  it('tells how it ended, and what it said', async () => {
    expect(await run('sh', ['-c', 'echo out; echo err >&2; exit 3'])).toEqual({ code: 3, stdout: 'out\n', stderr: 'err\n' });
    expect(await run('no-such-program', [])).toMatchObject({ code: null, stderr: expect.stringContaining('ENOENT') as string });
  });

  it('is ended when it is interrupted, with what it has started; another is then not begun', async () => {
    const interruption = new AbortController();
    const running = run('sh', ['-c', 'sleep 60 & echo $!; wait'], { signal: interruption.signal });
    await sleep(200);
    interruption.abort();
    const { code, stdout } = await running;
    expect(code).toBeNull();
    for (let waited = 0; isAlive(Number(stdout)) && waited < 100; waited++) await sleep(50);
    expect(isAlive(Number(stdout))).toBe(false);
    expect(await run('sh', ['-c', 'echo begun'], { signal: interruption.signal })).toEqual({ code: null, stdout: '', stderr: 'interrupted' });
  });

  it('is ended when its time is over', async () => {
    expect((await run('sleep', ['60'], { seconds: 0.1 })).code).toBeNull();
  });
});

it('the tail of a text is its last lines', () => {
  expect(tail('a\nb\nc\n\n', 2)).toBe('b\nc');
});
