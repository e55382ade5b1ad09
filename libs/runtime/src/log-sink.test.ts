import { RowBatch } from '@weir/model';
import type { Batch, Origin } from '@weir/model';
import { describe, expect, it } from 'vitest';
import { MemoryLog } from './fixtures/memory-log.ts';
import { sale, saleCodec } from './fixtures/small-shop.ts';
import { LogSink } from './log-sink.ts';

function originAt(from: number, length: number, partition = 0): Origin {
  return { source: 'sales', partition, offsets: Float64Array.from({ length }, (_, i) => from + i), logTimestamps: new Float64Array(length) };
}

/** The rows of a step at these positions, as an operator lets them go. */
function some(origin: Origin, ...positions: readonly number[]): Batch {
  const all = new RowBatch(Array.from(origin.offsets, (offset) => sale('north', offset, offset)), { timestamps: origin.offsets, origin });
  return all.select(Int32Array.from(positions), positions.length);
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
    sink.write(some(originAt(0, 5), 1, 3));
    sink.write(some(originAt(5, 5)));
    expect([sink.pending, centsIn(log)]).toEqual([2, []]);
    await sink.flush();
    expect([sink.pending, centsIn(log)]).toEqual([0, [1, 3]]);
    expect(log.records('late')[0]!.timestamp).toBe(1);
  });

  it('writes all batches of a step, though a later one holds earlier rows', async () => {
    const log = new MemoryLog();
    const sink = await attempt(log);
    const step = originAt(0, 10);
    sink.write(some(step, 5, 9));
    sink.write(some(step, 7));
    sink.write(some(originAt(10, 2), 0));
    sink.write(some(originAt(0, 2, 1), 0));
    await sink.flush();
    expect(centsIn(log)).toEqual([5, 9, 7, 10, 0]);
  });

  it('writes nothing twice when the same steps are replayed, wherever the flushes fall', async () => {
    const log = new MemoryLog();
    for (const flushed of [1, 2, 3, 3]) {
      const sink = await attempt(log);
      const first = originAt(0, 10);
      const batches = [some(first, 2), some(first, 1), some(originAt(10, 10), 0, 4)];
      for (const batch of batches.slice(0, flushed)) {
        sink.write(batch);
        if (flushed === 2) await sink.flush();
      }
      await sink.flush();
    }
    expect(centsIn(log)).toEqual([2, 1, 10, 14]);
  });
});
