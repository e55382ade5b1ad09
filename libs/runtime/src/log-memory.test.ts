import type { LogReader } from '@weir/connector-api';
import { RecordBatchBuilder } from '@weir/record-batch';
import { describe, expect, it } from 'vitest';
import type { SourceBinding } from './bindings.ts';
import { saleCodec } from './fixtures/small-shop.ts';
import { LogMemory } from './log-memory.ts';

/** A batch of two records as a broker has taken it. */
function taken(base: number, leaderEpoch: number): Uint8Array {
  const builder = new RecordBatchBuilder();
  for (const value of [1, 2]) builder.append(0, null, Uint8Array.of(value));
  const batch = Buffer.from(builder.build());
  batch.writeBigInt64BE(BigInt(base), 0);
  batch.writeInt32BE(leaderEpoch, 12);
  return batch;
}

function sourcesWith(reader: Partial<LogReader>): Readonly<Record<string, SourceBinding>> {
  const missing = (): never => {
    throw new Error('not asked for');
  };
  const offsets = (): Promise<{ logStart: number; highWatermark: number }> => Promise.resolve({ logStart: 0, highWatermark: 100 });
  return { sales: { codec: saleCodec, reader: { topic: 'sales', partitions: 1, read: missing, offsetFor: missing, close: missing, offsets, ...reader } } };
}

describe('the memory of a log', () => {
  it('asks whether the record in front of the position is still that of the leader who had taken it', async () => {
    const memory = new LogMemory();
    const bytes = Buffer.concat([taken(10, 3), taken(12, 4), taken(14, 5)]);
    memory.note('sales', 0, 13, bytes);
    const asked: unknown[] = [];
    const sources = sourcesWith({ verify: async (...place) => void asked.push(place) });
    await new LogMemory(memory.remembered(sources)).verify(sources, () => 13);
    expect(asked).toEqual([[0, 13, 4]]);
    memory.note('sales', 0, 14, taken(12, -1));
    expect(memory.remembered(sources).bearings).toEqual([{ source: 'sales', partition: 0, offset: 13, leaderEpoch: 4 }]);
  });

  it('sees that a topic was replaced', async () => {
    const remembered = new LogMemory().remembered(sourcesWith({ topicId: 'one' }));
    await new LogMemory(remembered).verify(sourcesWith({ topicId: 'one' }), () => 0);
    await new LogMemory(remembered).verify(sourcesWith({}), () => 0);
    await expect(new LogMemory(remembered).verify(sourcesWith({ topicId: 'two' }), () => 0)).rejects.toMatchObject({ code: 'LOG_TOPIC_REPLACED' });
  });

  it('sees that a log ends before what was read of it', async () => {
    await new LogMemory().verify(sourcesWith({}), () => 100);
    await expect(new LogMemory().verify(sourcesWith({}), () => 101)).rejects.toMatchObject({ code: 'LOG_TRUNCATED' });
  });

  it('keeps the newest gaps, and no more than a thousand', () => {
    const memory = new LogMemory();
    for (let from = 0; from < 1_005; from++) memory.noteGap({ source: 'sales', partition: 0, from, to: from + 1 });
    const { gaps } = new LogMemory(memory.remembered({}));
    expect(gaps).toHaveLength(1_000);
    expect(gaps.at(-1)).toEqual({ source: 'sales', partition: 0, from: 1_004, to: 1_005 });
  });
});
