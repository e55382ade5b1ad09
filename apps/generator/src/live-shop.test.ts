import { describe, expect, it } from 'vitest';
import type { Log } from '@weir/connector-api';
import { RecordBatchBuilder } from '@weir/record-batch';
import type { Order } from '@weir/pipelines';
import { LONGEST_DELAY } from './disorder.ts';
import { contentOf, withLog } from './fixture.ts';
import type { SeenRecord } from './fixture.ts';
import { Invoices } from './invoices.ts';
import { runLiveShop } from './live-shop.ts';
import { CANCELLATIONS, ORDERS } from './topics.ts';
import type { RetailLines } from './retail-lines.ts';
import { readRetail } from './retail.ts';

const lines: RetailLines = { ...readRetail(), length: 20_000 };
const END_OF_HISTORY = lines.placedAt[lines.length - 1]!;
const TURN = 200;

/** Runs the shop for some turns of a clock that is put forward by each turn's milliseconds. */
async function run(log: Log, turns: readonly number[], { rate = 500, speed = 60, seed = 5 } = {}): Promise<void> {
  const stop = new AbortController();
  let now = 1_000_000;
  let turn = 0;
  const clock = { now: () => now };
  const forward = (): void => {
    if (turn === turns.length) stop.abort();
    else now += turns[turn++]!;
  };
  const options = { log, lines, seed, rate, speed, clock, signal: stop.signal, turnMilliseconds: 0, onPlaced: forward };
  // The first turn sees no time go by; `forward` makes it for those that follow.
  await runLiveShop(options);
}

/** All orders in the order of arrival. */
async function orders(log: Log): Promise<readonly (Order & { readonly arrival: number; readonly record: SeenRecord })[]> {
  const records = await contentOf(log, ORDERS);
  return records
    .map((record) => ({ ...(JSON.parse(record.value) as Order), arrival: record.timestamp, record }))
    .sort((a, b) => a.arrival - b.arrival || a.line - b.line);
}

const turnsOf = (count: number): readonly number[] => Array.from({ length: count }, () => TURN);

describe('the live shop', () => {
  it('places whole invoices at the rate asked for, in shop time that runs on from the end of the history', async () => {
    await withLog(async (log) => {
      await run(log, turnsOf(100));
      const placed = await orders(log);
      // 20 seconds of wall time; the last invoice may be large.
      expect(placed.length).toBeGreaterThanOrEqual(10_000);
      expect(placed.length).toBeLessThan(11_200);
      const span = placed.at(-1)!.arrival - placed[0]!.arrival;
      expect(span / ((placed.length * 1_000) / 500)).toBeGreaterThan(58);
      expect(span / ((placed.length * 1_000) / 500)).toBeLessThan(62);
      expect(placed[0]!.arrival).toBeGreaterThan(END_OF_HISTORY);
      const known = new Map<string, number>();
      const invoices = new Invoices(lines);
      for (let i = 0; i < invoices.count; i++) {
        const members = [...invoices.linesOf(i)];
        known.set(members.map((line) => lines.texts[lines.products[line]!]).join(), members.length);
      }
      for (const invoice of Map.groupBy(placed, ({ invoice }) => invoice).values()) {
        expect(known.get(invoice.map(({ product }) => product).join())).toBe(invoice.length);
        expect(new Set(invoice.map(({ record }) => record.partition)).size).toBe(1);
        expect(new Set(invoice.map(({ placedAt }) => placedAt)).size).toBe(1);
      }
    });
  });

  it('gives every line a number and every invoice a name of its own, and cancels as the real shop does', async () => {
    await withLog(async (log) => {
      await run(log, turnsOf(100));
      const placed = await orders(log);
      expect(new Set(placed.map(({ line }) => line)).size).toBe(placed.length);
      expect(placed.every(({ line }) => line >= lines.length)).toBe(true);
      expect(placed.every(({ invoice }) => /^C?L\d+$/.test(invoice))).toBe(true);
      const takenBack = placed.filter(({ units }) => units < 0);
      expect(takenBack.length).toBeGreaterThan(0);
      expect((await contentOf(log, CANCELLATIONS)).map(({ value }) => (JSON.parse(value) as { line: number }).line).sort((a, b) => a - b)).toEqual(takenBack.map(({ line }) => line).sort((a, b) => a - b));
    });
  });

  it('is as late as the load, never by more than the longest delay', async () => {
    await withLog(async (log) => {
      await run(log, turnsOf(150), { rate: 2_000 });
      const invoices = [...Map.groupBy(await orders(log), ({ invoice }) => invoice).values()].map((invoice) => invoice[0]!);
      const late = invoices.filter(({ arrival, placedAt }) => arrival > placedAt);
      expect(late.length / invoices.length).toBeGreaterThan(0.03);
      expect(late.length / invoices.length).toBeLessThan(0.05);
      expect(invoices.every(({ arrival, placedAt }) => arrival - placedAt < LONGEST_DELAY)).toBe(true);
    });
  });

  it('continues after an end as if there had been none', async () => {
    const whole = await withLog(async (log) => {
      await run(log, turnsOf(60));
      return orders(log);
    });
    await withLog(async (log) => {
      for (const turns of [7, 1, 20, 32]) await run(log, turnsOf(turns));
      const parts = await orders(log);
      const common = Math.min(parts.length, whole.length);
      expect(common).toBeGreaterThan(5_000);
      expect(parts.slice(0, common)).toEqual(whole.slice(0, common));
    });
  });

  it('does not make up for a pause all at once, nor go back with a clock that does', async () => {
    await withLog(async (log) => {
      await run(log, [TURN, 3_600_000, TURN]);
      // 0.2 + 2 + 0.2 seconds, and an invoice that goes beyond.
      expect((await orders(log)).length).toBeLessThan(1_200 + 1_114);
    });
    await withLog(async (log) => {
      await run(log, [TURN, -3_600_000, TURN]);
      expect((await orders(log)).length).toBeLessThan(200 + 1_114);
    });
  });

  it('takes the time from the newest order, whatever else is in the topic', async () => {
    await withLog(async (log) => {
      await run(log, turnsOf(10));
      const newest = (await orders(log)).at(-1)!.arrival;
      const writer = await log.writer();
      for (const value of ['not json', '{"placedAt":"soon"}', 'null', '{"placedAt":7}']) {
        const builder = new RecordBatchBuilder();
        for (let i = 0; i < 3; i++) builder.append(8e15, null, Buffer.from(value));
        for (let partition = 0; partition < 4; partition++) await writer.append([{ topic: ORDERS, partition, batch: builder.count > 0 ? builder.build() : again(value) }]);
      }
      await run(log, turnsOf(1));
      const next = (await contentOf(log, ORDERS)).filter(({ value, timestamp }) => timestamp < 8e15 && value.includes('"line"')).sort((a, b) => b.timestamp - a.timestamp)[0]!;
      expect(next.timestamp).toBeGreaterThan(newest);
      expect(next.timestamp).toBeLessThan(newest + 3_600_000);
    });
  });
});

function again(value: string): Uint8Array {
  const builder = new RecordBatchBuilder();
  builder.append(8e15, null, Buffer.from(value));
  return builder.build();
}
