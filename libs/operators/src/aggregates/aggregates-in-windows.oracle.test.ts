import { milliseconds } from '@weir/model';
import { cases, checkScenario, placedRows, scenarios } from '@weir/testkit';
import type { Emitted } from '@weir/testkit';
import fc from 'fast-check';
import { describe, it } from 'vitest';
import { afterWatermark, any, average, distinctApproximate, first, heavyHitters, histogram, hopping, last, list, max, maxBy, quantiles, standardDeviation, variance, windowAggregate } from '../index.ts';

interface Fields {
  readonly key: string;
  readonly item: string | null;
  readonly amount: number | null;
}
interface Row extends Fields {
  readonly at: number;
}

const SIZE = 12;

/** What retracts slides by one running accumulator, what does not by two stacks. */
const RETRACTABLE = {
  variance: variance<Row>('amount', 'population'),
  deviation: standardDeviation<Row>('amount', 'sample'),
  average: average<Row>('amount'),
  bins: histogram<Row>('amount', { bounds: [-1, 0, 2] }),
  median: quantiles<Row>('amount', { at: [0.5], accuracy: 0.001, bins: 'unbounded' }),
} as const;
const OTHERS = {
  first: first<Row, 'item'>('item', { by: 'at' }),
  last: last((row: Row) => row, { by: 'at', then: 'item' }),
  dearest: maxBy<Row, 'at'>('at', { by: 'amount' }),
  any: any<Row, 'item'>('item'),
  items: list<Row, 'item'>('item', { limit: 3, by: 'at' }),
  distinct: distinctApproximate<Row>('item'),
  often: heavyHitters<Row>('item', { share: 0.4 }),
  bounded: quantiles<Row>('amount', { at: [0, 1], accuracy: 0.001 }),
  most: max<Row>('amount'),
} as const;

const rounded = (value: number): number => Number(value.toPrecision(2)) + 0;

/** What the aggregates come to, from the rows in a plain array. */
function expectedOf(rows: readonly Row[], which: 'retractable' | 'others'): unknown {
  const amounts = rows.flatMap(({ amount }) => (amount === null ? [] : [amount])).sort((a, b) => a - b);
  const n = amounts.length;
  const mean = amounts.reduce((a, b) => a + b, 0) / n;
  const spread = amounts.reduce((total, amount) => total + (amount - mean) ** 2, 0);
  if (which === 'retractable') {
    const between = (from: number, to: number): number => amounts.filter((amount) => amount >= from && amount < to).length;
    return {
      variance: n === 0 ? null : rounded(spread / n),
      deviation: n < 2 ? null : rounded(Math.sqrt(spread / (n - 1))),
      average: n === 0 ? null : rounded(mean),
      bins: { below: between(-Infinity, -1), bins: [{ from: -1, to: 0, count: between(-1, 0) }, { from: 0, to: 2, count: between(0, 2) }], above: between(2, Infinity) },
      median: n === 0 ? null : [rounded(amounts[Math.floor((n - 1) / 2)]!)],
    };
  }
  const byName = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
  const named = rows.filter(({ item }) => item !== null).sort((a, b) => a.at - b.at || byName(a.item!, b.item!));
  const items = named.map(({ item }) => item!);
  // Rows without an item come behind those with one; what is equal then is decided by the row itself.
  const newest = [...rows].sort((a, b) => a.at - b.at || Number(b.item !== null) - Number(a.item !== null) || byName(a.item ?? '', b.item ?? '') || byName(JSON.stringify(sorted(a)), JSON.stringify(sorted(b))));
  const dearest = rows.filter(({ amount }) => amount !== null).sort((a, b) => a.amount! - b.amount! || a.at - b.at).at(-1);
  const counts = new Map<string, number>();
  for (const item of items) counts.set(item, (counts.get(item) ?? 0) + 1);
  const often = [...counts].filter(([, count]) => count >= 0.4 * items.length).sort(([a, x], [b, y]) => y - x || byName(a, b));
  return {
    first: items[0] ?? null,
    last: lastOf(newest),
    dearest: dearest?.at ?? null,
    any: items.toSorted()[0] ?? null,
    items: { values: items.slice(0, 3), omitted: Math.max(0, items.length - 3) },
    distinct: counts.size,
    often: often.map(([item, count]) => ({ item, count })),
    bounded: n === 0 ? null : [rounded(amounts[0]!), rounded(amounts.at(-1)!)],
    most: amounts.at(-1) ?? null,
  };
}

const sorted = (row: Row): unknown => ({ amount: row.amount, at: row.at, item: row.item, key: row.key });

/** Of the newest rows the one with the greatest item; an item of null comes behind all others, so it wins only alone. */
function lastOf(newest: readonly Row[]): Row | null {
  const most = newest.at(-1)?.at;
  const newestNamed = newest.filter(({ at, item }) => at === most && item !== null).at(-1);
  return newestNamed ?? newest.at(-1) ?? null;
}

interface Result {
  readonly key: string;
  readonly window: { readonly start: number };
  readonly value: Readonly<Record<string, unknown>>;
}

function view(emitted: readonly Emitted[]): unknown {
  const lines = emitted.map(({ row }) => {
    const { key, window, value } = row as Result;
    const about = Object.entries(value).map(([name, each]) => {
      if (name === 'dearest' || name === 'distinct' || name === 'most') return [name, each];
      if (typeof each === 'number') return [name, rounded(each)];
      return [name, Array.isArray(each) && typeof each[0] === 'number' ? each.map(rounded) : each];
    });
    return { key, start: window.start, value: Object.fromEntries(about) as unknown };
  });
  return lines.sort((a, b) => a.start - b.start || (a.key < b.key ? -1 : 1));
}

const fields: fc.Arbitrary<Fields> = fc.record({
  key: fc.constantFrom('a', 'b'),
  item: fc.constantFrom('x', 'y', 'z', 'w', null),
  amount: fc.oneof(fc.integer({ min: -4, max: 9 }), fc.constant(null)),
});

describe.each([
  ['retractable', RETRACTABLE],
  ['others', OTHERS],
] as const)('aggregates in windows (%s)', (which, aggregators) => {
  it('are what the rows come to, live, perfect and after restarts, whatever the slide', () => {
    fc.assert(
      fc.property(scenarios({ inputs: { rows: fields }, boundary: SIZE, maxRows: 30 }), fc.constantFrom(12, 4, 3, 8, 20), (scenario, slide) => {
        const spec = windowAggregate<Row>({
          key: { field: 'key' },
          assigner: hopping(milliseconds(SIZE), milliseconds(slide)),
          allowedLateness: milliseconds(0),
          trigger: afterWatermark(),
          accumulation: 'accumulating',
          aggregators,
        });
        const windows = new Map<string, { readonly key: string; readonly start: number; readonly rows: Row[] }>();
        for (const { row } of placedRows(scenario)) {
          for (let start = Math.floor(row.at / slide) * slide; start + SIZE > row.at; start -= slide) {
            const name = `${start} ${row.key}`;
            if (!windows.has(name)) windows.set(name, { key: row.key, start, rows: [] });
            windows.get(name)!.rows.push(row);
          }
        }
        const expected = [...windows.values()].map(({ key, start, rows }) => ({ key, start, value: expectedOf(rows, which) })).sort((a, b) => a.start - b.start || (a.key < b.key ? -1 : 1));
        checkScenario(spec, scenario, view, expected);
      }),
      { numRuns: cases(80) },
    );
  });
});
