import { ByteReader, ByteWriter } from '@weir/state';
import { cases } from '@weir/testkit';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LatenessSketch, MAX_LATENESS, bucketOf, bucketTop } from './lateness-sketch.ts';

const lateness = fc.oneof(fc.nat(100), fc.nat(100_000), fc.nat(MAX_LATENESS), fc.constantFrom(0, 63, 64, 65, 127, 128, MAX_LATENESS));
const MOST = 3_600_000;

function sketchOf(values: readonly number[], most = MOST): LatenessSketch {
  const sketch = new LatenessSketch(most);
  for (const value of values) sketch.add(value);
  return sketch;
}

function bytesOf(sketch: LatenessSketch): Uint8Array {
  const writer = new ByteWriter();
  sketch.write(writer);
  return writer.toBytes();
}

describe('a sketch of lateness', () => {
  it('has buckets that follow each other without gaps, no wider than one part in 32', () => {
    fc.assert(
      fc.property(lateness, (value) => {
        const bucket = bucketOf(value);
        const bottom = bucket === 0 ? 0 : bucketTop(bucket - 1) + 1;
        expect([bottom <= value, value <= bucketTop(bucket)]).toEqual([true, true]);
        expect(bucketTop(bucket) - bottom).toBeLessThanOrEqual(bottom / 32);
      }),
      { numRuns: cases(1_000) },
    );
  });

  it('answers a rank with the value in sorted order, to one part in 32, and never with less', () => {
    fc.assert(
      fc.property(fc.array(lateness, { minLength: 1, maxLength: 60 }), fc.nat(59), (values, index) => {
        const rank = (index % values.length) + 1;
        const exact = values.toSorted((a, b) => a - b)[rank - 1]!;
        const answer = sketchOf(values, MAX_LATENESS).valueAt(rank);
        expect(answer).toBeGreaterThanOrEqual(exact);
        expect(answer).toBeLessThanOrEqual(exact + exact / 32);
      }),
      { numRuns: cases(500) },
    );
  });

  it('counts what is beyond its bound as its bound', () => {
    const sketch = sketchOf([MAX_LATENESS, 1e300, Number.POSITIVE_INFINITY, MOST]);
    expect([sketch.total, sketch.valueAt(1) >= MOST, sketch.valueAt(1) === sketch.valueAt(4)]).toEqual([4, true, true]);
  });

  it('merges as if it had seen all itself, and takes a merge back', () => {
    fc.assert(
      fc.property(fc.array(lateness), fc.array(lateness), (mine, others) => {
        const sketch = sketchOf(mine);
        sketch.merge(sketchOf(others));
        expect(bytesOf(sketch)).toEqual(bytesOf(sketchOf([...others, ...mine])));
        sketch.unmerge(sketchOf(others));
        expect(bytesOf(sketch)).toEqual(bytesOf(sketchOf(mine)));
        expect(sketch.total).toBe(mine.length);
      }),
      { numRuns: cases(200) },
    );
  });

  it('comes back from a snapshot as it was', () => {
    fc.assert(
      fc.property(fc.array(lateness), (values) => {
        const bytes = bytesOf(sketchOf(values));
        const restored = new LatenessSketch(MOST);
        restored.add(17);
        restored.read(new ByteReader(bytes));
        expect(bytesOf(restored)).toEqual(bytes);
        expect(restored.total).toBe(values.length);
      }),
      { numRuns: cases(200) },
    );
  });
});
