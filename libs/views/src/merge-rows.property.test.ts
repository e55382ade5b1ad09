import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mergeRows } from './merge-rows.ts';
import type { MergeableRow } from './merge-rows.ts';

const RUNS = { numRuns: Number(process.env['WEIR_RUNS'] ?? 200) };
const GAP = 10;

interface Placed {
  readonly key: string;
  readonly time: number;
}

interface SessionRow extends MergeableRow {
  readonly events: readonly Placed[];
}

/** Sessions the plain way: sort, then cut where the pause is longer than the gap. */
function sessions(events: readonly Placed[]): readonly SessionRow[] {
  const rows: SessionRow[] = [];
  for (const key of new Set(events.map((event) => event.key))) {
    const sorted = events.filter((event) => event.key === key).sort((a, b) => a.time - b.time);
    let open: Placed[] = [];
    sorted.forEach((event, index) => {
      open.push(event);
      const next = sorted[index + 1];
      if (next !== undefined && next.time - event.time <= GAP) return;
      rows.push({ key, start: open[0]!.time, end: event.time + GAP, isLast: false, events: open });
      open = [];
    });
  }
  return rows;
}

const placed = fc.record({ key: fc.constantFrom('a', 'b', 'c'), time: fc.integer({ min: -100, max: 100 }) });
const frontier = fc.option(fc.integer({ min: -120, max: 130 }), { nil: null });

describe('mergeRows', () => {
  it('counts every event that the run has seen exactly once, in sessions that go on after it', () => {
    fc.assert(
      fc.property(fc.array(placed, { maxLength: 60 }), fc.array(placed, { maxLength: 20 }), frontier, (seenByRun, later, at) => {
        const batch = sessions(seenByRun);
        const speed = sessions([...seenByRun, ...later]);
        const merged = mergeRows({ windows: 'session' }, batch, speed, { frontier: at, finality: 'any' });
        const counted = merged.flatMap(({ row }) => row.events);
        for (const event of seenByRun) expect(counted.filter((other) => other === event)).toHaveLength(1);
        for (const event of later) expect(counted.filter((other) => other === event).length).toBeLessThanOrEqual(1);
      }),
      RUNS,
    );
  });

  it('takes each key and aligned window from exactly one layer: the run up to the frontier, speed beyond it', () => {
    const window = fc.record({ key: fc.constantFrom('a', 'b'), start: fc.integer({ min: -10, max: 10 }).map((n) => n * 10) });
    fc.assert(
      fc.property(fc.uniqueArray(window, { selector: ({ key, start }) => `${key}${start}` }), fc.integer({ min: -120, max: 130 }), (windows, at) => {
        const rows = windows.map(({ key, start }) => ({ key, start, end: start + 10, isLast: true }));
        const merged = mergeRows({ windows: 'aligned' }, rows, rows, { frontier: at, finality: 'any' });
        expect(merged).toHaveLength(rows.length);
        expect(new Set(merged.map(({ row }) => row)).size).toBe(rows.length);
        for (const { layer, row } of merged) expect(layer).toBe(row.end <= at ? 'batch' : 'speed');
      }),
      RUNS,
    );
  });

  it('leaves out of a final answer what may still change, and nothing else', () => {
    const row = fc.record({ key: fc.constantFrom('a', 'b'), start: fc.integer({ min: 0, max: 50 }), isLast: fc.boolean() });
    const rows = fc.array(row.map((each) => ({ ...each, end: each.start + 10 })));
    fc.assert(
      fc.property(rows, rows, frontier, (batch, speed, at) => {
        const any = mergeRows({ windows: 'aligned' }, batch, speed, { frontier: at, finality: 'any' });
        const final = mergeRows({ windows: 'aligned' }, batch, speed, { frontier: at, finality: 'final' });
        expect(final).toEqual(any.filter(({ layer, row: each }) => layer === 'batch' || each.isLast));
      }),
      RUNS,
    );
  });
});
