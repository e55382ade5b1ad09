import { MAX_WATERMARK } from '@weir/model';
import type { Order } from '@weir/pipelines';
import { bestSellers, revenueByCountry, shoppingSessions } from '@weir/pipelines';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { DrivenResult } from './test-driver.ts';
import { testDriver } from './test-driver.ts';

const RUNS = { numRuns: Number(process.env['WEIR_RUNS'] ?? 60) };
const MINUTE = 60_000;

const order: fc.Arbitrary<Order> = fc.record({
  invoice: fc.constantFrom('1', '2', '3'),
  line: fc.nat(),
  product: fc.constantFrom('85123A', '71053', '84406B'),
  description: fc.constant(null),
  units: fc.integer({ min: -1, max: 5 }),
  cents: fc.integer({ min: 0, max: 500 }),
  placedAt: fc.integer({ min: -30, max: 30 }).map((tens) => tens * 10 * MINUTE),
  customer: fc.constantFrom(null, '17850', '13047', '12583'),
  country: fc.constantFrom('France', 'EIRE', 'Norway'),
});

type Act = { readonly rows: readonly Order[]; readonly partition: number } | { readonly tick: number };

/** Rows without any order in time, so that many are late, some of them too late; and ticks ten seconds apart. */
const acts: fc.Arbitrary<readonly Act[]> = fc
  .array(fc.oneof({ weight: 3, arbitrary: fc.record({ rows: fc.array(order, { maxLength: 6 }), partition: fc.nat(1) }) }, { weight: 1, arbitrary: fc.constant('tick' as const) }), { maxLength: 16, size: 'max' })
  .map((drawn) => drawn.map((act, index): Act => (act === 'tick' ? { tick: index * 10_000 } : act)));

/** One face for the three pipelines, whose sinks have different names. */
interface Driven {
  readonly name: string;
  readonly open: (restored?: Uint8Array) => {
    act(act: Act): void;
    end(): void;
    output(): readonly (DrivenResult<unknown> | Order)[];
    snapshot(): Uint8Array;
  };
}

function act(driver: ReturnType<typeof testDriver<(typeof revenueByCountry)['sources'], Record<never, never>>>, what: Act): void {
  if ('tick' in what) driver.tick(what.tick);
  else driver.push('orders', what.rows, { partition: what.partition });
}

const driven: readonly Driven[] = [
  {
    name: 'revenue-by-country',
    open: (restored) => {
      const driver = testDriver(revenueByCountry, { partitions: 2, ...(restored === undefined ? {} : { restored }) });
      return {
        act: (what) => act(driver, what),
        end: () => driver.advanceWatermark('orders', MAX_WATERMARK),
        output: () => [...driver.drainResults('revenue'), ...driver.drain('late')],
        snapshot: () => driver.snapshot(),
      };
    },
  },
  {
    name: 'best-sellers',
    open: (restored) => {
      const driver = testDriver(bestSellers, { partitions: 2, ...(restored === undefined ? {} : { restored }) });
      return {
        act: (what) => act(driver, what),
        end: () => driver.advanceWatermark('orders', MAX_WATERMARK),
        output: () => [...driver.drainResults('ranking'), ...driver.drain('late')],
        snapshot: () => driver.snapshot(),
      };
    },
  },
  {
    name: 'shopping-sessions',
    open: (restored) => {
      const driver = testDriver(shoppingSessions, { partitions: 2, ...(restored === undefined ? {} : { restored }) });
      return {
        act: (what) => act(driver, what),
        end: () => driver.advanceWatermark('orders', MAX_WATERMARK),
        output: () => [...driver.drainResults('sessions'), ...driver.drain('late')],
        snapshot: () => driver.snapshot(),
      };
    },
  },
];

/** Keys that fire at one moment fire in the order in which their state was taken, which a restart changes; nothing hangs on it. */
function inOrder(output: readonly unknown[]): readonly string[] {
  return output.map((row) => JSON.stringify(row)).sort();
}

describe.each(driven)('$name', ({ open }) => {
  it('gives after each act what it would have given, when it is restarted before any act', () => {
    fc.assert(
      fc.property(acts, fc.nat(), (all, seed) => {
        const whole = open();
        let parts = open();
        all.forEach((each, index) => {
          if ((seed >> index % 30) % 2 === 1) parts = open(parts.snapshot());
          whole.act(each);
          parts.act(each);
          expect(inOrder(parts.output())).toEqual(inOrder(whole.output()));
        });
        whole.end();
        parts = open(parts.snapshot());
        parts.end();
        expect(inOrder(parts.output())).toEqual(inOrder(whole.output()));
      }),
      RUNS,
    );
  });
});
