import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { World, killed, runToEnd } from './fixtures/live-shop.ts';
import type { Attempt } from './fixtures/live-shop.ts';
import { HOUR, appendRaw, appendSales, hourly, sale, sessions, sliding } from './fixtures/small-shop.ts';
import type { Sale } from './fixtures/small-shop.ts';

const RUNS = { numRuns: Number(process.env['WEIR_RUNS'] ?? 20) };
const T0 = Date.UTC(2024, 0, 1);
const PIPELINES = [hourly, sessions, sliding];
const PARTITIONS = 2;
/** One poll a turn and one batch a poll, so that a crash finds every in-between state. */
const SLOW = { stepBytes: 1, turnMilliseconds: 0, checkpointEveryRecords: 12 };

const aSale: fc.Arbitrary<Sale> = fc.record({
  shop: fc.constantFrom('north', 'south'),
  cents: fc.integer({ min: 0, max: 9 }),
  soldAt: fc.integer({ min: 0, max: 40 }).map((steps) => T0 + steps * 300_000),
  note: fc.constantFrom(null, 'gift'),
});
const batch = fc.record({ partition: fc.nat(PARTITIONS - 1), sales: fc.array(aSale, { minLength: 1, maxLength: 4 }), isBad: fc.boolean() });
type Sold = readonly { readonly partition: number; readonly sales: readonly Sale[]; readonly isBad: boolean }[];

/** Where an attempt is killed: at its n-th call of a kind. */
const crash = fc.record({ at: fc.constantFrom('read', 'append', 'appended', 'flush', 'flushed', 'file'), call: fc.integer({ min: 1, max: 25 }) });
type Crash = typeof crash extends fc.Arbitrary<infer Value> ? Value : never;

function worldOf(sold: Sold): World {
  const world = new World(PIPELINES, PARTITIONS);
  for (const { partition, sales, isBad } of sold) {
    appendSales(world.log, 'sales', partition, sales);
    if (isBad) appendRaw(world.log, 'sales', partition, ['{"shop":1}', JSON.stringify(sale('south', T0 + 90 * 24 * HOUR)), 'x'], T0);
  }
  for (let partition = 0; partition < PARTITIONS; partition++) appendSales(world.log, 'sales', partition, [sale('last', T0 + 20 * HOUR)]);
  return world;
}

function arm(world: World, { job, sinks }: Attempt, { at, call }: Crash): void {
  let left = call;
  const count = (): void => {
    if (--left > 0) return;
    // Nothing that a dead process does is seen.
    world.log.beforeCall = () => {
      throw killed();
    };
    world.files.failAt = 0;
    job.stop();
    throw killed();
  };
  world.log.beforeCall = (kind) => {
    if (kind === at) count();
  };
  world.log.afterAppend = () => {
    if (at === 'appended') count();
  };
  for (const sink of sinks) {
    if (at === 'flush') sink.beforeFlush = count;
    if (at === 'flushed') sink.afterFlush = count;
  }
  world.files.failAt = at === 'file' ? world.files.calls + call : Number.POSITIVE_INFINITY;
}

function disarm(world: World): void {
  world.log.beforeCall = () => undefined;
  world.log.afterAppend = () => undefined;
  world.files.failAt = Number.POSITIVE_INFINITY;
}

describe('a live job that is killed again and again', () => {
  it('ends with the numbers, late rows and dead letters of one that never was, and never changed a pane that was seen', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(batch, { minLength: 4, maxLength: 14 }), fc.array(crash, { minLength: 1, maxLength: 5 }), async (sold, crashes) => {
        const whole = worldOf(sold);
        await whole.runToEnd(SLOW);

        const world = worldOf(sold);
        for (const each of crashes) {
          try {
            const attempt = await world.attempt(SLOW);
            arm(world, attempt, each);
            await runToEnd(attempt.job, PIPELINES);
          } catch (error) {
            if (!(error instanceof Error) || !/TEST_KILLED|the power is off/.test(error.message)) throw error;
          } finally {
            disarm(world);
          }
        }
        const job = await world.runToEnd(SLOW);

        for (const topology of PIPELINES) {
          expect(world.table(topology).closed()).toEqual(whole.table(topology).closed());
          expect(world.log.records(`${topology.name}.late`).map(({ value }) => value).sort()).toEqual(whole.log.records(`${topology.name}.late`).map(({ value }) => value).sort());
          const { books } = job.state(topology.name);
          expect(books.records).toBe(books.counted + books.late + books.filtered + books.deadLettered);
          const seen = new Map<string, string>();
          for (const { id, index, row, withdrawn, timing } of world.table(topology).history) {
            // A session that is withdrawn begins to count anew when it comes back under the same bounds.
            const pane = `${id} ${index}`;
            const content = `${row} ${withdrawn} ${timing}`;
            if (topology !== sessions) expect(seen.get(pane) ?? content).toBe(content);
            seen.set(pane, content);
          }
        }
        const placesOf = (each: World): readonly string[] =>
          each.log.records('sales.dead-letters').map(({ headers, value }) => `${headers['pipeline']} ${headers['partition']} ${headers['offset']} ${headers['code']} ${value}`).sort();
        expect(placesOf(world)).toEqual(placesOf(whole));
        expect(placesOf(world)).toHaveLength(sold.filter(({ isBad }) => isBad).length * 3 * PIPELINES.length);
      }),
      RUNS,
    );
  });
});
