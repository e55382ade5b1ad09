import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeCursor, encodeCursor } from './cursor.ts';

describe('cursor', () => {
  it('comes back as it was, whatever the key holds', () => {
    fc.assert(
      fc.property(fc.integer({ min: -8.64e15, max: 8.64e15 }), fc.integer({ min: -8.64e15, max: 8.64e15 }), fc.string({ unit: 'binary' }), (end, start, key) => {
        expect(decodeCursor(encodeCursor({ end, start, key }))).toEqual({ end, start, key });
      }),
    );
  });

  it.each(['', 'x', '1', '1.2', '1.2e3.k', '1.99999999999999999999.k'])('refuses %j', (text) => {
    expect(() => decodeCursor(text)).toThrow('VIEW_CURSOR');
  });
});
