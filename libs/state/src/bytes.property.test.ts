import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ByteReader, ByteWriter } from './bytes.ts';

const RUNS = { numRuns: Number(process.env['WEIR_RUNS'] ?? 200) };

type Written =
  | { readonly kind: 'uint8' | 'int32' | 'float64'; readonly value: number }
  | { readonly kind: 'text'; readonly value: string }
  | { readonly kind: 'key'; readonly value: string | number }
  | { readonly kind: 'bytes'; readonly value: Uint8Array }
  | { readonly kind: 'json'; readonly value: unknown };

const text = fc.string({ unit: 'binary' }).filter((each) => each.isWellFormed());
const written: fc.Arbitrary<Written> = fc.oneof(
  fc.record({ kind: fc.constant('uint8' as const), value: fc.integer({ min: 0, max: 255 }) }),
  fc.record({ kind: fc.constant('int32' as const), value: fc.integer() }),
  fc.record({ kind: fc.constant('float64' as const), value: fc.double() }),
  fc.record({ kind: fc.constant('text' as const), value: text }),
  fc.record({ kind: fc.constant('key' as const), value: fc.oneof(text, fc.double({ noNaN: true })) }),
  fc.record({ kind: fc.constant('bytes' as const), value: fc.uint8Array() }),
  fc.record({ kind: fc.constant('json' as const), value: fc.jsonValue() }),
);

function write(all: readonly Written[]): Uint8Array {
  const writer = new ByteWriter();
  for (const { kind, value } of all) (writer[kind] as (value: unknown) => void).call(writer, value);
  expect(writer.toBytes().length).toBe(writer.length);
  return writer.toBytes();
}

const read = (reader: ByteReader, all: readonly Written[]): readonly unknown[] => all.map(({ kind }) => reader[kind]());

describe('bytes', () => {
  it('come back as what was written', () => {
    fc.assert(
      fc.property(fc.array(written, { maxLength: 30 }), (all) => {
        const reader = new ByteReader(write(all));
        const back = read(reader, all);
        all.forEach(({ kind, value }, index) => (kind === 'json' ? expect(JSON.stringify(back[index])).toBe(JSON.stringify(value)) : expect(back[index]).toEqual(value)));
        expect(reader.remaining).toBe(0);
      }),
      RUNS,
    );
  });

  it('that end too early, at any byte, say so', () => {
    fc.assert(
      fc.property(fc.array(written, { minLength: 1, maxLength: 8 }), (all) => {
        const bytes = write(all);
        for (let length = 0; length < bytes.length; length++) {
          expect(() => read(new ByteReader(bytes.subarray(0, length)), all)).toThrow(/SNAPSHOT_TRUNCATED/);
        }
      }),
      { numRuns: Math.ceil(RUNS.numRuns / 4) },
    );
  });

  it('that are anything at all are read, or refused with a code: nothing is read past the end', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), fc.array(written, { minLength: 1, maxLength: 8 }), (bytes, all) => {
        try {
          read(new ByteReader(bytes), all);
        } catch (error) {
          expect(String(error)).toMatch(/SNAPSHOT_(TRUNCATED|CORRUPT)/);
        }
      }),
      RUNS,
    );
  });

  it('are little-endian', () => {
    const writer = new ByteWriter();
    writer.int32(1);
    writer.float64(1);
    expect([...writer.toBytes()]).toEqual([1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xf0, 0x3f]);
  });

  it.each([
    ['text that is not UTF-8', [1, 0, 0, 0, 0xff], (reader: ByteReader) => reader.text()],
    ['a negative length', [0xff, 0xff, 0xff, 0xff], (reader: ByteReader) => reader.bytes()],
    ['a key of another kind', [2], (reader: ByteReader) => reader.key()],
    ['a value that is not JSON', [1, 0, 0, 0, 0x7b], (reader: ByteReader) => reader.json()],
  ] as const)('refuses %s', (_, bytes, readOne) => {
    expect(() => readOne(new ByteReader(Uint8Array.from(bytes)))).toThrow(/SNAPSHOT_CORRUPT/);
  });
});
