import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RecordBatchBuilder, RecordWalker, assignBaseOffset } from './index.ts';

const runs = Number(process.env['WEIR_RUNS'] ?? 200);

interface Plain {
  readonly offset: bigint;
  readonly timestamp: bigint;
  readonly key: string | null;
  readonly value: string | null;
}

/** Reads concatenated batches the plain way: big integers, one object for each record, no reuse. Shares no code with the walker. */
function readPlainly(bytes: Buffer): Plain[] {
  const out: Plain[] = [];
  let at = 0;
  const varint = (): bigint => {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = bytes[at++]!;
      value |= BigInt(byte & 127) << shift;
      if (byte < 128) return (value & 1n) === 0n ? value >> 1n : -(value >> 1n) - 1n;
    }
  };
  const text = (): string | null => {
    const length = Number(varint());
    if (length < 0) return null;
    at += length;
    return bytes.toString('hex', at - length, at);
  };
  while (at < bytes.length) {
    const base = bytes.readBigInt64BE(at);
    const time = bytes.readBigInt64BE(at + 27);
    const count = bytes.readInt32BE(at + 57);
    at += 61;
    for (let i = 0; i < count; i++) {
      const length = Number(varint());
      const end = at + length;
      at++;
      const timestamp = time + varint();
      const offset = base + varint();
      out.push({ offset, timestamp, key: text(), value: text() });
      at = end;
    }
  }
  return out;
}

const part = fc.option(fc.uint8Array({ maxLength: 20 }));
const batches = fc.array(
  fc.record({
    gap: fc.nat({ max: 5 }),
    records: fc.array(fc.record({ timestamp: fc.integer({ min: -(2 ** 50), max: 2 ** 50 }), key: part, value: part }), { minLength: 1, maxLength: 8 }),
  }),
  { maxLength: 6 },
);

describe('the walk of record batches', () => {
  it('equals a plain reading, for any range of offsets', () => {
    const walker = new RecordWalker();
    fc.assert(
      fc.property(batches, fc.nat({ max: 60 }), fc.nat({ max: 60 }), fc.constantFrom(0, 2 ** 31, 2 ** 52), (all, a, b, first) => {
        let next = first;
        const parts: Uint8Array[] = [];
        for (const { gap, records } of all) {
          const builder = new RecordBatchBuilder(0);
          for (const { timestamp, key, value } of records) builder.append(timestamp, key, value);
          const batch = builder.build();
          assignBaseOffset(batch, next + gap);
          next += gap + records.length;
          parts.push(batch);
        }
        const bytes = Buffer.concat(parts);
        const [from, to] = [first + Math.min(a, b), first + Math.max(a, b)];
        walker.walk(bytes, from, to);
        const hex = (start: number, end: number): string | null => (start < 0 ? null : bytes.toString('hex', start, end));
        const walked = Array.from({ length: walker.count }, (_, i) => ({
          offset: BigInt(walker.offsets[i]!),
          timestamp: BigInt(walker.timestamps[i]!),
          key: hex(walker.keyStarts[i]!, walker.keyEnds[i]!),
          value: hex(walker.valueStarts[i]!, walker.valueEnds[i]!),
        }));
        expect(walked).toEqual(readPlainly(bytes).filter(({ offset }) => offset >= from && offset < to));
      }),
      { numRuns: runs },
    );
  });
});
