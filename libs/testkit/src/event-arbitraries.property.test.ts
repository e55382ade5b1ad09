import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { disorderedRows, stepsOver } from './index.ts';

const RUNS = { numRuns: Number(process.env['WEIR_RUNS'] ?? 200) };

describe('disorderedRows', () => {
  it('has of everything that goes wrong in streams', () => {
    const samples = fc.sample(disorderedRows(fc.nat(), { partitions: 3, boundary: 10 }), { numRuns: 200, seed: 7 });
    const share = (is: (rows: (typeof samples)[number]) => boolean): number => samples.filter(is).length / samples.length;
    const times = (rows: (typeof samples)[number]): readonly number[] => rows.map(({ timestamp }) => timestamp);
    expect(share((rows) => times(rows).some((time) => time < 0))).toBeGreaterThan(0.3);
    expect(share((rows) => times(rows).some((time) => time % 10 === 0))).toBeGreaterThan(0.3);
    expect(share((rows) => new Set(times(rows)).size < rows.length)).toBeGreaterThan(0.3);
    expect(share((rows) => times(rows).some((time, i) => time < times(rows)[i - 1]!))).toBeGreaterThan(0.3);
    expect(share((rows) => new Set(rows).size < rows.length)).toBeGreaterThan(0.2);
    expect(share((rows) => new Set(rows.map(({ partition }) => partition)).size === 3)).toBeGreaterThan(0.3);
    expect(share((rows) => rows.length === 0)).toBeGreaterThan(0);
  });

  it('keeps to its bounds', () => {
    fc.assert(
      fc.property(disorderedRows(fc.constant(0), { partitions: 1, boundary: 100, maxDelay: 0, maxRows: 5 }), (rows) => {
        expect(rows.length).toBeLessThanOrEqual(10);
        expect(rows.every(({ partition }) => partition === 0)).toBe(true);
        // Without delay they come in the order of their times.
        expect(rows.map(({ timestamp }) => timestamp)).toEqual(rows.map(({ timestamp }) => timestamp).toSorted((a, b) => a - b));
      }),
      RUNS,
    );
  });
});

describe('stepsOver', () => {
  it('takes every record once and in order, and time does not go back', () => {
    fc.assert(
      fc.property(
        fc.array(fc.nat({ max: 40 }), { maxLength: 4 }).chain((records) => stepsOver('source', records).map((steps) => ({ records, steps }))),
        ({ records, steps }) => {
          const positions = records.map(() => 0);
          let now = 0;
          for (const step of steps) {
            if (step.kind === 'tick') {
              expect(step.now).toBeGreaterThanOrEqual(now);
              now = step.now;
            } else if (step.kind === 'records') {
              expect([step.source, step.from]).toEqual(['source', positions[step.partition]]);
              expect(step.to).toBeGreaterThan(step.from);
              positions[step.partition] = step.to;
            }
          }
          expect(positions).toEqual(records);
        },
      ),
      RUNS,
    );
  });

  it('interleaves partitions and cuts them differently', () => {
    const samples = fc.sample(stepsOver('source', [20, 20]), { numRuns: 50, seed: 7 });
    const isInterleaved = samples.filter((steps) => steps.filter(({ kind }) => kind === 'records').length > 4);
    expect(isInterleaved.length).toBeGreaterThan(10);
    expect(new Set(samples.map((steps) => JSON.stringify(steps))).size).toBeGreaterThan(30);
    expect(samples.some((steps) => steps.some(({ kind }) => kind === 'tick'))).toBe(true);
  });
});
