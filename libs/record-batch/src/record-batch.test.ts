import { describe, expect, it } from 'vitest';
import { WeirError } from '@weir/model';
import { HEADER_BYTES, RecordBatchBuilder, RecordWalker, assignBaseOffset, checkBatch, crc32c, crcOf, isCompressed, readHeader, transactionalHeader, viewOf } from './index.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

/** Two records, written down from the format's description byte by byte, with the checksum from a program of its own. */
const GOLDEN =
  '0000000000000000' + // base offset
  '00000046' + // length of what follows
  'ffffffff' + // leader epoch
  '02' + // version
  'a8bb3584' + // checksum of what follows
  '0000' + // attributes
  '00000001' + // last offset delta
  '00000000000003e8' + // first timestamp: 1000
  '00000000000003e8' + // greatest timestamp
  'ffffffffffffffff' + // producer id
  'ffff' + // producer epoch
  'ffffffff' + // base sequence
  '00000002' + // records
  '12000000026b04763100' + // length 9, attributes, time +0, offset +0, key 'k', value 'v1', no headers
  '1400010201010202680278'; // length 10, attributes, time -1, offset +1, key null, value null, header h = x

function golden(): Uint8Array {
  const builder = new RecordBatchBuilder();
  builder.append(1000, bytes('k'), bytes('v1'));
  builder.append(999, null, null, [{ key: 'h', value: bytes('x') }]);
  return builder.build();
}

/** The batch with another value of two bytes at `at`, and a checksum that fits. */
function patched(batch: Uint8Array, at: number, value: number): Uint8Array {
  const copy = batch.slice();
  viewOf(copy).setInt16(at, value);
  viewOf(copy).setUint32(17, crc32c(copy, 21, copy.length));
  return copy;
}

function codeOf(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    if (error instanceof WeirError) return error.code;
    throw error;
  }
  return 'none';
}

describe('the record batch format', () => {
  it('is, byte by byte, what the description says', () => {
    expect(Buffer.from(golden()).toString('hex')).toBe(GOLDEN);
  });

  it('says in the header what is in the batch', () => {
    const batch = golden();
    assignBaseOffset(batch, 2 ** 40 + 7);
    expect(checkBatch(batch)).toEqual({
      baseOffset: 2 ** 40 + 7,
      bytes: batch.length,
      leaderEpoch: -1,
      magic: 2,
      crc: 0xa8bb3584,
      compression: 0,
      isLogAppendTime: false,
      isTransactional: false,
      isControl: false,
      lastOffset: 2 ** 40 + 8,
      baseTimestamp: 1000,
      maxTimestamp: 1000,
      producerId: -1,
      producerEpoch: -1,
      baseSequence: -1,
      records: 2,
    });
    expect(readHeader(viewOf(patched(batch, 21, 0x10)), 0)).toMatchObject({ isTransactional: true, isControl: false });
  });

  it('is the same in a transaction, but for its producer', () => {
    const batch = golden();
    assignBaseOffset(batch, 2 ** 40 + 7);
    const before = batch.slice();
    const records = batch.subarray(HEADER_BYTES);
    const sent = Buffer.concat([transactionalHeader(batch, { id: 2n ** 40n + 3n, epoch: 5, sequence: 70_000 }, records), records]);
    const { crc, ...rest } = checkBatch(golden());
    expect(checkBatch(sent)).toEqual({ ...rest, crc: crcOf(viewOf(sent), 0), isTransactional: true, producerId: 2 ** 40 + 3, producerEpoch: 5, baseSequence: 70_000 });
    expect([crc, batch]).toEqual([crcOf(viewOf(golden()), 0), before]);
    const squeezed = Uint8Array.of(1, 2, 3);
    const compressed = Buffer.concat([transactionalHeader(batch, { id: 1n, epoch: 0, sequence: 0 }, squeezed, 3), squeezed]);
    expect(readHeader(viewOf(compressed), 0)).toMatchObject({ bytes: HEADER_BYTES + 3, compression: 3, crc: crc32c(compressed, 21, compressed.length) });
    expect([isCompressed(viewOf(compressed), 0), isCompressed(viewOf(sent), 0)]).toEqual([true, false]);
  });

  it('starts anew after build', () => {
    const builder = new RecordBatchBuilder(0);
    builder.append(5, bytes('a'), null);
    expect([builder.count, builder.size]).toEqual([1, HEADER_BYTES + 8]);
    const first = builder.build();
    expect([builder.count, builder.size]).toEqual([0, HEADER_BYTES]);
    builder.append(5, bytes('a'), null);
    expect(builder.build()).toEqual(first);
    expect(() => builder.build()).toThrow('at least one record');
  });

  it('takes whole milliseconds only', () => {
    expect(() => new RecordBatchBuilder().append(0.5, null, null)).toThrow('whole number of milliseconds');
    expect(() => new RecordBatchBuilder().append(Number.NaN, null, null)).toThrow('whole number of milliseconds');
  });
});

describe('RecordWalker', () => {
  const walker = new RecordWalker();

  it('tells null from empty, and reads headers', () => {
    const builder = new RecordBatchBuilder();
    builder.append(1, null, new Uint8Array(0), [{ key: 'é', value: null }, { key: '', value: new Uint8Array(0) }]);
    builder.append(2, new Uint8Array(0), null);
    const batch = builder.build();
    walker.walk(batch, 0, 2);
    expect([walker.keyStarts[0], walker.valueStarts[1]]).toEqual([-1, -1]);
    expect(walker.valueEnds[0]! - walker.valueStarts[0]!).toBe(0);
    expect(walker.keyStarts[1]).toBeGreaterThan(0);
    expect(walker.headers(0)).toEqual([{ key: 'é', value: null }, { key: '', value: new Uint8Array(0) }]);
    expect(walker.headers(1)).toEqual([]);
  });

  it('passes over control batches, and gives all records the time of a log that overrules theirs', () => {
    const [marker, overruled] = [patched(golden(), 21, 0x30), patched(golden(), 21, 0x08)];
    assignBaseOffset(overruled, 2);
    walker.walk(Buffer.concat([marker, overruled]), 0, 10);
    expect([...walker.offsets.subarray(0, walker.count)]).toEqual([2, 3]);
    expect([...walker.timestamps.subarray(0, 2)]).toEqual([1000, 1000]);
    expect(() => checkBatch(marker)).toThrow('only a broker writes');
  });

  it.each([[1, 'gzip'], [2, 'snappy'], [3, 'lz4'], [4, 'zstd'], [7, 'codec 7']])('refuses compression %i and names it %s', (codec, name) => {
    const batch = patched(golden(), 21, codec);
    expect(codeOf(() => walker.walk(batch, 0, 1))).toBe('RECORD_BATCH_COMPRESSION');
    expect(() => walker.walk(batch, 0, 1)).toThrow(name);
    expect(walker.count).toBe(0);
  });

  it('names the offset of a batch that is damaged', () => {
    const [first, second] = [golden(), golden()];
    assignBaseOffset(second, 2);
    second[70] = 0xff;
    expect(() => walker.walk(Buffer.concat([first, second]), 0, 10, { checksum: true })).toThrow('The record batch at offset 2 is damaged: its checksum does not match.');
    expect(walker.count).toBe(0);
    walker.walk(Buffer.concat([first, second]), 0, 2, { checksum: true });
    expect(walker.count).toBe(2);
  });

  it('refuses old versions, lengths and counts that cannot be', () => {
    const refused: readonly [number, readonly number[], string][] = [
      [16, [1], 'its version is 1'],
      [8, [0, 0, 0, 48], 'it says to be 60 bytes long'],
      [8, [0x7f, 0, 0, 0], 'bytes long, 82 are there'],
      [57, [0xff, 0xff, 0xff, 0xff], 'it says to hold -1 records'],
      [57, [0, 0, 0, 1], 'its records do not end where it ends'],
      [57, [0, 0, 0, 3], 'record 2 is cut'],
      [23, [0xff, 0xff, 0xff, 0xff], 'it says to end at offset -1'],
      [23, [0, 0, 0, 0], 'record 1 says to have offset 1'],
      [61, [0x14], 'record 0 says'],
      [67, [0x7e], 'record 0 is longer than it says'],
    ];
    for (const [at, values, reason] of refused) {
      const batch = golden();
      batch.set(values, at);
      if (at === 61) expect(codeOf(() => walker.walk(batch, 0, 9)), reason).toBe('RECORD_BATCH_CORRUPT');
      else expect(() => walker.walk(batch, 0, 9), reason).toThrow(reason);
    }
  });
});

describe('checkBatch', () => {
  it('refuses what a log must not take', () => {
    const batch = golden();
    expect(() => checkBatch(Buffer.concat([batch, batch]))).toThrow('82 bytes follow it');
    expect(() => checkBatch(batch.subarray(0, 81))).toThrow('81 are there');
    const gap = patched(batch, 25, 2);
    expect(() => checkBatch(gap)).toThrow('it spans 3 offsets but holds 2 records');
  });
});
