import { MIN_WATERMARK, RowBatch } from '@weir/model';
import type { Batch } from '@weir/model';
import { describe, expect, it } from 'vitest';
import { MemoryLog } from './fixtures/memory-log.ts';
import { sale, saleCodec } from './fixtures/small-shop.ts';
import { LogSink } from './log-sink.ts';

function some(...cents: readonly number[]): Batch {
  return new RowBatch(cents.map((each) => sale('north', each, each)), { timestamps: Float64Array.from(cents) });
}

async function attempt(log: MemoryLog): Promise<LogSink> {
  await log.ensureTopic('late', { partitions: 1 });
  const sink = new LogSink({ writer: await log.writer(), topic: 'late', codec: saleCodec });
  await sink.open({ pipeline: 'hourly', sink: 'late', taskEpoch: 1 });
  return sink;
}

function centsIn(log: MemoryLog): readonly number[] {
  return log.records('late').map(({ value }) => (JSON.parse(value!) as { cents: number }).cents);
}

describe('a log sink', () => {
  it('writes rows when it is flushed', async () => {
    const log = new MemoryLog();
    const sink = await attempt(log);
    sink.write(some(1, 3), MIN_WATERMARK, 0);
    expect([sink.pending, centsIn(log)]).toEqual([2, []]);
    await sink.flush();
    expect([sink.pending, centsIn(log)]).toEqual([0, [1, 3]]);
    expect(log.records('late')[0]!.timestamp).toBe(1);
  });

  it('writes nothing twice when the same steps are replayed, wherever the flushes fall', async () => {
    const log = new MemoryLog();
    for (const flushed of [1, 2, 3, 3]) {
      const sink = await attempt(log);
      for (const [sequence, batch] of [some(2), some(1), some(10, 14)].slice(0, flushed).entries()) {
        sink.write(batch, MIN_WATERMARK, sequence);
        if (flushed === 2) await sink.flush();
      }
      await sink.flush();
    }
    expect(centsIn(log)).toEqual([2, 1, 10, 14]);
  });
});
