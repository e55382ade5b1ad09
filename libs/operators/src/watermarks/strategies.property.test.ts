import type { WatermarkGenerator, WatermarkStrategy } from '@weir/model';
import { MIN_WATERMARK, RowBatch, milliseconds } from '@weir/model';
import { ByteReader, ByteWriter } from '@weir/state';
import { SeededRandom, cases } from '@weir/testkit';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { boundedOutOfOrderness, monotonous, percentile, perfect, predictive, punctuated } from '../index.ts';

interface Row {
  readonly at: number;
  readonly mark: number | null;
}

const learned = { floor: milliseconds(3), ceiling: milliseconds(5_000) };
const strategies: readonly (readonly [string, WatermarkStrategy])[] = [
  ['bounded out-of-orderness', boundedOutOfOrderness(milliseconds(40))],
  ['monotonous', monotonous()],
  ['perfect', perfect()],
  ['punctuated', punctuated((row: Row) => row.mark)],
  ['percentile', percentile({ ...learned, target: 0.9, over: 1_000 })],
  ['percentile over few rows', percentile({ ...learned, target: 0.5, over: 20 })],
  ['predictive', predictive({ ...learned, target: 0.9, every: 50 })],
  ['predictive that trusts itself', predictive({ ...learned, target: 0.9, every: 10, tolerance: 1e9, margin: 0 })],
];

/** Rows whose disorder changes, some of which say a watermark. */
const streams = fc.record({ seed: fc.integer(), length: fc.integer({ min: 0, max: 1_500 }), cuts: fc.infiniteStream(fc.integer({ min: 1, max: 400 })), stopAt: fc.nat(1_500) });

function rowsOf(seed: number, length: number): readonly Row[] {
  const random = new SeededRandom(seed);
  let now = -10_000;
  return Array.from({ length }, (_, index) => {
    now += random.below(20);
    const at = now - random.below(1 + ((index >> 7) % 5) * 200);
    return { at, mark: random.below(10) === 0 ? at - random.below(100) : null };
  });
}

function see(generator: WatermarkGenerator, rows: readonly Row[]): void {
  generator.onBatch(new RowBatch(rows, { timestamps: Float64Array.from(rows, ({ at }) => at) }));
}

describe.each(strategies)('%s', (_name, strategy) => {
  it('never goes back, and does not depend on how rows are cut into batches', () => {
    fc.assert(
      fc.property(streams, ({ seed, length, cuts }) => {
        const rows = rowsOf(seed, length);
        const byRow = strategy.generator();
        const watermarks = [MIN_WATERMARK];
        for (const row of rows) {
          see(byRow, [row]);
          watermarks.push(byRow.current());
        }
        expect(watermarks.every((watermark, index) => index === 0 || watermark >= watermarks[index - 1]!)).toBe(true);
        const byBatch = strategy.generator();
        for (let from = 0; from < length; ) {
          const cut: number = cuts.next().value as number;
          const to = Math.min(length, from + cut);
          see(byBatch, rows.slice(from, to));
          expect(byBatch.current()).toBe(watermarks[to]);
          from = to;
        }
      }),
      { numRuns: cases(60) },
    );
  });

  it('goes on after a restart as if there had been none, from bytes that are equal for equal states', () => {
    fc.assert(
      fc.property(streams, ({ seed, length, stopAt }) => {
        const rows = rowsOf(seed, length);
        const through = strategy.generator();
        const before = strategy.generator();
        see(through, rows.slice(0, stopAt));
        see(before, rows.slice(0, stopAt));
        const after = restored(strategy, before);
        expect(after.current()).toBe(before.current());
        see(through, rows.slice(stopAt));
        see(after, rows.slice(stopAt));
        expect(after.current()).toBe(through.current());
        expect(bytesOf(after)).toEqual(bytesOf(through));
      }),
      { numRuns: cases(60) },
    );
  });
});

describe('punctuated', () => {
  it('is the greatest of what the rows have said', () => {
    fc.assert(
      fc.property(fc.array(fc.option(fc.integer({ min: -50, max: 50 }))), (marks) => {
        const generator = punctuated((row: Row) => row.mark).generator();
        see(generator, marks.map((mark, at) => ({ at, mark })));
        expect(generator.current()).toBe(Math.max(MIN_WATERMARK, ...marks.filter((mark) => mark !== null)));
      }),
      { numRuns: cases(200) },
    );
  });
});

describe('options of learned delays', () => {
  const ceiling = milliseconds(100);
  it.each([
    ['a target of everything', () => percentile({ target: 1, ceiling })],
    ['a target of nothing', () => predictive({ target: 0, ceiling })],
    ['a floor above the ceiling', () => percentile({ floor: milliseconds(101), ceiling })],
    ['no ceiling', () => percentile({ ceiling: milliseconds(0) })],
    ['a ceiling of a month', () => percentile({ ceiling: milliseconds(31 * 86_400_000) })],
    ['no rows to learn from', () => percentile({ ceiling, over: 0 })],
    ['half a row between forecasts', () => predictive({ ceiling, every: 0.5 })],
    ['a weight above one', () => predictive({ ceiling, alpha: 1.5 })],
    ['a negative margin', () => predictive({ ceiling, margin: -1 })],
  ])('refuse %s', (_name, make) => {
    expect(make).toThrow('WATERMARK_OPTION');
  });

  it('are part of the description', () => {
    expect(percentile({ ceiling }).describe).toBe('percentile 0.99 between 0 and 100ms over 65536 rows');
    expect(predictive({ ceiling, floor: milliseconds(5) }).describe).toBe('predictive 0.99 between 5ms and 100ms every 256 rows, alpha 0.3, beta 0.1, margin 2, tolerance 0.5');
  });
});

function bytesOf(generator: WatermarkGenerator): Uint8Array {
  const writer = new ByteWriter();
  generator.write(writer);
  return writer.toBytes();
}

function restored(strategy: WatermarkStrategy, generator: WatermarkGenerator): WatermarkGenerator {
  const after = strategy.generator();
  const reader = new ByteReader(bytesOf(generator));
  after.read(reader);
  expect(reader.remaining).toBe(0);
  return after;
}
