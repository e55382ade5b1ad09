import { revenueByCountryView as view, servedRow, speedRow, tableColumns } from '@weir/views';
import type { ServedRow, TableValues, ViewQueryOptions } from '@weir/views';
import { describe, expect, it } from 'vitest';
import { AnnouncedRows } from '../src/announced-rows.ts';

const QUESTION: ViewQueryOptions = { ownership: null, limit: 10_000, finality: 'any' };

/** A table, empty at first, that is asked now and then, and a clock that is moved by hand. */
function announcing(): { store: AnnouncedRows; clock: { now: number }; table: { rows: readonly ServedRow[]; whileAsked: () => void; asked: number }; cents: () => Promise<readonly unknown[]> } {
  const clock = { now: 0 };
  const table = { rows: [] as readonly ServedRow[], whileAsked: (): void => undefined, asked: 0 };
  const rows = async (): Promise<readonly ServedRow[]> => {
    table.asked++;
    const found = table.rows;
    table.whileAsked();
    return found;
  };
  const store = new AnnouncedRows({ store: { rows, ping: () => Promise.resolve() }, now: () => clock.now });
  return { store, clock, table, cents: async () => (await store.rows(view, QUESTION)).map(({ data }) => data['cents']) };
}

function row(country: string, cents: number, version: number): TableValues {
  const values: Readonly<Record<string, unknown>> = { result_key: country, window_start: 0, window_end: 10, country, hour: 0, cents, units: 1, orders: 1, pane_timing: 'on-time', pane_index: 0, is_last: 1, watermark: null, task_epoch: 0, version, is_deleted: 0, run_id: '', code_version: 'test' };
  return tableColumns(view).map(({ name }) => values[name]);
}

describe('rows that are announced', () => {
  it('are in answers, the newest version of each, in whichever order they are heard of', async () => {
    const { store, cents } = announcing();
    store.announced(view, [row('France', 1, 1), row('Spain', 2, 1)]);
    store.announced(view, [row('France', 3, 2)]);
    store.announced(view, [row('France', 1, 1)]);
    expect(await cents()).toEqual([3, 2]);
  });

  it('are forgotten when the table is said to have others, one of which may have taken them back', async () => {
    const { store, cents } = announcing();
    store.announced(view, [row('France', 1, 1)]);
    store.changed(view);
    expect(await cents()).toEqual([]);
  });

  it('are never missed between the two: what is forgotten while the table is asked is asked for again', async () => {
    const { store, table, cents } = announcing();
    store.announced(view, [row('France', 1, 1)]);
    table.whileAsked = () => {
      table.rows = [servedRow(view, { ...speedRow(view, row('France', 1, 1)), layer: 'speed' })];
      store.changed(view);
    };
    expect(await cents()).toEqual([1]);
    expect(table.asked).toBe(2);
  });

  it('are remembered for a minute from when they were heard of last', async () => {
    const { store, clock, cents } = announcing();
    store.announced(view, [row('France', 1, 1), row('Spain', 2, 1)]);
    clock.now = 30_000;
    store.announced(view, [row('France', 1, 1)]);
    clock.now = 60_000;
    expect(await cents()).toEqual([1]);
    clock.now = 90_000;
    expect(await cents()).toEqual([]);
  });

  it('are a bounded number, of which the oldest are forgotten', async () => {
    const { store, cents } = announcing();
    for (let each = 0; each < 4_010; each++) store.announced(view, [row(String(each).padStart(4, '0'), each, 1)]);
    const found = await cents();
    expect([found.length, found[0], found.at(-1)]).toEqual([4_000, 10, 4_009]);
  });
});
