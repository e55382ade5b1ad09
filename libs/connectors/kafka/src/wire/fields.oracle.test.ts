import { Reader, Writer, fetchV15 } from '@platformatic/kafka';
import { WeirError } from '@weir/model';
import { cases } from '@weir/testkit';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ByteCursor } from './byte-cursor.ts';
import { readFetch, writeFetch } from './fetch.ts';
import { RequestWriter } from './request-writer.ts';

const offset = fc.oneof(fc.maxSafeNat(), fc.constantFrom(0, 2 ** 31, 2 ** 32 - 1, 2 ** 32, 2 ** 53 - 1));
const uuid = (hex: string): string => hex.replace(/(.{8})(.{4})(.{4})(.{4})(.{12})/, '$1-$2-$3-$4-$5');
const hexUuid = fc.stringMatching(/^[0-9a-f]{32}$/);

const partitionsWanted = fc.array(fc.record({ partition: fc.nat(), offset, leaderEpoch: fc.integer({ min: -1 }), lastEpoch: fc.integer({ min: -1 }), maxBytes: fc.nat() }), { maxLength: 200 });

const fetched = fc.record({
  partition: fc.nat(),
  error: fc.integer({ min: -1, max: 120 }),
  highWatermark: offset,
  lastStableOffset: fc.oneof(offset, fc.constant(-1)),
  logStart: offset,
  aborted: fc.array(fc.record({ producerId: offset, firstOffset: offset }), { maxLength: 130 }),
  divergesAt: fc.option(offset, { nil: undefined }),
  records: fc.uint8Array({ maxLength: 400 }),
});

/** The response as the maintained client's writer makes it. */
function responseOf(error: number, partitions: readonly { readonly partition: number; readonly error: number; readonly highWatermark: number; readonly lastStableOffset: number; readonly logStart: number; readonly aborted: readonly { readonly producerId: number; readonly firstOffset: number }[]; readonly divergesAt: number | undefined; readonly records: Uint8Array }[]): Buffer {
  const writer = Writer.create();
  writer.appendInt32(0).appendInt16(error).appendInt32(0).appendUnsignedVarInt(2).appendUUID(uuid('0'.repeat(32))).appendUnsignedVarInt(partitions.length + 1);
  for (const part of partitions) {
    writer.appendInt32(part.partition).appendInt16(part.error).appendInt64(BigInt(part.highWatermark)).appendInt64(BigInt(part.lastStableOffset)).appendInt64(BigInt(part.logStart));
    writer.appendUnsignedVarInt(part.aborted.length + 1);
    for (const { producerId, firstOffset } of part.aborted) writer.appendInt64(BigInt(producerId)).appendInt64(BigInt(firstOffset)).appendUnsignedVarInt(0);
    writer.appendInt32(-1).appendUnsignedVarInt(part.records.length + 1).append(Buffer.from(part.records));
    if (part.divergesAt === undefined) writer.appendUnsignedVarInt(0);
    // Its tag, its length, an epoch, the offset, and no tags of its own.
    else writer.appendUnsignedVarInt(1).appendUnsignedVarInt(0).appendUnsignedVarInt(13).appendInt32(3).appendInt64(BigInt(part.divergesAt)).appendUnsignedVarInt(0);
  }
  return writer.appendUnsignedVarInt(0).appendUnsignedVarInt(0).buffer;
}

describe('the fields of requests and responses', () => {
  it('of a fetch are those that the maintained client writes', () => {
    fc.assert(
      fc.property(hexUuid, partitionsWanted, (topicId, partitions) => {
        const ours = writeFetch(new RequestWriter(), { topicId, partitions, waitMilliseconds: 0, maxBytes: 1 << 25 });
        const wanted = partitions.map(({ partition, offset: from, leaderEpoch, lastEpoch, maxBytes }) => ({ partition, currentLeaderEpoch: leaderEpoch, fetchOffset: BigInt(from), lastFetchedEpoch: lastEpoch, partitionMaxBytes: maxBytes }));
        const theirs: Writer = fetchV15.createRequest(0, 0, 1 << 25, 1, 0, -1, [{ topicId: uuid(topicId), partitions: wanted }], [], '');
        expect(ours.toString('hex')).toBe(theirs.buffer.toString('hex'));
      }),
      { numRuns: cases(200) },
    );
  });

  it('of what was fetched are read as they were written, and no shorter response is taken for one', () => {
    fc.assert(
      fc.property(fc.integer({ min: -1, max: 120 }), fc.array(fetched, { maxLength: 5 }), fc.double({ min: 0, max: 0.999, noNaN: true }), (error, partitions, share) => {
        const bytes = responseOf(error, partitions);
        const read = readFetch(bytes);
        expect({ ...read, partitions: read.partitions.map((part) => ({ ...part, records: Uint8Array.from(part.records) })) }).toEqual({ error, partitions });
        let failure: unknown;
        try {
          // Without its last byte, which ends the tags of the response and is not looked at, it is whole all the same.
          readFetch(bytes.subarray(0, Math.floor((bytes.length - 1) * share)));
        } catch (thrown) {
          failure = thrown;
        }
        expect(failure).toBeInstanceOf(WeirError);
        expect(failure).toMatchObject({ code: 'KAFKA_CONNECTION' });
      }),
      { numRuns: cases(200) },
    );
  });

  it('of 64 bits are exact to 2^53, and refused where they are no whole numbers', () => {
    fc.assert(
      fc.property(fc.maxSafeInteger(), (value) => {
        const bytes = new RequestWriter().int64(value).toBytes();
        expect(bytes.readBigInt64BE()).toBe(BigInt(value));
        expect(new ByteCursor(bytes).int64()).toBe(value);
        expect(Reader.from(bytes).readInt64()).toBe(BigInt(value));
      }),
      { numRuns: cases(500) },
    );
    for (const value of [2 ** 53, 0.5, Number.NaN, Number.POSITIVE_INFINITY]) expect(() => new RequestWriter().int64(value)).toThrow('a whole number');
  });

  it('whose length goes on and on are no numbers', () => {
    expect(() => new ByteCursor(Buffer.alloc(20, 0xff)).unsignedVarint()).toThrow('KAFKA_CONNECTION');
    expect(() => new ByteCursor(Buffer.alloc(3, 0xff)).unsignedVarint()).toThrow('KAFKA_CONNECTION');
  });
});
