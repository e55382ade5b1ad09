import { cases } from '@weir/testkit';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { WaitingRows } from './waiting-rows.ts';

const put = fc.record({ result: fc.constantFrom('a', 'b', 'c', 'd'), version: fc.nat(5), length: fc.constantFrom(1, 7, 400_000) });

/** A row of a length that says whose it is and which. */
function row(result: string, version: number, length: number): Buffer {
  return Buffer.alloc(length, `${result}${version}`);
}

/** Of the rows in pieces, cut again at the lengths that the model expects. */
function rowsIn(pieces: Iterable<Uint8Array>): Buffer {
  return Buffer.concat([...pieces].map((piece) => Buffer.from(piece)));
}

describe('WaitingRows', () => {
  it('hold the newest row of each result, whatever was replaced, in pieces within their bounds', () => {
    fc.assert(
      fc.property(fc.array(put, { maxLength: 30 }), fc.array(put, { maxLength: 10 }), fc.integer({ min: 1, max: 5 }), fc.constantFrom(1, 10, 500_000, 1e9), (puts, later, maxRows, maxBytes) => {
        const model = new Map<string, { version: number; bytes: Buffer }>();
        const waiting = new WaitingRows();
        const others = new WaitingRows();
        for (const [into, list] of [[others, puts], [waiting, later]] as const) {
          for (const { result, version, length } of list) into.put(result, version, (out) => out.append(row(result, version, length)));
        }
        for (const { result, version, length } of puts) model.set(result, { version, bytes: row(result, version, length) });
        const newest = new Map(later.map(({ result, version, length }) => [result, { version, bytes: row(result, version, length) }]));
        for (const [result, held] of newest) if (held.version >= (model.get(result)?.version ?? -1)) model.set(result, held);
        waiting.takeOlder(others);
        expect(waiting.size).toBe(model.size);
        const pieces = [...waiting.pieces(maxRows, maxBytes)];
        const lengths = new Set([...model.values()].map(({ bytes }) => bytes.length));
        for (const piece of pieces) expect(piece.length <= maxBytes || lengths.has(piece.length)).toBe(true);
        expect(pieces.length).toBeGreaterThanOrEqual(Math.ceil(model.size / maxRows));
        // The order is that of arrival and does not matter: the bytes of each row are its own, so sorting compares sets of rows.
        const sorted = (bytes: Buffer): Buffer => Buffer.from(bytes).sort();
        expect(sorted(rowsIn(pieces)).equals(sorted(Buffer.concat([...model.values()].map(({ bytes }) => bytes))))).toBe(true);
        waiting.clear();
        expect([...waiting.pieces(maxRows, maxBytes)]).toEqual([]);
        expect(waiting.size).toBe(0);
      }),
      { numRuns: cases(100) },
    );
  });
});
