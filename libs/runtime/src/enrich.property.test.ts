import { setTimeout as sleep } from 'node:timers/promises';
import type { Topology } from '@weir/topology';
import { describe as describeTopology, pipeline } from '@weir/topology';
import { hours, milliseconds, minutes } from '@weir/model';
import { afterWatermark, boundedOutOfOrderness, count, sum, tumbling } from '@weir/operators';
import type { OnRequestFailure } from '@weir/operators';
import { int, record, string } from '@weir/schema';
import { SeededRandom, cases } from '@weir/testkit';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CheckpointStore } from './checkpoint-store.ts';
import { World, killed, runToEnd } from './fixtures/live-shop.ts';
import { HOUR, Sale, appendSales, sale, saleCodec } from './fixtures/small-shop.ts';
import { Table, TableSink } from './fixtures/table-sink.ts';
import { replay } from './replay.ts';
import { replayTrack } from './replay-track.ts';
import { readTrack } from './track.ts';
import type { TrackedStep } from './track.ts';

const T0 = Date.UTC(2024, 0, 1);
/** Each case is a live job with answers that take real milliseconds. */
const LONG = 30_000 + cases(15) * 250;
const SLOW = { stepBytes: 1, turnMilliseconds: 0, checkpointEveryRecords: 6 };
const Rate = record('Rate', { factor: int() });
const Turnover = record('Turnover', { shop: string(), cents: int(), sales: int() });

/** Turnover in a currency that somebody else knows the rate of. */
function converted(ordered: boolean, onFailure: OnRequestFailure = 'fail', maxPending = 10_000): Topology {
  return pipeline({ name: 'converted', sources: { sales: Sale }, sinks: { turnover: Turnover, late: Sale } }, ({ sales }, sinks) => {
    const { out } = sales
      .withEventTime({ timestamp: 'soldAt', watermark: boundedOutOfOrderness(minutes(5)) })
      .enrich(
        'rate',
        { request: ({ shop, cents }) => ({ shop, cents }), response: Rate, concurrency: 3, ordered, onFailure, retry: { attempts: 4, backoff: milliseconds(1) }, maxPending },
        (row, rate) => ({ ...row, cents: row.cents * (rate?.factor ?? 0) }),
      );
    const { results, late } = out
      .keyBy('shop')
      .window(tumbling(HOUR), { allowedLateness: hours(1_000), trigger: afterWatermark(), accumulation: 'accumulating' })
      .aggregate('converted', { cents: sum('cents'), sales: count() });
    results.map(({ key, value }) => ({ shop: key, cents: value.cents, sales: value.sales })).to(sinks.turnover);
    late.to(sinks.late);
  });
}

const factorOf = (shop: string, cents: number): number => (shop === 'north' ? 2 : 3) + cents;

type Answering = (request: unknown, call: { readonly attempt: number }) => Promise<unknown>;

/** Answers after up to 2 ms, out of order, and fails one attempt of some requests. */
function rates(seed: number, counts: { calls: number; underWay: number; most: number }): Answering {
  const random = new SeededRandom(seed);
  return async (request: unknown, { attempt }: { readonly attempt: number }): Promise<unknown> => {
    const { shop, cents } = request as Sale;
    counts.calls++;
    counts.most = Math.max(counts.most, ++counts.underWay);
    try {
      if (random.below(2) === 0) await sleep(random.below(3));
      if (attempt === 1 && random.below(4) === 0) throw new Error('not now');
      return { factor: factorOf(shop, cents) };
    } finally {
      counts.underWay--;
    }
  };
}

const aSale: fc.Arbitrary<Sale> = fc.record({
  shop: fc.constantFrom('north', 'south'),
  cents: fc.integer({ min: 0, max: 9 }),
  soldAt: fc.integer({ min: 0, max: 30 }).map((steps) => T0 + steps * 300_000),
  note: fc.constant(null),
});
const sold = fc.array(fc.record({ partition: fc.nat(1), sales: fc.array(aSale, { minLength: 1, maxLength: 4 }) }), { minLength: 1, maxLength: 10 });
type Sold = typeof sold extends fc.Arbitrary<infer Value> ? Value : never;

const END = T0 + 20 * HOUR;

function worldOf(topology: Topology, batches: Sold, lookup: (request: unknown, call: { readonly attempt: number }) => unknown): World {
  const world = new World([topology], 2);
  world.lookups = { rate: lookup };
  for (const { partition, sales } of batches) appendSales(world.log, 'sales', partition, sales);
  for (const partition of [0, 1]) appendSales(world.log, 'sales', partition, [sale('last', END, 1)]);
  return world;
}

/** Sums in plain arrays, of the windows before the last. */
function expected(batches: Sold): unknown {
  const windows: Record<string, { shop: string; cents: number; sales: number }> = {};
  for (const { shop, cents, soldAt } of batches.flatMap(({ sales }) => sales)) {
    const start = Math.floor(soldAt / HOUR) * HOUR;
    const held = (windows[`${shop} ${start} ${start + HOUR}`] ??= { shop, cents: 0, sales: 0 });
    held.cents += cents * factorOf(shop, cents);
    held.sales++;
  }
  return Object.fromEntries(Object.entries(windows).sort(([a], [b]) => (a < b ? -1 : 1)));
}

function seen(table: Table): unknown {
  return Object.fromEntries(Object.entries(table.rows()).flatMap(([id, row]) => (id.startsWith('last') ? [] : [[id, JSON.parse(row) as unknown]])));
}

const counters = (): { calls: number; underWay: number; most: number } => ({ calls: 0, underWay: 0, most: 0 });

function stepsOf(world: World): readonly TrackedStep[] {
  const store = new CheckpointStore('/jobs/converted', { pipeline: '', topology: '', codeVersion: '' }, () => undefined, world.files);
  return store.tracks().flatMap((epoch) => [...readTrack(store.trackPath(epoch), ['sales'], world.files)]);
}

interface Crash {
  readonly at: 'read' | 'ask' | 'answered' | 'flush' | 'flushed' | 'file';
  readonly call: number;
}

/** An attempt that dies at its n-th call of a kind; when somebody was asked or has just answered, the answer is in no track yet. */
async function killedAttempt(world: World, topology: Topology, answer: Answering, { at, call }: Crash): Promise<void> {
  let left = call;
  let isDead = false;
  let isOver = false;
  const die = (): void => {
    if (isOver || (!isDead && --left > 0)) return;
    isDead = true;
    // Nothing that a dead process does is seen.
    world.files.failAt = 0;
    throw killed();
  };
  const asked = async (request: unknown, told: { readonly attempt: number }): Promise<unknown> => {
    if (at === 'ask') die();
    const answered = await answer(request, told);
    if (at === 'answered') die();
    return answered;
  };
  world.lookups = { rate: asked };
  try {
    const { job, sinks } = await world.attempt(SLOW);
    world.log.beforeCall = (kind) => {
      if (isDead || at === kind) die();
    };
    if (at === 'flush') sinks[0]!.beforeFlush = die;
    if (at === 'flushed') sinks[0]!.afterFlush = die;
    if (at === 'file') world.files.failAt = world.files.calls + call;
    await runToEnd(job, [topology]);
  } catch (error) {
    if (!(error instanceof Error) || !/TEST_KILLED|the power is off|ENRICH_FAILED/.test(error.message)) throw error;
  } finally {
    isOver = true;
    world.log.beforeCall = () => undefined;
    world.files.failAt = Number.POSITIVE_INFINITY;
  }
}

describe('a live job that asks', () => {
  it('gives the numbers of plain arrays, asks no more at once than it may, and its track replays to the same bytes without asking', async () => {
    await fc.assert(
      fc.asyncProperty(sold, fc.boolean(), fc.integer(), async (batches, ordered, seed) => {
        const counts = counters();
        const topology = converted(ordered);
        const world = worldOf(topology, batches, rates(seed, counts));
        const { job } = await world.attempt({ stepBytes: 1, turnMilliseconds: 0 });
        await runToEnd(job, [topology]);
        expect(seen(world.table(topology))).toEqual(expected(batches));
        expect(counts.most).toBeLessThanOrEqual(3);
        const rows = batches.flatMap(({ sales }) => sales).length + 2;
        expect(counts.calls).toBeGreaterThanOrEqual(rows);

        const replayed = new Table();
        const recorded = new TableSink(replayed);
        const { books, task } = await replayTrack({
          topology,
          sources: { sales: { reader: await world.log.reader('sales'), codec: saleCodec } },
          sinks: { turnover: recorded, late: new TableSink(new Table()) },
          steps: stepsOf(world),
        });
        await recorded.flush();
        expect(books).toEqual(job.state('converted').books);
        expect(replayed.history.map(({ taskEpoch: _, ...pane }) => pane)).toEqual(world.table(topology).history.map(({ taskEpoch: _, ...pane }) => pane));
        const store = new CheckpointStore('/jobs/converted', { pipeline: 'converted', topology: describeTopology(topology), codeVersion: 'test' }, () => undefined, world.files);
        expect(new Uint8Array(task.snapshot())).toEqual(new Uint8Array(store.newest()!.state));
      }),
      { numRuns: cases(15) },
    );
  }, LONG);

  it('loses and doubles nothing when it is killed again and again with requests under way', async () => {
    const crash: fc.Arbitrary<Crash> = fc.record({ at: fc.constantFrom('read', 'ask', 'answered', 'flush', 'flushed', 'file'), call: fc.integer({ min: 1, max: 15 }) });
    await fc.assert(
      fc.asyncProperty(sold, fc.boolean(), fc.integer(), fc.array(crash, { minLength: 1, maxLength: 4 }), async (batches, ordered, seed, crashes) => {
        const topology = converted(ordered);
        const counts = counters();
        const answer = rates(seed, counts);
        const world = worldOf(topology, batches, answer);
        for (const each of crashes) await killedAttempt(world, topology, answer, each);
        world.lookups = { rate: answer };
        const job = await world.runToEnd(SLOW);
        expect(seen(world.table(topology))).toEqual(expected(batches));
        // Answers are in the track before anything that follows from them is seen, so no later attempt says otherwise.
        const panes = new Map<string, string>();
        for (const { id, index, row } of world.table(topology).history) {
          expect(panes.get(`${id} ${index}`) ?? row).toBe(row);
          panes.set(`${id} ${index}`, row);
        }
        const { books, waiting } = job.state('converted');
        expect(waiting).toBe(0);
        expect(books.records).toBe(batches.flatMap(({ sales }) => sales).length + 2);
      }),
      { numRuns: cases(15) },
    );
  }, LONG);

  it('replayed perfectly asks again, and gives the same numbers however long the answers take', async () => {
    await fc.assert(
      fc.asyncProperty(sold, fc.boolean(), fc.integer(), async (batches, ordered, seed) => {
        const topology = converted(ordered);
        const world = worldOf(topology, batches, () => undefined);
        const tables = [new Table(), new Table()];
        for (const [index, table] of tables.entries()) {
          const counts = counters();
          const sink = new TableSink(table);
          const reader = await world.log.reader('sales');
          const ends = await Promise.all([0, 1].map(async (partition) => ({ from: 0, to: (await reader.offsets(partition)).highWatermark })));
          await replay({ topology, sources: { sales: { reader, codec: saleCodec } }, sinks: { turnover: sink, late: new TableSink(new Table()) }, range: { sales: ends }, isComplete: true, lookups: { rate: rates(seed + index, counts) } });
          expect(seen(table)).toEqual(expected(batches));
          expect(counts.most).toBeLessThanOrEqual(3);
        }
        expect(tables[1]!.history).toEqual(tables[0]!.history);
      }),
      { numRuns: cases(15) },
    );
  }, LONG);

  it('reads no more while as many rows wait as may', async () => {
    const topology = converted(true, 'fail', 5);
    let open = false;
    const world = worldOf(topology, Array.from({ length: 20 }, (_, index) => ({ partition: 0, sales: [sale('north', T0 + index, 1), sale('north', T0 + index, 1)] })), async () => {
      while (!open) await sleep(1);
      return { factor: 1 };
    });
    const { job } = await world.attempt({ stepBytes: 1, turnMilliseconds: 0 });
    const running = runToEnd(job, [topology]);
    await sleep(60);
    const { waiting } = job.state('converted');
    expect(waiting).toBeGreaterThanOrEqual(5);
    expect(waiting).toBeLessThanOrEqual(5 + 2);
    open = true;
    await running;
    expect(job.state('converted').books.records).toBe(42);
    expect(job.state('converted').waiting).toBe(0);
  });

  it('fails with its requests where it is told to, and asks again in the next attempt', async () => {
    const topology = converted(true);
    let works = false;
    const world = worldOf(topology, [{ partition: 0, sales: [sale('north', T0, 3)] }], () => (works ? { factor: factorOf('north', 3) } : Promise.reject(new Error('down'))));
    await expect(world.runToEnd(SLOW)).rejects.toThrow(/ENRICH_FAILED converted\/rate: .*down/);
    works = true;
    await world.runToEnd(SLOW);
    expect(seen(world.table(topology))).toEqual({ [`north ${T0} ${T0 + HOUR}`]: { shop: 'north', cents: 3 * factorOf('north', 3), sales: 1 } });
  });

  it('takes an answer that is not what the schema says for a failure', async () => {
    const topology = converted(false, 'null');
    const world = worldOf(topology, [{ partition: 0, sales: [sale('north', T0, 3)] }], () => ({ factor: 'much' }));
    await world.runToEnd(SLOW);
    expect(seen(world.table(topology))).toEqual({ [`north ${T0} ${T0 + HOUR}`]: { shop: 'north', cents: 0, sales: 1 } });
  });

  it('is not started when nothing is bound to what it asks', async () => {
    const world = new World([converted(true)], 1);
    await expect(world.attempt()).rejects.toThrow(/LOOKUP_UNBOUND converted\/rate/);
  });
});
