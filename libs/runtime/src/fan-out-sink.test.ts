import type { Sink } from '@weir/connector-api';
import { MIN_WATERMARK, RowBatch } from '@weir/model';
import { describe, expect, it } from 'vitest';
import { FanOutSink } from './fan-out-sink.ts';

class Recorder implements Sink {
  pending = 0;
  readonly calls: string[] = [];
  failure: Error | undefined;

  open({ pipeline }: { readonly pipeline: string }): Promise<void> {
    return this.#called(`open ${pipeline}`);
  }

  write(batch: { readonly length: number }, _watermark: number, sequence: number): void {
    this.pending += batch.length;
    void this.#called(`write ${sequence}`);
  }

  flush(): Promise<void> {
    this.pending = 0;
    void this.#called('flush');
    return this.failure === undefined ? Promise.resolve() : Promise.reject(this.failure);
  }

  close(): Promise<void> {
    return this.#called('close');
  }

  #called(call: string): Promise<void> {
    this.calls.push(call);
    return Promise.resolve();
  }
}

describe('a sink that fans out', () => {
  it('does with each what is done with it', async () => {
    const sinks = [new Recorder(), new Recorder()];
    const both = new FanOutSink(sinks);
    await both.open({ pipeline: 'p', sink: 's', taskEpoch: 1 });
    both.write(new RowBatch([{ a: 1 }, { a: 2 }], { timestamps: new Float64Array(2) }), MIN_WATERMARK, 7);
    expect(both.pending).toBe(2);
    await both.flush();
    expect(both.pending).toBe(0);
    await both.close();
    for (const { calls } of sinks) expect(calls).toEqual(['open p', 'write 7', 'flush', 'close']);
  });

  it('fails when one of them does, and lets the others finish', async () => {
    const sinks = [new Recorder(), new Recorder()];
    sinks[0]!.failure = new Error('full');
    await expect(new FanOutSink(sinks).flush()).rejects.toThrow('full');
    expect(sinks[1]!.calls).toEqual(['flush']);
  });
});
