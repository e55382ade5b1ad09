import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { amendedRows } from './amended-rows.ts';
import { ViewTables, histories, questions, storedViews, tableRow } from './fixtures/view-tables.ts';
import type { Stored } from './fixtures/view-tables.ts';
import { cursorAfter } from './served-row.ts';
import { viewQuery } from './view-query.ts';
import type { ViewQueryOptions } from './view-query.ts';

const RUNS = { numRuns: Number(process.env['WEIR_RUNS'] ?? 60) };
const resultOf = ({ end, key, start }: Pick<Stored, 'end' | 'key' | 'start'>): string => `${end} ${start} ${key}`;
const [aligned, session] = storedViews as [(typeof storedViews)[number], (typeof storedViews)[number]];

let tables: ViewTables;
beforeAll(() => void (tables = new ViewTables()));
afterAll(() => tables.close());

describe('an answer that is amended by rows', () => {
  beforeEach(() => tables.create(aligned));

  it('is the one that ClickHouse gives when it has them, whichever of them it had before; or it is said that this cannot be told', { timeout: 60_000 }, () => {
    let told = 0;
    fc.assert(
      fc.property(histories, histories, fc.nat(8), fc.nat(40), fc.nat(30), questions, fc.integer({ min: 1, max: 12 }), fc.boolean(), (batch, speed, coming, seen, count, asked, limit, isNext) => {
        const before = speed.length - coming;
        // Announcements also tell of rows that the answer was given with, or of these alone: then it may have newer ones.
        const from = Math.max(0, before - seen);
        const table = speed.slice(0, Math.max(before, from + count));
        const isShown = (row: Stored): boolean => !row.isDeleted && (asked.finality === 'any' || row.isLast || row.end <= (asked.settledUpTo ?? Number.NEGATIVE_INFINITY));
        const announced = speed
          .slice(from, from + count)
          .filter((row) => table.every((other) => other.version <= row.version || resultOf(other) !== resultOf(row) || isShown(table.findLast((last) => resultOf(last) === resultOf(row))!)))
          .map((row) => tableRow({ ...row, run: '' }));
        tables.fill(aligned, batch, speed.slice(0, before));
        const first: ViewQueryOptions = { ...asked, limit };
        const last = isNext ? tables.ask(aligned, viewQuery(aligned, first)).at(-1) : undefined;
        const options = last === undefined ? first : { ...first, cursor: cursorAfter(last) };
        const answer = tables.ask(aligned, viewQuery(aligned, options));
        tables.store(aligned, 'speed', table.slice(before).map((row) => ({ ...row, run: '' })));
        const expected = tables.ask(aligned, viewQuery(aligned, options));
        const amended = amendedRows(aligned, options, answer, announced);
        if (amended === undefined) {
          const present = new Set(expected.map(resultOf));
          expect(answer.some((row) => !present.has(resultOf(row)))).toBe(true);
        } else {
          told++;
          expect(amended).toEqual(expected);
        }
      }),
      RUNS,
    );
    expect(told).toBeGreaterThan(RUNS.numRuns / 2);
  });

  it('cannot be told where a row is withdrawn, as another one may come behind the last', () => {
    const options: ViewQueryOptions = { ownership: null, limit: 1, finality: 'any' };
    const row = { key: 'a', start: 0, end: 10, version: 0, isLast: false, isDeleted: false, run: '', cents: 1 };
    tables.fill(aligned, [], [row, { ...row, key: 'b' }]);
    const answer = tables.ask(aligned, viewQuery(aligned, options));
    expect(amendedRows(aligned, options, answer, [tableRow({ ...row, version: 1, isDeleted: true })])).toBeUndefined();
    expect(amendedRows(aligned, options, answer, [tableRow({ ...row, key: 'c', version: 1, isDeleted: true })])).toEqual(answer);
  });

  it('is nothing that can be told of sessions', () => {
    expect(amendedRows(session, { ownership: null, limit: 10, finality: 'any' }, [], [])).toBeUndefined();
  });
});
