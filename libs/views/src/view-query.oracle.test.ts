import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Session } from 'chdb';
import { hours } from '@weir/model';
import type { RecordSchema } from '@weir/schema';
import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { decodeCursor, encodeCursor } from './cursor.ts';
import { mergeRows } from './merge-rows.ts';
import { cursorAfter, servedRow } from './served-row.ts';
import type { ServedRow } from './served-row.ts';
import { createTable, tableNames } from './table.ts';
import type { View } from './view.ts';
import { layerQuery, viewQuery } from './view-query.ts';
import type { BoundQuery, ViewQueryOptions } from './view-query.ts';

const RUNS = { numRuns: Number(process.env['WEIR_RUNS'] ?? 40) };

const schema = {
  name: 'Total',
  fields: [
    { name: 'cents', type: 'int', nullable: false },
    { name: 'note', type: 'string', nullable: true },
  ],
} as unknown as RecordSchema;

const views: readonly View[] = (['aligned', 'session'] as const).map((windows) => ({
  name: `totals-${windows}`,
  description: '',
  pipeline: 'totals',
  sink: 'totals',
  schema,
  windows,
  allowedLateness: hours(1),
}));

/** A version of a result as a writer stored it. */
interface Stored {
  readonly key: string;
  readonly start: number;
  readonly end: number;
  readonly version: number;
  readonly isLast: boolean;
  readonly isDeleted: boolean;
  readonly run: string;
  readonly cents: number;
}

let directory: string;
let session: Session;

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'weir-views-'));
  session = new Session(directory);
  session.query('CREATE DATABASE IF NOT EXISTS weir ENGINE = Atomic');
});

afterAll(() => {
  session.cleanup();
  rmSync(directory, { recursive: true, force: true });
});

function ask(view: View, query: BoundQuery): ServedRow[] {
  const text = session.queryBind(query.sql, query.params, 'JSONEachRow');
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => servedRow(view, JSON.parse(line) as Record<string, unknown>));
}

function store(view: View, layer: 'speed' | 'batch', rows: readonly Stored[]): void {
  if (rows.length === 0) return;
  const lines = rows.map((row) =>
    JSON.stringify({
      result_key: row.key,
      window_start: row.start,
      window_end: row.end,
      cents: row.cents,
      note: row.cents % 2 === 0 ? null : 'odd',
      pane_timing: row.isLast ? 'late' : 'early',
      pane_index: row.version,
      is_last: row.isLast ? 1 : 0,
      watermark: null,
      task_epoch: 0,
      version: row.version,
      is_deleted: row.isDeleted ? 1 : 0,
      run_id: row.run,
      code_version: 'test',
    }),
  );
  session.query(`INSERT INTO \`${tableNames(view)[layer]}\` FORMAT JSONEachRow ${lines.join('\n')}`);
}

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

const stored = fc.record({
  key: fc.constantFrom('a', 'b', "it's"),
  start: fc.integer({ min: -3, max: 6 }).map((n) => n * 10),
  length: fc.constantFrom(10, 20, 30),
  isLast: fc.boolean(),
  isDeleted: fc.constantFrom(false, false, false, true),
  run: fc.constantFrom('run-1', 'run-2'),
  cents: fc.integer({ min: -5, max: 5 }),
});

/** Versions are distinct, as they are in a writer: the order of rows of one version is not ours to say. */
const history = fc.array(stored, { minLength: 8, maxLength: 40, size: 'max' }).map((rows) =>
  rows.map(({ length, ...row }, version): Stored => ({ ...row, end: row.start + length, version })),
);

const tens = fc.integer({ min: -4, max: 9 }).map((n) => n * 10);

const bound = fc.option(tens, { nil: undefined, freq: 2 });

const asked = fc.record({
  ownership: fc.option(fc.record({ runId: fc.constantFrom('run-1', 'run-2'), frontier: tens }), { nil: null, freq: 9 }),
  from: bound,
  to: bound,
  key: fc.option(fc.constantFrom('a', 'b', "it's", 'nobody'), { nil: undefined, freq: 2 }),
  finality: fc.constantFrom('any' as const, 'final' as const),
  settledUpTo: bound,
  newestFirst: fc.boolean(),
});

describe.each(views)('viewQuery of $windows windows, run by ClickHouse', (view) => {
  beforeEach(() => {
    for (const layer of ['speed', 'batch'] as const) {
      session.query(`DROP TABLE IF EXISTS \`${tableNames(view)[layer]}\``);
      session.query(createTable(view, layer));
    }
  });

  function fill(batch: readonly Stored[], speed: readonly Stored[]): void {
    for (const layer of ['speed', 'batch'] as const) session.query(`TRUNCATE TABLE \`${tableNames(view)[layer]}\``);
    store(view, 'batch', batch);
    // Two inserts make two parts, so that only FINAL can resolve what lies in both.
    const half = Math.floor(speed.length / 2);
    store(view, 'speed', speed.slice(0, half).map((row) => ({ ...row, run: '' })));
    store(view, 'speed', speed.slice(half).map((row) => ({ ...row, run: '' })));
  }

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
      fc.property(history, history, asked, (batch, speed, options) => {
        fill(batch, speed);
        expect(ask(view, viewQuery(view, { ...options, limit: 1000 })).map(seen)).toEqual(expected(batch, speed, options));
      }),
      RUNS,
    );
  });

  it('gives the same rows in pages as at once', { timeout: 30_000 }, () => {
    fc.assert(
      fc.property(history, history, asked, fc.integer({ min: 1, max: 4 }), (batch, speed, options, limit) => {
        fill(batch, speed);
        const rows: ServedRow[] = [];
        for (;;) {
          const last = rows.at(-1);
          const cursor = last === undefined ? undefined : decodeCursor(encodeCursor(cursorAfter(last)));
          const page = ask(view, viewQuery(view, { ...options, limit, cursor }));
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
      fc.property(history, tens, (rows, upTo) => {
        fill(rows, rows);
        const batch = ask(view, layerQuery(view, { layer: 'batch', runId: 'run-1' }, upTo));
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
