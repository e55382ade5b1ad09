import { describe, expect, it } from 'vitest';
import { keyGroupOf } from '@weir/model';
import { delayOf } from './disorder.ts';
import { contentOf, crashing, withLog } from './fixture.ts';
import { DEFAULT_SEED, arrivalsOf, load } from './load.ts';
import type { LoadProgress } from './load.ts';
import { CANCELLATIONS, ORDERS, PARTITIONS } from './topics.ts';
import { NO_TEXT } from './retail-lines.ts';
import type { RetailLines } from './retail-lines.ts';
import { readRetail } from './retail.ts';

/** Three transactions, the last one not full. */
const LINES = 40_000;
const lines: RetailLines = { ...readRetail(), length: LINES };
const text = (number: number): string | null => (number === NO_TEXT ? null : lines.texts[number]!);

/** What a line should look like in the log. */
function expected(line: number) {
  return {
    invoice: text(lines.invoices[line]!),
    line,
    product: text(lines.products[line]!),
    description: text(lines.descriptions[line]!),
    units: lines.units[line]!,
    cents: lines.cents[line]!,
    placedAt: lines.placedAt[line]!,
    customer: text(lines.customers[line]!),
    country: text(lines.countries[line]!),
  };
}

describe('the load', () => {
  it('puts every line into its partition once, as JSON, in the order of arrival', async () => {
    await withLog(async (log) => {
      const progress: LoadProgress[] = [];
      expect(await load({ log, lines, seed: DEFAULT_SEED, onProgress: (each) => progress.push(each) })).toBe(LINES);
      const { order, times } = arrivalsOf(lines, DEFAULT_SEED);
      const wanted = Array.from({ length: PARTITIONS }, (): number[] => []);
      for (const line of order) wanted[keyGroupOf(text(lines.customers[line]!) ?? text(lines.invoices[line]!)!) % PARTITIONS]!.push(line);
      const seen = await contentOf(log, ORDERS);
      expect(seen.map(({ value }) => JSON.parse(value) as unknown)).toEqual(wanted.flat().map(expected));
      expect(seen.map(({ timestamp }) => timestamp)).toEqual(wanted.flat().map((line) => times[line]));
      expect(seen.every(({ key, value }) => key === ((JSON.parse(value) as { customer: string | null }).customer ?? (JSON.parse(value) as { invoice: string }).invoice))).toBe(true);
      expect(progress.map(({ done }) => done)).toEqual([0, 16_000, 32_000, 40_000]);
      expect(progress.every(({ total }) => total === LINES)).toBe(true);
    });
  });

  it('puts what is taken back into the cancellations, with positive units', async () => {
    await withLog(async (log) => {
      await load({ log, lines, seed: DEFAULT_SEED });
      const seen = (await contentOf(log, CANCELLATIONS)).map(({ value }) => JSON.parse(value) as { line: number; units: number; cents: number });
      const wanted = Array.from({ length: LINES }, (_, line) => line).filter((line) => lines.units[line]! < 0);
      expect(wanted.length).toBeGreaterThan(500);
      expect(seen.map(({ line }) => line).sort((a, b) => a - b)).toEqual(wanted);
      for (const { line, units, ...rest } of seen) {
        const { description: _, units: taken, placedAt, ...order } = expected(line);
        expect({ line, units, ...rest }).toEqual({ ...order, units: -taken, cancelledAt: placedAt });
      }
    });
  });

  it('has the disorder in it: arrivals never fall, times do', async () => {
    const { order, times } = arrivalsOf(lines, DEFAULT_SEED);
    let falls = 0;
    for (let i = 1; i < order.length; i++) {
      expect(times[order[i]!]).toBeGreaterThanOrEqual(times[order[i - 1]!]!);
      if (lines.placedAt[order[i]!]! < lines.placedAt[order[i - 1]!]!) falls++;
    }
    expect(falls).toBeGreaterThan(LINES * 0.005);
    // Lines that arrive at once stay in the order of the file: inserting them one by one into their arrival's list says so, too.
    const together = new Map<number, number[]>();
    for (let line = 0; line < LINES; line++) {
      const arrival = lines.placedAt[line]! + delayOf(DEFAULT_SEED, line);
      if (!together.has(arrival)) together.set(arrival, []);
      together.get(arrival)!.push(line);
    }
    expect([...order]).toEqual([...together.keys()].sort((a, b) => a - b).flatMap((arrival) => together.get(arrival)!));
  });

  it('adds nothing the second time', async () => {
    await withLog(async (log) => {
      await load({ log, lines, seed: DEFAULT_SEED });
      const before = await contentOf(log, ORDERS);
      expect(await load({ log, lines, seed: DEFAULT_SEED })).toBe(0);
      expect(await contentOf(log, ORDERS)).toEqual(before);
    });
  });

  for (const when of ['before', 'after'] as const) {
    it(`goes on exactly where it was after a crash ${when} any append`, async () => {
      const whole = await withLog(async (log) => {
        await load({ log, lines, seed: DEFAULT_SEED });
        return [await contentOf(log, ORDERS), await contentOf(log, CANCELLATIONS)];
      });
      for (const fatal of [1, 2, 3]) {
        await withLog(async (log) => {
          await expect(load({ log: crashing(log, fatal, when), lines, seed: DEFAULT_SEED })).rejects.toThrow('crash');
          await load({ log, lines, seed: DEFAULT_SEED });
          expect([await contentOf(log, ORDERS), await contentOf(log, CANCELLATIONS)]).toEqual(whole);
        });
      }
    });
  }

  it('ends when it is told to, after a whole transaction, and goes on later', async () => {
    await withLog(async (log) => {
      const stop = new AbortController();
      const first = await load({ log, lines, seed: DEFAULT_SEED, signal: stop.signal, onProgress: ({ done }) => void (done > 0 && stop.abort()) });
      expect(first).toBe(16_000);
      expect(await load({ log, lines, seed: DEFAULT_SEED })).toBe(LINES - first);
      expect(await contentOf(log, ORDERS)).toHaveLength(LINES);
    });
  });

  it('refuses another seed over a log that is loaded', async () => {
    await withLog(async (log) => {
      await load({ log, lines, seed: 1 });
      await expect(load({ log, lines, seed: 2 })).rejects.toThrow(/GENERATOR_LOG_NOT_EMPTY/);
      expect(await contentOf(log, ORDERS)).toHaveLength(LINES);
    });
  });
});
