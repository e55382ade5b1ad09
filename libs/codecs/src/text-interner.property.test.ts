import { NULL_ID } from '@weir/model';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TextInterner } from './text-interner.ts';

const numRuns = Number(process.env['WEIR_RUNS'] ?? 200);

interface Spelled {
  readonly bytes: Uint8Array;
  readonly escaped: boolean;
}

/** Ids of texts that lie one behind the other, as in a fetch; null is null. */
function intern(interner: TextInterner, texts: readonly (Spelled | null)[]): Int32Array {
  const starts = Int32Array.from(texts, () => -1);
  const ends = new Int32Array(texts.length);
  const pieces: Uint8Array[] = [];
  let at = 0;
  texts.forEach((text, i) => {
    if (text === null) return;
    starts[i] = at;
    at += text.bytes.length;
    ends[i] = text.escaped ? ~at : at;
    pieces.push(text.bytes);
  });
  const ids = new Int32Array(texts.length);
  interner.internColumn(Buffer.concat([...pieces, Buffer.alloc(4, 0xaa)]), starts, ends, texts.length, ids);
  return ids;
}

const textOf = ({ bytes, escaped }: Spelled): string => {
  const text = Buffer.from(bytes).toString('utf8');
  return escaped ? (JSON.parse(`"${text}"`) as string) : text;
};

const plain = fc.oneof(
  fc.string({ unit: fc.constantFrom('a', 'b', 'é', '\ufffd', '😀', '\\', 'n', '\0'), maxLength: 6 }).map((text) => Buffer.from(text)),
  fc.array(fc.constantFrom(0x61, 0xff, 0xf0, 0x9f, 0x98, 0x80, 0xef, 0xbf, 0xbd, 0xc3, 0xa9), { maxLength: 6 }).map((bytes) => Buffer.from(bytes)),
).map((bytes): Spelled => ({ bytes, escaped: false }));
const escaped = fc
  .array(fc.constantFrom('a', '\\n', '\\u0061', '\\\\', 'n', '\\ud800', '\\uD800', '\\ude00', '\\ud83d\\ude00', '😀', '\\u0000', '\\ufffd', '\ufffd'), { maxLength: 4 })
  .map((parts): Spelled => ({ bytes: Buffer.from(parts.join('')), escaped: true }));

describe('interned texts', () => {
  it('have one id each, however they are spelled, and read as they were written', () => {
    fc.assert(
      fc.property(fc.array(fc.array(fc.oneof(plain, escaped, fc.constant(null)), { maxLength: 30 }), { maxLength: 4 }), (columns) => {
        const interner = new TextInterner();
        const idOf = new Map<string, number>();
        for (const column of columns) {
          const ids = intern(interner, column);
          column.forEach((spelled, i) => {
            if (spelled === null) return expect(ids[i]).toBe(NULL_ID);
            const text = textOf(spelled);
            if (!idOf.has(text)) idOf.set(text, ids[i]!);
            expect(ids[i]).toBe(idOf.get(text));
            expect(interner.text(ids[i]!)).toBe(text);
          });
        }
        expect(interner.size).toBe(idOf.size);
      }),
      { numRuns },
    );
  });

  it('keep their ids while the table and the bytes grow, until the dictionary is full', () => {
    const interner = new TextInterner();
    const texts = Array.from({ length: 150_000 }, (_, i): Spelled => ({ bytes: Buffer.from(`text number ${i}`), escaped: false }));
    const ids = intern(interner, texts.slice(0, 100_000));
    expect(interner.isFull).toBe(false);
    intern(interner, texts);
    expect([interner.isFull, interner.size]).toEqual([true, 150_000]);
    expect(intern(interner, texts.slice(0, 100_000))).toEqual(ids);
    expect([0, 77_777, 99_999].map((i) => interner.text(ids[i]!))).toEqual(['text number 0', 'text number 77777', 'text number 99999']);
  });
});
