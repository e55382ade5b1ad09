import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { decodeCursor, encodeCursor } from './cursor.ts';
import { ViewTables, histories, questions, storedViews, tens } from './fixtures/view-tables.ts';
import type { Stored } from './fixtures/view-tables.ts';
import { mergeRows } from './merge-rows.ts';
import { cursorAfter } from './served-row.ts';
import type { ServedRow } from './served-row.ts';
import { layerQuery, viewQuery } from './view-query.ts';
import type { ViewQueryOptions } from './view-query.ts';

const RUNS = { numRuns: Number(process.env['WEIR_RUNS'] ?? 40) };

let tables: ViewTables;
beforeAll(() => void (tables = new ViewTables()));
afterAll(() => tables.close());

/** The newest version of each result, without those that it withdraws: versions resolved the plain way. */
function newest(rows: readonly Stored[]): Stored[] {
  const results = new Map<string, Stored>();
  for (const row of rows) {
    const id = JSON.stringify([row.run, row.key, row.start, row.end]);
    const held = results.get(id);
    if (held === undefined || row.version >= held.version) results.set(id, row);
  }
  return [...results.values()].filter((row) => !row.isDeleted);
}

describe.each(storedViews)('viewQuery of $windows windows, run by ClickHouse', (view) => {
  beforeEach(() => tables.create(view));

  function expected(batch: readonly Stored[], speed: readonly Stored[], options: Omit<ViewQueryOptions, 'limit'>): unknown[] {
    const { ownership, from = -Infinity, to = Infinity, key } = options;
    const owned = newest(batch).filter((row) => row.run === ownership?.runId);
    const merged = mergeRows(view, owned, newest(speed.map((row) => ({ ...row, run: '' }))), {
      frontier: ownership?.frontier ?? null,
      finality: options.finality,
      settledUpTo: options.settledUpTo,
    }).filter(({ row }) => row.start >= from && row.start < to && (key === undefined || row.key === key));
    const rows = merged.map(({ layer, row }) => [layer, row.key, row.start, row.end, row.cents, row.cents % 2 === 0 ? null : 'odd', layer === 'batch' || row.isLast || row.end <= (options.settledUpTo ?? -Infinity)]);
    return options.newestFirst === true ? rows.reverse() : rows;
  }

  const seen = (row: ServedRow): unknown[] => [row.label.layer, row.key, row.start, row.end, row.data['cents'], row.data['note'], row.label.complete];

  it('answers what mergeRows does over resolved versions, whatever is asked', { timeout: 30_000 }, () => {
    fc.assert(
      fc.property(histories, histories, questions, (batch, speed, options) => {
        tables.fill(view, batch, speed);
        expect(tables.ask(view, viewQuery(view, { ...options, limit: 1000 })).map(seen)).toEqual(expected(batch, speed, options));
      }),
      RUNS,
    );
  });

  it('gives the same rows in pages as at once', { timeout: 30_000 }, () => {
    fc.assert(
      fc.property(histories, histories, questions, fc.integer({ min: 1, max: 4 }), (batch, speed, options, limit) => {
        tables.fill(view, batch, speed);
        const rows: ServedRow[] = [];
        for (;;) {
          const last = rows.at(-1);
          const cursor = last === undefined ? undefined : decodeCursor(encodeCursor(cursorAfter(last)));
          const page = tables.ask(view, viewQuery(view, { ...options, limit, cursor }));
          rows.push(...page);
          if (page.length < limit) break;
        }
        expect(rows.map(seen)).toEqual(expected(batch, speed, options));
      }),
      { numRuns: Math.ceil(RUNS.numRuns / 4) },
    );
  });

  it('reads a whole layer up to an instant for comparison', { timeout: 30_000 }, () => {
    fc.assert(
      fc.property(histories, tens, (rows, upTo) => {
        tables.fill(view, rows, rows);
        const batch = tables.ask(view, layerQuery(view, { layer: 'batch', runId: 'run-1' }, upTo));
        const held = newest(rows).filter((row) => row.run === 'run-1' && row.end <= upTo);
        expect(batch.map((row) => row.data['cents'])).toHaveLength(held.length);
        expect(new Set(batch.map((row) => `${row.key} ${row.start} ${row.end} ${String(row.data['cents'])}`))).toEqual(
          new Set(held.map((row) => `${row.key} ${row.start} ${row.end} ${row.cents}`)),
        );
      }),
      { numRuns: Math.ceil(RUNS.numRuns / 4) },
    );
  });
});
