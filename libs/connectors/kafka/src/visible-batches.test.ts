import { gzipSync, zstdCompressSync } from 'node:zlib';
import { compressionsAlgorithms } from '@platformatic/kafka';
import { WeirError } from '@weir/model';
import { readHeader, viewOf } from '@weir/record-batch';
import { cases, recordsIn } from '@weir/testkit';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compressedBatch, marker, wireBatch } from './fixtures/wire-batch.ts';
import { MOST_DECOMPRESSED_BYTES } from './compression.ts';
import { visibleBatches } from './visible-batches.ts';
import type { AbortedTransaction } from './wire/fetch.ts';

const options = { checksums: true, place: 'topic/0' };

/** Offsets that a reader of committed records gets. */
function visible(batches: readonly Uint8Array[], aborted: readonly AbortedTransaction[] = []): readonly number[] {
  const { bytes, end } = visibleBatches(Buffer.concat(batches), aborted, options);
  const last = batches.at(-1);
  if (last !== undefined) expect(end).toBe(readHeader(viewOf(last), 0).lastOffset + 1);
  return recordsIn(bytes).map(({ offset }) => offset);
}

function codeOf(act: () => unknown): string {
  try {
    act();
  } catch (error) {
    if (error instanceof WeirError) return `${error.code}: ${error.message}`;
    throw error;
  }
  return 'nothing';
}

const of7 = (base: number, values?: readonly string[]): Uint8Array => wireBatch({ base, producerId: 7, isTransactional: true, ...(values === undefined ? {} : { values }) });

describe('what is visible of fetched batches', () => {
  it('is all of them where nothing was aborted, without a copy', () => {
    const bytes = Buffer.concat([wireBatch({ base: 0 }), of7(2), marker(4, 7), wireBatch({ base: 5 })]);
    const seen = visibleBatches(bytes, [], options);
    expect(seen.bytes.buffer).toBe(bytes.buffer);
    expect(recordsIn(seen.bytes).map(({ offset }) => offset)).toEqual([0, 1, 2, 3, 5, 6]);
    expect(seen.end).toBe(7);
  });

  it('leaves out what a transaction wrote that was aborted, up to its marker', () => {
    expect(visible([of7(0), wireBatch({ base: 2 }), marker(4, 7), of7(5), marker(7, 7)], [{ producerId: 7, firstOffset: 0 }])).toEqual([2, 3, 5, 6]);
  });

  it('leaves out several aborted transactions of one producer, and not the committed one between, in any order of the list', () => {
    const batches = [of7(0), marker(2, 7), of7(3), marker(5, 7), of7(6), marker(8, 7), of7(9), marker(11, 7)];
    const aborted = [{ producerId: 7, firstOffset: 9 }, { producerId: 7, firstOffset: 0 }, { producerId: 7, firstOffset: 6 }];
    expect(visible(batches.map((batch) => batch.slice()), aborted)).toEqual([3, 4]);
    expect(visible(batches, [...aborted].reverse())).toEqual([3, 4]);
  });

  it('leaves out the rest of a transaction that began before the fetch, and one that ends behind it', () => {
    expect(visible([of7(10), marker(12, 7), of7(13), marker(15, 7), of7(16)], [{ producerId: 7, firstOffset: 3 }, { producerId: 7, firstOffset: 16 }])).toEqual([13, 14]);
  });

  it('keeps what others wrote meanwhile, and what the producer wrote outside of transactions', () => {
    const outside = wireBatch({ base: 2, producerId: 7 });
    const other = wireBatch({ base: 4, producerId: 8, isTransactional: true });
    expect(visible([of7(0), outside, other, marker(6, 8), of7(7), marker(9, 7)], [{ producerId: 7, firstOffset: 0 }])).toEqual([2, 3, 4, 5]);
  });

  it('is nothing where no batch is whole, and the whole ones where the last is cut', () => {
    const batch = wireBatch({ base: 0 });
    expect(visibleBatches(new Uint8Array(0), [], options)).toEqual({ bytes: new Uint8Array(0), end: undefined, leaderEpoch: -1 });
    for (let length = 0; length < batch.length; length++) {
      expect(visibleBatches(batch.slice(0, length), [], options).end).toBeUndefined();
      expect(recordsIn(visibleBatches(Buffer.concat([batch, wireBatch({ base: 2 }).subarray(0, length)]), [], options).bytes)).toHaveLength(2);
    }
  });
});

const xerial = (records: Buffer): Buffer => {
  const chunks: Uint8Array[] = [Buffer.from([0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0, 0, 0, 0, 1, 0, 0, 0, 1])];
  for (let at = 0; at < records.length; at += 10) {
    const chunk = compressionsAlgorithms.snappy.compressSync(records.subarray(at, at + 10));
    const length = Buffer.alloc(4);
    length.writeUInt32BE(chunk.length);
    chunks.push(length, chunk);
  }
  return Buffer.concat(chunks);
};

const CODECS = {
  gzip: [1, (records) => gzipSync(records)],
  snappy: [2, (records) => compressionsAlgorithms.snappy.compressSync(records)],
  'snappy in the framing of Java': [2, xerial],
  lz4: [3, (records) => compressionsAlgorithms.lz4.compressSync(records)],
  zstd: [4, (records) => zstdCompressSync(records)],
} satisfies Record<string, [number, (records: Buffer) => Uint8Array]>;

describe('compressed batches', () => {
  it.each(Object.entries(CODECS))('of %s are handed over as if they were not', (_, [number, compress]) => {
    const plain = wireBatch({ base: 3, values: ['a', null, 'c'.repeat(100_000)] });
    const { bytes, end } = visibleBatches(Buffer.concat([wireBatch({ base: 1 }), compressedBatch(plain, number, compress), marker(6, 1)]), [], options);
    expect(recordsIn(bytes, 3)).toEqual(recordsIn(plain));
    expect(end).toBe(7);
  });

  it.each(Object.entries(CODECS))('of %s that are damaged inside are told with their place', (_, [number]) => {
    const damaged = compressedBatch(wireBatch({ base: 30 }), number, () => Buffer.from('no such thing'));
    expect(codeOf(() => visibleBatches(damaged, [], options))).toMatch(/^RECORD_BATCH_CORRUPT: .*topic\/0 at offset 30/);
  });

  it('of a codec that is not known are refused', () => {
    expect(codeOf(() => visibleBatches(compressedBatch(wireBatch({ base: 30 }), 5, (records) => records), [], options))).toMatch(/^RECORD_BATCH_COMPRESSION: .*topic\/0 .*offset 30 of compression 5/);
  });

  it('that are of no use leave those in front of them as they are', () => {
    const good = compressedBatch(wireBatch({ base: 0 }), 1, (records) => gzipSync(records));
    for (const bad of [compressedBatch(wireBatch({ base: 2 }), 5, (records) => records), compressedBatch(wireBatch({ base: 2 }), 4, () => Buffer.from('no such thing'))]) {
      const { bytes, end, leaderEpoch } = visibleBatches(Buffer.concat([good, bad, wireBatch({ base: 4 })]), [], options);
      expect([recordsIn(bytes).map(({ offset }) => offset), end, leaderEpoch]).toEqual([[0, 1], 2, readHeader(viewOf(good), 0).leaderEpoch]);
    }
  });

  it.each([['gzip', 1, gzipSync], ['zstd', 4, zstdCompressSync]] as const)('of %s that hold too much are refused before they are in memory', (_, number, compress) => {
    const bomb = compress(Buffer.alloc(MOST_DECOMPRESSED_BYTES + 1));
    expect(codeOf(() => visibleBatches(compressedBatch(wireBatch({ base: 30 }), number, () => bomb), [], options))).toMatch(/^LOG_RECORD_TOO_LARGE: .*topic\/0 at offset 30/);
  });

  it('that were aborted stay hidden', () => {
    expect(visible([compressedBatch(of7(0), 1, (records) => gzipSync(records)), marker(2, 7)], [{ producerId: 7, firstOffset: 0 }])).toEqual([]);
  });
});

describe('damaged batches', () => {
  it('are told with their place, whichever bit is wrong', () => {
    const CRC_AT = 17;
    const first = wireBatch({ base: 0 });
    const second = wireBatch({ base: 2 });
    fc.assert(
      fc.property(fc.nat({ max: (second.length - CRC_AT) * 8 - 1 }), (bit) => {
        const bytes = Buffer.concat([first, second]);
        bytes[first.length + CRC_AT + (bit >> 3)]! ^= 1 << (bit & 7);
        // Those in front of it are handed over first, so that it stands in nobody's way but its own.
        const { bytes: before, end } = visibleBatches(bytes, [], options);
        expect([recordsIn(before).length, end]).toEqual([2, 2]);
        expect(codeOf(() => visibleBatches(bytes.subarray(first.length), [], options))).toMatch(/^RECORD_BATCH_CORRUPT: .*topic\/0 at offset 2 /);
        bytes.copyWithin(0, first.length);
        expect(codeOf(() => visibleBatches(bytes, [], options))).toMatch(/^RECORD_BATCH_CORRUPT: .*topic\/0 at offset 2 /);
      }),
      { numRuns: cases(300) },
    );
  });

  it('are told where their offsets are not those that come next', () => {
    const back = (): Uint8Array => Buffer.concat([wireBatch({ base: 10 }), wireBatch({ base: 3 })]);
    expect(visibleBatches(back(), [], options).end).toBe(12);
    expect(recordsIn(visibleBatches(back(), [], options).bytes).map(({ offset }) => offset)).toEqual([10, 11]);
    const negative = wireBatch({ base: -5 });
    expect(codeOf(() => visibleBatches(negative, [], options))).toMatch(/^RECORD_BATCH_CORRUPT: .*its offsets do not follow/);
  });

  it('are told where their length cannot be, and where they are of an old format', () => {
    const short = Buffer.from(wireBatch({ base: 4 }));
    short.writeInt32BE(20, 8);
    expect(codeOf(() => visibleBatches(short, [], options))).toMatch(/^RECORD_BATCH_CORRUPT: .*offset 4 /);
    const old = Buffer.from(wireBatch({ base: 4 }));
    old[16] = 1;
    expect(codeOf(() => visibleBatches(old, [], options))).toMatch(/^KAFKA_BROKER_TOO_OLD: .*topic\/0 .*format 1 at offset 4/);
    old[16] = 3;
    expect(codeOf(() => visibleBatches(old, [], options))).toMatch(/^RECORD_BATCH_CORRUPT: .*offset 4 .*there is no format 3/);
  });
});
