import { describe, expect, it } from 'vitest';
import { PacedOutput } from './paced-output.ts';
import type { FlushTiming } from './paced-output.ts';

/** Rows that are flushed when the test says so. */
class HeldSink {
  pending = 0;
  #end: ((error?: Error) => void) | undefined;

  flush(): Promise<void> {
    this.pending = 0;
    return new Promise((resolve, reject) => {
      this.#end = (error) => (error === undefined ? resolve() : reject(error));
    });
  }

  end(error?: Error): void {
    this.#end!(error);
  }
}

describe('an output at its own pace', () => {
  it('is due as soon as rows wait, not while it is being flushed, and rests after it', async () => {
    const sink = new HeldSink();
    const output = new PacedOutput('rows', sink);
    expect(output.dueAt).toBe(Number.POSITIVE_INFINITY);
    sink.pending = 3;
    expect(output.dueAt).toBeLessThanOrEqual(performance.now());
    const flushed = output.flush([7]);
    sink.pending = 1;
    expect(output.dueAt).toBe(Number.POSITIVE_INFINITY);
    sink.end();
    await flushed;
    expect(output.flushing).toBeUndefined();
    expect(output.dueAt).toBeGreaterThan(performance.now());
    expect(output.dueAt).toBeLessThan(Number.POSITIVE_INFINITY);
  });

  it('is durable up to the positions of its last flush that succeeded; where nothing waits, at once', async () => {
    const sink = new HeldSink();
    const output = new PacedOutput('rows', sink);
    output.startFrom([1, 1]);
    await output.flush([2, 3]);
    expect(output.flushed).toEqual([2, 3]);
    sink.pending = 1;
    const flushed = output.flush([4, 4]);
    expect(output.flushed).toEqual([2, 3]);
    sink.end(new Error('full'));
    await expect(flushed).rejects.toThrow('full');
    expect(output.flushed).toEqual([2, 3]);
    expect(output.flushing).toBeUndefined();
  });

  it('tells since when rows waited: those of the flush, not those that the sink still counts', async () => {
    const timings: FlushTiming[] = [];
    const sink = { pending: 0, flush: (): Promise<void> => Promise.resolve() };
    const output = new PacedOutput('rows', sink, (timing) => timings.push(timing));
    output.noteSteps(1);
    sink.pending = 2;
    output.noteSteps(5);
    output.noteSteps(6);
    const first = output.flush([1]);
    output.noteSteps(8);
    sink.pending = 3;
    output.noteSteps(9);
    await first;
    await output.flush([2]);
    expect(timings.map(({ output: name, waitingSince }) => [name, waitingSince])).toEqual([
      ['rows', 5],
      ['rows', 9],
    ]);
    for (const { begunAt, endedAt } of timings) expect(endedAt).toBeGreaterThanOrEqual(begunAt);
  });
});
