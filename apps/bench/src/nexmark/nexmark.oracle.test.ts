import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { INSERT, isRetraction } from '@weir/model';
import { nexmarkQueries } from '@weir/pipelines';
import { testDriver } from '@weir/test-driver';
import type { Topology } from '@weir/topology';
import { afterAll, describe, expect, it } from 'vitest';
import type { LoggedEvents } from './logged-events.ts';
import { RUSH, SLOW, nexmarkLines, readNexmark } from './logged-events.ts';
import { answers } from './oracle/answers.ts';
import type { Interleaving } from './perfect-run.ts';
import { perfectRun } from './perfect-run.ts';

const PARTITIONS = 3;
const directory = mkdtempSync(join(tmpdir(), 'weir-nexmark-'));
afterAll(() => rmSync(directory, { recursive: true }));

const rush = written('rush', [...nexmarkLines(RUSH, 200_000)]);
const slow = written('slow', [...nexmarkLines(SLOW, 20_000)]);

/** Times of whole seconds and prices of one digit, so that almost every row is level with others. */
const level = ({ persons, auctions, bids, side }: LoggedEvents): LoggedEvents => {
  const second = (time: number): number => Math.floor(time / 1_000) * 1_000;
  return {
    side,
    persons: persons.map((logged) => ({ ...logged, row: { ...logged.row, dateTime: second(logged.row.dateTime) } })),
    auctions: auctions.map((logged) => ({ ...logged, row: { ...logged.row, dateTime: second(logged.row.dateTime), expires: second(logged.row.expires) } })),
    bids: bids.map((logged) => ({ ...logged, row: { ...logged.row, dateTime: second(logged.row.dateTime), price: 10 ** Math.floor(Math.log10(logged.row.price)) } })),
  };
};

const files = [
  { file: '200,000 events in 100 s', events: rush, interleaving: { seed: 1, largestBatch: 2_000, next: 'time' } },
  { file: '200,000 events in 100 s, in other batches and another order of partitions', events: rush, interleaving: { seed: 2, largestBatch: 700, next: 'chance' } },
  { file: '20,000 events in 28 hours', events: slow, interleaving: { seed: 3, largestBatch: 500, next: 'time' } },
  { file: '20,000 events in 100 s with ties of time and price', events: level(readNexmark(nexmarkLines({ ...RUSH, rate: 200, outOfOrderGroup: 100 }, 20_000), PARTITIONS)), interleaving: { seed: 4, largestBatch: 300, next: 'chance' } },
] as const satisfies readonly { readonly file: string; readonly events: LoggedEvents; readonly interleaving: Interleaving }[];

describe.each(files)('$file', ({ events, interleaving }) => {
  it.each(Object.entries(nexmarkQueries).filter(([name]) => name in answers))('%s gives the answer', { timeout: 60_000 }, (name, query: Topology) => {
    const { textOf, rows } = expectedOf(name, events);
    const found = new Table();
    perfectRun(query, events, interleaving, (_sink, row, change) => found.take(textOf(row), change));
    expect(differences(found.rows, rows)).toEqual([]);
  });
});

describe('q12 in windows of the wall clock', () => {
  const { bids } = readNexmark(nexmarkLines(RUSH, 20_000), 1);
  const rows = bids.map(({ row }) => row);

  /** Pushes batches of 500 bids with a tick behind each, 700 ms apart, from 100,000,003,000 on; then lets the last window pass. */
  function run(): readonly { bidder: number; bids: number; start: number; end: number }[] {
    const driver = testDriver(nexmarkQueries.q12);
    for (let from = 0, now = 100_000_003_000; from < rows.length; from += 500, now += 700) {
      driver.push('bids', rows.slice(from, from + 500));
      driver.tick(now);
    }
    driver.tick(100_001_000_000);
    return driver.drain('results');
  }

  it('counts each bid once, in aligned windows of 10 s, one for each bidder and window', () => {
    const windows = run();
    expect(windows.reduce((sum, window) => sum + window.bids, 0)).toBe(rows.length);
    expect(windows.every(({ start, end }) => start % 10_000 === 0 && end === start + 10_000)).toBe(true);
    expect(new Set(windows.map(({ bidder, start }) => `${bidder} ${start}`)).size).toBe(windows.length);
  });

  it('counts the bids between the ticks of each window', () => {
    const expected = new Map<string, number>();
    for (const [index, { bidder }] of rows.entries()) {
      // The batch before the first tick belongs to the window of that tick, the others to that of the tick before them.
      const tick = 100_000_003_000 + 700 * Math.max(0, Math.floor(index / 500) - 1);
      const id = `${bidder} ${Math.floor(tick / 10_000) * 10_000}`;
      expected.set(id, (expected.get(id) ?? 0) + 1);
    }
    expect(new Map(run().map((window) => [`${window.bidder} ${window.start}`, window.bids]))).toEqual(expected);
  });
});

/** The rows of a table, or of a stream as a multiset, as texts with how often each is there. */
class Table {
  readonly rows = new Map<string, number>();

  take(text: string, change: number): void {
    const times = (this.rows.get(text) ?? 0) + (isRetraction(change) ? -1 : 1);
    if (times === 0) this.rows.delete(text);
    else this.rows.set(text, times);
  }
}

/** Columns in which any of several rows that are level may stand, by query: those are not compared. */
const ANY_OF_TIES: Readonly<Record<string, readonly string[]>> = { q19: ['bidder', 'channel', 'url', 'dateTime', 'extra'] };

interface Expected {
  /** A row as text: the fields of the answer in its order, and the names of any others. */
  readonly textOf: (row: Readonly<Record<string, unknown>>) => string;
  readonly rows: ReadonlyMap<string, number>;
}

const computed = new Map<LoggedEvents, Map<string, Expected>>();

/** The answer of the oracle; computed once for each file. */
function expectedOf(query: string, events: LoggedEvents): Expected {
  const ofFile = computed.get(events) ?? new Map<string, Expected>();
  computed.set(events, ofFile);
  let expected = ofFile.get(query);
  if (expected === undefined) {
    const answer = answers[query]!(events);
    const fields = Object.keys(answer[0]!);
    const more = ANY_OF_TIES[query] ?? [];
    const textOf = (row: Readonly<Record<string, unknown>>): string => {
      const names = Object.keys(row);
      const others = names.length === fields.length ? [] : names.filter((name) => !fields.includes(name) && !more.includes(name));
      return JSON.stringify([...fields.map((field) => row[field]), ...others]);
    };
    const table = new Table();
    for (const row of answer) table.take(textOf(row), INSERT);
    expected = { textOf, rows: table.rows };
    ofFile.set(query, expected);
  }
  return expected;
}

/** The first few rows that are there more or less often than they should. */
function differences(found: ReadonlyMap<string, number>, expected: ReadonlyMap<string, number>): readonly string[] {
  const wrong: string[] = [];
  const told = (row: string): string => `${found.get(row) ?? 0} for ${expected.get(row) ?? 0}: ${row.slice(0, 200)}`;
  for (const [row, times] of expected) if (found.get(row) !== times && wrong.length < 5) wrong.push(told(row));
  for (const row of found.keys()) if (!expected.has(row) && wrong.length < 10) wrong.push(told(row));
  return wrong;
}

/** The events as they are read back from a file. */
function written(name: string, lines: readonly string[]): LoggedEvents {
  const path = join(directory, `${name}.jsonl`);
  writeFileSync(path, lines.join(''));
  return readNexmark(readFileSync(path, 'utf8').trimEnd().split('\n'), PARTITIONS);
}
