import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MAX_TIMESTAMP, WeirError } from '@weir/model';
import { RecordBatchBuilder, RecordWalker, checkBatch } from './index.ts';

const runs = Number(process.env['WEIR_RUNS'] ?? 200);
const part = fc.option(fc.uint8Array({ maxLength: 300 }));
const record = fc.record({
  timestamp: fc.oneof(fc.maxSafeInteger(), fc.integer({ min: -70, max: 70 }), fc.constantFrom(-MAX_TIMESTAMP, MAX_TIMESTAMP, 2 ** 31, -(2 ** 31))),
  key: part,
  value: part,
  headers: fc.array(fc.record({ key: fc.string(), value: part }), { maxLength: 3 }),
});
// Times of one batch lie within 2^53 of each other, as real ones do.
const records = fc.array(record, { minLength: 1, maxLength: 40 }).filter((all) => all.every(({ timestamp }) => Number.isSafeInteger(timestamp - all[0]!.timestamp)));

function built(all: readonly { timestamp: number; key: Uint8Array | null; value: Uint8Array | null; headers: { key: string; value: Uint8Array | null }[] }[]): Uint8Array {
  const builder = new RecordBatchBuilder(16);
  for (const { timestamp, key, value, headers } of all) builder.append(timestamp, key, value, headers);
  return builder.build();
}

describe('a record batch', () => {
  it('gives back what was put in', () => {
    const walker = new RecordWalker();
    fc.assert(
      fc.property(records, (all) => {
        const batch = built(all);
        const header = checkBatch(batch);
        expect(header.maxTimestamp).toBe(Math.max(...all.map(({ timestamp }) => timestamp)));
        walker.walk(batch, 0, all.length, { checksum: true });
        const slice = (start: number, end: number): Uint8Array | null => (start < 0 ? null : batch.slice(start, end));
        expect(
          Array.from({ length: walker.count }, (_, i) => ({
            timestamp: walker.timestamps[i],
            key: slice(walker.keyStarts[i]!, walker.keyEnds[i]!),
            value: slice(walker.valueStarts[i]!, walker.valueEnds[i]!),
            headers: walker.headers(i),
          })),
        ).toEqual(all.map((one) => ({ ...one, timestamp: one.timestamp === 0 ? 0 : one.timestamp })));
        expect([...walker.offsets.subarray(0, walker.count)]).toEqual(all.map((_, i) => i));
      }),
      { numRuns: runs },
    );
  });

  it('that is cut anywhere is refused, and never read past its end', () => {
    const walker = new RecordWalker();
    fc.assert(
      fc.property(records, (all) => {
        const batch = built(all.slice(0, 3));
        for (let length = 1; length < batch.length; length++) expect(codeOf(() => walker.walk(batch.slice(0, length), 0, 1e9))).toBe('RECORD_BATCH_CORRUPT');
      }),
      { numRuns: Math.max(10, runs / 10) },
    );
  });

  it('with a flipped bit is refused by its checksum, and read without one it ends in a coded error or within bounds', () => {
    const walker = new RecordWalker();
    fc.assert(
      fc.property(records, fc.nat(), (all, where) => {
        const batch = built(all);
        const bit = (8 + (where % (batch.length - 8))) * 8 + (where % 8);
        batch[bit >>> 3]! ^= 1 << (bit & 7);
        const code = codeOf(() => walker.walk(batch, 0, 1e9, { checksum: true }));
        // The leader epoch is neither checksummed nor read.
        if (bit >>> 3 < 12 || bit >>> 3 >= 16) expect(code).toBe('RECORD_BATCH_CORRUPT');
        expect(['none', 'RECORD_BATCH_CORRUPT', 'RECORD_BATCH_COMPRESSION']).toContain(codeOf(() => walker.walk(batch, 0, 1e9)));
        for (let i = 0; i < walker.count; i++) {
          for (const end of [walker.keyEnds[i]!, walker.valueEnds[i]!, walker.headerStarts[i]!]) expect(end).toBeLessThanOrEqual(batch.length);
        }
      }),
      { numRuns: runs * 5 },
    );
  });
});

function codeOf(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    if (error instanceof WeirError) return error.code;
    throw error;
  }
  return 'none';
}
