import { ON_TIME } from '@weir/model';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { World } from './fixtures/live-shop.ts';
import { MemoryLog } from './fixtures/memory-log.ts';
import { DELAY, GAP, HOUR, appendRaw, appendSales, hourly, sale, saleCodec, sessions, sliding } from './fixtures/small-shop.ts';
import type { Sale } from './fixtures/small-shop.ts';
import { Table, TableSink } from './fixtures/table-sink.ts';
import { replayTogether } from './replay.ts';
import type { ReplayResult } from './replay.ts';
import { scan } from './segments.ts';

const RUNS = { numRuns: Number(process.env['WEIR_RUNS'] ?? 100) };
const T0 = Date.UTC(2024, 0, 1);
const PIPELINES = [hourly, sliding, sessions];

const aSale: fc.Arbitrary<Sale> = fc.record({
  shop: fc.constantFrom('north', 'south', 'east'),
  cents: fc.integer({ min: 0, max: 9 }),
  soldAt: fc.integer({ min: -20, max: 60 }).map((steps) => T0 + steps * 300_000),
  note: fc.constantFrom(null, 'gift'),
});
/** By partition: batches of sales in no order at all. */
const sold = fc.array(fc.array(fc.array(aSale, { minLength: 1, maxLength: 5 }), { maxLength: 5 }), { minLength: 1, maxLength: 3 });
type Sold = readonly (readonly (readonly Sale[])[])[];

function logOf(partitions: Sold): MemoryLog {
  const log = new MemoryLog();
  void log.ensureTopic('sales', { partitions: partitions.length });
  partitions.forEach((batches, partition) => batches.forEach((sales) => appendSales(log, 'sales', partition, sales)));
  return log;
}

interface Replayed {
  readonly results: readonly ReplayResult[];
  readonly tables: readonly Table[];
  readonly late: readonly number[];
}

async function replayed(log: MemoryLog, range?: readonly { readonly from: number; readonly to: number }[]): Promise<Replayed> {
  const reader = await log.reader('sales');
  const whole = [];
  for (let partition = 0; partition < reader.partitions; partition++) whole.push({ from: 0, to: (await reader.offsets(partition)).highWatermark });
  const tables = PIPELINES.map(() => new Table());
  const late = PIPELINES.map(() => 0);
  const results = await replayTogether({
    pipelines: PIPELINES.map((topology, index) => {
      const lateSink = new TableSink(new Table());
      lateSink.write = (batch) => void (late[index]! += batch.length);
      return { topology, sinks: { turnover: new TableSink(tables[index]!), late: lateSink } };
    }),
    sources: { sales: { reader, codec: saleCodec } },
    range: { sales: range ?? whole },
    maxPending: 3,
  });
  return { results, tables, late };
}

/** What the watermark is when all of these have been seen. */
function watermarkOf(partitions: Sold): number {
  const ends = partitions.map((batches) => Math.max(...batches.flat().map(({ soldAt }) => soldAt)) - DELAY).filter((end) => end > Number.NEGATIVE_INFINITY);
  return ends.length === 0 ? Number.NEGATIVE_INFINITY : Math.min(...ends);
}

/** Turnover by shop and hour, the plain way. */
function hourlyTurnover(sales: readonly Sale[], frontier: number): Readonly<Record<string, string>> {
  const windows = new Map<string, { shop: string; cents: number; sales: number }>();
  for (const { shop, cents, soldAt } of sales) {
    const start = Math.floor(soldAt / HOUR) * HOUR;
    if (cents === 0 || start + HOUR > frontier) continue;
    const id = `${shop} ${start} ${start + HOUR}`;
    const window = windows.get(id) ?? { shop, cents: 0, sales: 0 };
    window.cents += cents;
    window.sales++;
    windows.set(id, window);
  }
  return Object.fromEntries([...windows].map(([id, row]) => [id, JSON.stringify(row)] as const).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** Turnover by shop and session, the plain way. */
function sessionTurnover(sales: readonly Sale[], watermark: number): Readonly<Record<string, string>> {
  const rows: (readonly [string, string])[] = [];
  for (const [shop, own] of Map.groupBy(sales, (each) => each.shop)) {
    const sorted = own.toSorted((a, b) => a.soldAt - b.soldAt);
    let from = 0;
    sorted.forEach(({ soldAt }, i) => {
      const next = sorted[i + 1];
      if (next !== undefined && next.soldAt - soldAt <= GAP) return;
      const session = sorted.slice(from, i + 1);
      from = i + 1;
      const row = { shop, cents: session.reduce((sum, { cents }) => sum + cents, 0), sales: session.length };
      if (soldAt + GAP < watermark) rows.push([`${shop} ${session[0]!.soldAt} ${soldAt + GAP}`, JSON.stringify(row)]);
    });
  }
  return Object.fromEntries(rows.sort(([a], [b]) => (a < b ? -1 : 1)));
}

describe('a replay of a range', () => {
  it('fires each window that ends by the frontier once, with its number; nothing is late, whatever the order', async () => {
    await fc.assert(
      fc.asyncProperty(sold, async (partitions) => {
        const { results, tables, late } = await replayed(logOf(partitions));
        const watermark = watermarkOf(partitions);
        const sales = partitions.flat(2);
        expect(late).toEqual([0, 0, 0]);
        expect(tables[0]!.rows()).toEqual(hourlyTurnover(sales, watermark));
        expect(tables[2]!.rows()).toEqual(sessionTurnover(sales, watermark));
        results.forEach(({ books, frontier: found }, index) => {
          // A session is over when the watermark is behind its end.
          expect(found).toBe(PIPELINES[index] === sessions ? watermark - 1 : watermark);
          expect(books).toMatchObject({ records: sales.length, late: 0, deadLettered: 0 });
          expect(books.counted + books.filtered).toBe(sales.length);
          for (const { id, index: firing, timing } of tables[index]!.history) {
            expect(Number(id.split(' ')[2])).toBeLessThanOrEqual(found);
            expect([firing, timing]).toEqual([0, ON_TIME]);
          }
          expect(new Set(tables[index]!.history.map(({ id }) => id)).size).toBe(tables[index]!.history.length);
        });
      }),
      RUNS,
    );
  });

  it('gives the numbers of a live run where nothing came late, however that was cut into steps', async () => {
    await fc.assert(
      fc.asyncProperty(sold, fc.constantFrom(1, 300, 1_000_000), async (drawn, stepBytes) => {
        // In order in each partition; and all partitions end together, or one of them would run ahead of what a replay can know.
        const partitions = drawn.map((batches) => {
          const sales = batches.flat().sort((a, b) => a.soldAt - b.soldAt);
          let at = 0;
          return [...batches.map((batch) => sales.slice(at, (at += batch.length))), [sale('last', T0 + 30 * HOUR)]];
        });
        const world = new World(PIPELINES, partitions.length);
        partitions.forEach((batches, partition) => batches.forEach((sales) => appendSales(world.log, 'sales', partition, sales)));
        const job = await world.runToEnd({ stepBytes, turnMilliseconds: 0 });
        const { tables, results } = await replayed(world.log);
        PIPELINES.forEach((topology, index) => {
          const { books } = job.state(topology.name);
          expect(books.late).toBe(0);
          expect(results[index]!.books).toEqual(books);
          expect(tables[index]!.rows()).toEqual(world.table(topology).closed());
        });
      }),
      { ...RUNS, numRuns: Math.ceil(RUNS.numRuns / 4) },
    );
  });

  it('does not mind how the range is cut into batches and partitions of the same rows', async () => {
    await fc.assert(
      fc.asyncProperty(sold, fc.integer({ min: 1, max: 4 }), async (partitions, size) => {
        const again = partitions.map((batches) => {
          const sales = batches.flat();
          return Array.from({ length: Math.ceil(sales.length / size) }, (_, i) => sales.slice(i * size, (i + 1) * size));
        });
        const [one, other] = [await replayed(logOf(partitions)), await replayed(logOf(again))];
        expect(one.tables.map((table) => table.rows())).toEqual(other.tables.map((table) => table.rows()));
      }),
      { ...RUNS, numRuns: Math.ceil(RUNS.numRuns / 2) },
    );
  });
});

describe('a replay', () => {
  it('takes a part of a batch where the range begins or ends inside it', async () => {
    const sales = Array.from({ length: 10 }, (_, i) => sale('north', T0 + i * HOUR, i + 1));
    const { tables, results } = await replayed(logOf([[sales]]), [{ from: 2, to: 8 }]);
    expect(tables[0]!.rows()).toEqual(hourlyTurnover(sales.slice(2, 8), T0 + 7 * HOUR - DELAY));
    expect(results[0]!.books.records).toBe(6);
  });

  it('of nothing fires nothing and owns nothing', async () => {
    const { tables, results } = await replayed(logOf([[], []]));
    expect(tables.map((table) => table.history)).toEqual([[], [], []]);
    expect(results.map(({ frontier }) => frontier)).toEqual([Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY]);
  });

  it('leaves rejected records out of the frontier, whatever their time', async () => {
    const log = logOf([[[sale('north', T0), sale('north', T0 + HOUR + DELAY)]]]);
    appendRaw(log, 'sales', 0, [JSON.stringify({ ...sale('north', T0 + 9 * HOUR), cents: 'many' }), '{'], T0);
    const { results, tables } = await replayed(log);
    expect(results[0]).toMatchObject({ frontier: T0 + HOUR, books: { records: 4, counted: 2, deadLettered: 2 } });
    expect(Object.keys(tables[0]!.rows())).toEqual([`north ${T0} ${T0 + HOUR}`]);
  });

  it('says so when the range is not in the log', async () => {
    const log = logOf([[[sale('north', T0)]]]);
    await expect(replayed(log, [{ from: 0, to: 2 }])).rejects.toMatchObject({ code: 'LOG_RANGE_MISSING' });
  });

  it('says so when retention has dropped the beginning of the range, before it and while it is read', async () => {
    const hours = Array.from({ length: 6 }, (_, i) => [sale('north', T0 + i * HOUR)]);
    const cut = logOf([hours]);
    cut.trim('sales', 0, 2);
    let reads = 0;
    cut.beforeCall = () => void reads++;
    await expect(replayed(cut, [{ from: 1, to: 6 }])).rejects.toMatchObject({ code: 'LOG_RANGE_MISSING', message: expect.stringContaining('Offsets 1 to 2 ') as string });
    expect(reads).toBe(0);
    const log = logOf([hours]);
    log.beforeCall = () => {
      // The scan has read it all; the replay has not.
      if (++reads === 2) log.trim('sales', 0, 4);
    };
    await expect(replayed(log)).rejects.toMatchObject({ code: 'LOG_RANGE_MISSING' });
  });

  it('tells how far it is', async () => {
    const log = logOf([[[sale('north', T0)], [sale('north', T0)]], [[sale('north', T0)]]]);
    const reader = await log.reader('sales');
    const seen: string[] = [];
    await scan({
      topologies: [hourly],
      sources: { sales: { reader, codec: saleCodec } },
      range: { sales: [{ from: 0, to: 2 }, { from: 0, to: 1 }] },
      onProgress: ({ phase, done, total }) => seen.push(`${phase} ${done}/${total}`),
    });
    expect(seen).toEqual(['scan 2/3', 'scan 3/3']);
  });
});
