import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { JobStatus } from '@weir/connector-postgres';
import { days, hours, minutes } from '@weir/model';
import { referenceViews } from '@weir/views';
import { listen } from '../src/listen.ts';
import { servingApp } from '../src/serving-app.ts';
import { MemoryCatalog, MemoryViewStore } from './memory-views.ts';
import type { HeldRow } from './memory-views.ts';

/**
 * The serving API and the console over made-up numbers that keep coming, without any database: for the tests of the page, and to
 * look at it. `node apps/serving/test/fixture-server.ts --port 8090`. With `--empty` nothing has happened yet.
 */
const { values: options } = parseArgs({ options: { port: { type: 'string', default: '0' }, empty: { type: 'boolean', default: false } } });
const HOUR = hours(1);
/** Shop time of the newest hour's start. */
const NEWEST = Date.UTC(2011, 11, 9, 12);
const FRONTIER = NEWEST - hours(20);
const RUN = 'run-2011-12-08-a4f1';
const COUNTRIES: readonly (readonly [string, number])[] = [['United Kingdom', 1], ['Netherlands', 0.13], ['EIRE', 0.11], ['Germany', 0.1], ['France', 0.09], ['Australia', 0.05], ['Spain', 0.03], ['Switzerland', 0.025], ['Belgium', 0.02], ['Sweden', 0.016], ['Norway', 0.012], ['Japan', 0.01], ['Channel Islands', 0.004]];
const PRODUCTS = ['22423', '85123A', '47566', '85099B', '23843', '22086', '84879', '79321', '22197', '21137'];

const store = new MemoryViewStore();
const catalog = new MemoryCatalog();
const speed: Record<string, HeldRow[]> = { 'revenue-by-country': [], 'best-sellers': [], 'shopping-sessions': [] };
const batch: Record<string, HeldRow[]> = { 'revenue-by-country': [], 'best-sellers': [], 'shopping-sessions': [] };
let turn = 0;

if (!options.empty) {
  fill();
  setInterval(move, 1_000).unref();
}
const app = await servingApp({ views: referenceViews, store, catalog, version: '0.1.0', consoleFolder: join(import.meta.dirname, '../../console/dist') });
const port = await listen(app, '127.0.0.1', Number(options.port));
process.send?.({ ready: true, port });
console.log(`http://127.0.0.1:${port}/`);
process.on('disconnect', () => process.exit(0));

/** A number from 0 to 1 that is the same for the same words. */
function chance(...words: readonly (string | number)[]): number {
  let hash = 2_166_136_261;
  for (const char of words.join('|')) hash = Math.imul(hash ^ char.charCodeAt(0), 16_777_619);
  hash = Math.imul(hash ^ (hash >>> 15), 2_246_822_507);
  return ((hash ^ (hash >>> 13)) >>> 0) / 2 ** 32;
}

function put(view: string, row: Omit<HeldRow, 'isLast'>): void {
  const isLast = row.end <= NEWEST - HOUR;
  speed[view]!.push({ ...row, isLast });
  if (row.end <= FRONTIER) batch[view]!.push({ ...row, isLast, run: RUN });
}

function fill(): void {
  for (let start = NEWEST - days(3); start <= NEWEST; start += HOUR) {
    const hourOfDay = (start / HOUR) % 24;
    // The shop sleeps at night.
    const busy = Math.max(0, Math.sin(((hourOfDay - 6) / 13) * Math.PI));
    for (const [country, share] of COUNTRIES) {
      const cents = Math.round(busy * share * (320_000 + 420_000 * chance(country, start)) * (start === NEWEST ? 0.35 : 1));
      if (cents < 4_000) continue;
      put('revenue-by-country', { key: country, start, end: start + HOUR, data: { country, hour: start, cents, units: Math.round(cents / 170), orders: Math.max(1, Math.round(cents / 38_000)) } });
    }
    const end = start + HOUR;
    const top = PRODUCTS.map((product, rank) => ({ product, units: Math.round(1_450 / (rank + 1.4) + 220 * chance(product, start)) })).sort((a, b) => b.units - a.units);
    put('best-sellers', { key: 'all', start: end - days(1), end, data: { windowEnd: end, top } });
  }
  for (let index = 0; index < 60; index++) {
    const start = NEWEST + minutes(20) - index * minutes(11) - Math.round(minutes(8) * chance('start', index));
    const length = Math.round(minutes(26) * chance('length', index) ** 2);
    const lines = 1 + Math.round(38 * chance('lines', index) ** 2);
    const customer = String(12_346 + Math.floor(5_900 * chance('customer', index)));
    put('shopping-sessions', { key: customer, start, end: start + length + minutes(30), data: { customer, start, end: start + length, lines, invoices: 1 + Math.floor(2 * chance('invoices', index)), cents: lines * Math.round(900 + 2_600 * chance('cents', index)), lengthSeconds: Math.floor(length / 1000) } });
  }
  for (const [name, rows] of Object.entries(speed)) store.speed.set(name, rows);
  for (const [name, rows] of Object.entries(batch)) store.batch.set(name, rows);
  for (const { name } of referenceViews) catalog.owned.set(name, { view: name, runId: RUN, frontier: FRONTIER, version: 2 });
  catalog.verification = {
    verifiedAt: Date.now() - minutes(3),
    rowsCompared: 31_842,
    equal: 31_807,
    causes: { LATE_DROPPED: 29, SESSION_BRIDGED: 6 },
    perView: {
      'revenue-by-country': { rowsCompared: 12_406, equal: 12_384, causes: { LATE_DROPPED: 22 } },
      'best-sellers': { rowsCompared: 8_900, equal: 8_900, causes: {} },
      'shopping-sessions': { rowsCompared: 10_536, equal: 10_523, causes: { LATE_DROPPED: 7, SESSION_BRIDGED: 6 } },
    },
  };
  const books = { records: 541_909, counted: 530_121, late: 0, filtered: 11_786, deadLettered: 2 };
  catalog.runList = referenceViews.map(({ pipeline }, index) => ({
    runId: index === 0 ? RUN : `${RUN}-${index}`,
    pipeline,
    codeVersion: '3f9c2d1',
    from: [0, 0, 0, 0],
    to: [151_204, 118_870, 139_233, 132_602],
    frontier: FRONTIER,
    state: 'published' as const,
    books,
    startedAt: Date.now() - minutes(9),
    finishedAt: Date.now() - minutes(8),
  }));
  move();
}

/** One second of the shop: the newest hour grows. */
function move(): void {
  turn++;
  for (const name of ['revenue-by-country', 'best-sellers']) store.speed.set(name, store.speed.get(name)!.map((row) => (row.end === NEWEST + HOUR ? grown(row) : row)));
  catalog.jobList = referenceViews.map(({ pipeline }, index): JobStatus => {
    const records = 541_909 + turn * 40;
    const filtered = [11_786, 11_786, 138_402][index]!;
    return {
      pipeline,
      layer: 'speed',
      state: 'running',
      epoch: 3,
      codeVersion: '3f9c2d1',
      watermark: NEWEST + minutes(15) + turn * 400,
      partitions: [0, 1, 2, 3].map((partition) => {
        const highWatermark = [151_204, 118_870, 139_233, 132_602][partition]! + turn * 10;
        return { partition, highWatermark, position: highWatermark - Math.floor(chance(pipeline, partition, turn) * 40), watermark: NEWEST + minutes(15) + turn * 400 };
      }),
      books: { records, counted: records - filtered - 29 - 2, late: 29, filtered, deadLettered: 2 },
      flushed: [151_204, 118_870, 139_233, 132_602],
      cpuSeconds: 42.5 + turn * 0.03,
      updatedAt: Date.now(),
    };
  });
}

function grown(row: HeldRow): HeldRow {
  const { cents, units, orders, top } = row.data as { cents?: number; units?: number; orders?: number; top?: readonly { product: string; units: number }[] };
  if (top !== undefined) return { ...row, data: { ...row.data, top: top.map((entry, rank) => ({ ...entry, units: entry.units + (rank === turn % 10 ? 2 : 0) })).sort((a, b) => b.units - a.units) } };
  const more = Math.round(1_800 * chance(row.key, turn));
  return { ...row, data: { ...row.data, cents: cents! + more, units: units! + Math.round(more / 170), orders: orders! + (more > 1_500 ? 1 : 0) } };
}
