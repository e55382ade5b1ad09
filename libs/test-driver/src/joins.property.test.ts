import { milliseconds } from '@weir/model';
import { afterWatermark, boundedOutOfOrderness, count, session, tumbling } from '@weir/operators';
import { int, nullable, record, string, timestamp } from '@weir/schema';
import { cases } from '@weir/testkit';
import { pipeline } from '@weir/topology';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { testDriver } from './test-driver.ts';

const Order = record('Order', { id: string(), at: timestamp() });
const Payment = record('Payment', { order: string(), at: timestamp() });
const Counted = record('Counted', { id: string(), start: int(), rows: int() });
const Late = record('Late', { id: string(), paid: nullable(int()) });
const DISORDER = 40;

const time = { timestamp: 'at', watermark: boundedOutOfOrderness(milliseconds(DISORDER)) } as const;
const counting = { allowedLateness: milliseconds(0), trigger: afterWatermark(), accumulation: 'accumulating' } as const;

/** A join whose unmatched rows are older than the watermark when they come out, and steps behind it that refuse late rows. */
function chained(kind: 'full' | 'left' | 'anti') {
  return pipeline({ name: 'chained', sources: { orders: Order, payments: Payment }, sinks: { counted: Counted, again: Counted, late: Late } }, ({ orders, payments }, sinks) => {
    const left = orders.withEventTime(time).keyBy('id');
    const right = payments.withEventTime(time).keyBy('order');
    const joined = left.intervalJoin('paid', right, { kind, between: [milliseconds(0), milliseconds(15)] }, (...rows: readonly ({ id?: string; order?: string; at: number } | null)[]) => ({
      id: rows[0]?.id ?? rows[1]?.order ?? 'nobody',
      paid: rows[1]?.at ?? null,
    }));
    const counts = joined.results.keyBy('id').window(tumbling(milliseconds(10)), counting).aggregate('counted', { rows: count() });
    counts.results.map(({ key, window, value }) => ({ id: key, start: window.start, rows: value.rows })).to(sinks.counted);
    counts.late.to(sinks.late);
    const sessions = joined.results.keyBy('id').windowJoin('same-session', right, { kind: 'semi', window: session(milliseconds(5)) }, (row, window) => ({ id: row.id, start: window.start, rows: 1 }));
    sessions.results.to(sinks.again);
    for (const late of [joined.lateLeft, joined.lateRight, sessions.lateRight]) late.discard('tested apart');
    sessions.lateLeft.to(sinks.late);
  });
}

const arrivals = fc.array(
  fc.record({ order: fc.boolean(), id: fc.constantFrom('a', 'b'), at: fc.integer({ min: -DISORDER / 2, max: DISORDER / 2 }), partition: fc.nat({ max: 1 }), later: fc.constantFrom(0, 20, 60) }),
  { maxLength: 40 },
);

describe('steps behind a join', () => {
  it.each(['left', 'full', 'anti'] as const)('see none of its rows as late, and the same ones after a restart: %s', (kind) => {
    fc.assert(
      fc.property(arrivals, fc.nat({ max: 40 }), (rows, restartAt) => {
        const run = (restart: number) => {
          let driver = testDriver(chained(kind), { partitions: 2 });
          const counted: unknown[] = [];
          const again: unknown[] = [];
          const drain = (): void => {
            counted.push(...driver.drain('counted'));
            again.push(...driver.drain('again'));
            expect(driver.drain('late')).toEqual([]);
          };
          let base = 0;
          for (const [index, { order, id, at, partition, later }] of rows.entries()) {
            if (index === restart) {
              drain();
              driver = testDriver(chained(kind), { partitions: 2, restored: driver.snapshot() });
            }
            base += later;
            if (order) driver.push('orders', [{ id, at: base + at }], { partition });
            else driver.push('payments', [{ order: id, at: base + at }], { partition });
          }
          drain();
          for (const source of ['orders', 'payments'] as const) driver.advanceWatermark(source, Number.POSITIVE_INFINITY);
          drain();
          return { counted, again, books: driver.books() };
        };
        expect(run(restartAt)).toEqual(run(-1));
      }),
      { numRuns: cases(60) },
    );
  });
});
