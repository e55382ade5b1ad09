import { describe, expect, it } from 'vitest';
import { Pacer } from './pacer.ts';

/** A pacer on a clock of its own, and how long it rested. */
function paced(bounds: { readonly recordsPerSecond?: number; readonly cpuShare?: number }) {
  const time = { now: 0, cpu: 0, rested: 0 };
  const stop = new AbortController();
  const rest = (milliseconds: number): Promise<void> => {
    time.now += milliseconds;
    time.rested += milliseconds;
    return Promise.resolve();
  };
  return { time, stop, pacer: new Pacer({ ...bounds, signal: stop.signal, cpu: () => time.cpu, monotonic: () => time.now, rest }) };
}

describe('a pacer', () => {
  it('lets no more records through a second than it may', async () => {
    const { time, pacer } = paced({ recordsPerSecond: 1_000 });
    for (let i = 0; i < 100; i++) {
      time.now += 10;
      await pacer.pause(500);
    }
    expect(time.now).toBeCloseTo(50_000, -2);
  });

  it('leaves the processor to others for the rest of the time', async () => {
    const { time, pacer } = paced({ cpuShare: 0.25 });
    for (let i = 0; i < 100; i++) {
      time.now += 20;
      time.cpu += 20;
      await pacer.pause(1);
    }
    expect(time.cpu / time.now).toBeCloseTo(0.25, 2);
  });

  it('makes up for a second of waiting at most', async () => {
    const { time, pacer } = paced({ recordsPerSecond: 1_000 });
    time.now += 3_600_000;
    await pacer.pause(1_500);
    expect(time.rested).toBeCloseTo(500, 5);
  });

  it('has no bounds unless they are given', async () => {
    const { time, pacer } = paced({});
    time.cpu = 1e6;
    await pacer.pause(1e9);
    expect(time.rested).toBe(0);
  });

  it('ends the replay when it is stopped, with the reason if it has one', async () => {
    const { stop, pacer } = paced({ recordsPerSecond: 1 });
    stop.abort();
    await expect(pacer.pause(1)).rejects.toMatchObject({ code: 'REPLAY_INTERRUPTED' });
  });

  it('does not rest when it was stopped meanwhile', async () => {
    const stop = new AbortController();
    const pacer = new Pacer({ recordsPerSecond: 1, signal: stop.signal });
    const paused = expect(pacer.pause(1_000_000)).rejects.toMatchObject({ code: 'REPLAY_INTERRUPTED' });
    stop.abort();
    await paused;
  });
});
