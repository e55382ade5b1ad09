import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';

const FILE = fileURLToPath(new URL('../../generator/data/online-retail.csv.gz', import.meta.url));
const HOUR = 3_600_000;
const GAP = 1_800_000;

interface Line {
  readonly invoice: string;
  readonly product: string;
  readonly units: number;
  readonly cents: number;
  readonly time: number;
  readonly customer: string;
  readonly country: string;
}

/** Rows of the three views, straight from the file: sort, group, fold. For tests: it shares no code with what it checks. */
export interface Expected {
  readonly revenue: ReadonlyMap<string, { readonly cents: number; readonly units: number; readonly orders: number }>;
  readonly bestSellers: ReadonlyMap<number, readonly { readonly product: string; readonly units: number }[]>;
  readonly sessions: ReadonlyMap<string, { readonly lines: number; readonly invoices: number; readonly cents: number; readonly lengthSeconds: number }>;
}

/** Everything that windows with `end <= frontier` must hold. */
export function expectedOf(frontier: number): Expected {
  const lines = readLines().filter(({ units }) => units > 0);
  return { revenue: revenueOf(lines, frontier), bestSellers: bestSellersOf(lines, frontier), sessions: sessionsOf(lines, frontier) };
}

function revenueOf(lines: readonly Line[], frontier: number): Expected['revenue'] {
  const groups = Map.groupBy(lines, ({ country, time }) => `${country}|${Math.floor(time / HOUR) * HOUR}`);
  const rows = [...groups].filter(([id]) => Number(id.split('|')[1]) + HOUR <= frontier);
  return new Map(rows.map(([id, group]) => [id, { cents: total(group, 'cents'), units: total(group, 'units'), orders: new Set(group.map(({ invoice }) => invoice)).size }]));
}

function bestSellersOf(lines: readonly Line[], frontier: number): Expected['bestSellers'] {
  const byHour = [...Map.groupBy(lines, ({ time }) => Math.floor(time / HOUR))].map(
    ([hour, group]) => [hour, new Map([...Map.groupBy(group, ({ product }) => product)].map(([product, own]) => [product, total(own, 'units')]))] as const,
  );
  const hours = new Map(byHour);
  const ends = new Set(byHour.flatMap(([hour]) => Array.from({ length: 24 }, (_, i) => hour + 1 + i)).filter((end) => end * HOUR <= frontier));
  const rankings = [...ends].map((end) => {
    const sums = new Map<string, number>();
    for (let hour = end - 24; hour < end; hour++) for (const [product, units] of hours.get(hour) ?? []) sums.set(product, (sums.get(product) ?? 0) + units);
    const ranked = [...sums].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1)).slice(0, 10);
    return [end * HOUR, ranked.map(([product, units]) => ({ product, units }))] as const;
  });
  return new Map(rankings);
}

function sessionsOf(lines: readonly Line[], frontier: number): Expected['sessions'] {
  const sessions = new Map<string, { lines: number; invoices: number; cents: number; lengthSeconds: number }>();
  for (const [customer, group] of Map.groupBy(lines, (line) => line.customer)) {
    if (customer === '') continue;
    const sorted = [...group].sort((a, b) => a.time - b.time);
    let from = 0;
    for (let i = 1; i <= sorted.length; i++) {
      if (i < sorted.length && sorted[i]!.time - sorted[i - 1]!.time <= GAP) continue;
      const own = sorted.slice(from, i);
      const [start, end] = [own[0]!.time, own.at(-1)!.time];
      if (end + GAP <= frontier) {
        sessions.set(`${customer}|${start}`, { lines: own.length, invoices: new Set(own.map(({ invoice }) => invoice)).size, cents: total(own, 'cents'), lengthSeconds: (end - start) / 1000 });
      }
      from = i;
    }
  }
  return sessions;
}

function total(lines: readonly Line[], field: 'cents' | 'units'): number {
  return Number(lines.reduce((sum, line) => sum + BigInt(line[field]), 0n));
}

function readLines(): readonly Line[] {
  const text = gunzipSync(readFileSync(FILE)).toString('utf8');
  return text.split('\n').slice(1).filter((row) => row.trim() !== '').map(parseLine);
}

/** No field of the file holds a line break, so a row is a line. */
function parseLine(row: string): Line {
  const cells: string[] = [];
  let cell = '';
  let quoted = false;
  for (const letter of row.replace(/\r$/, '')) {
    if (letter === '"') quoted = !quoted;
    else if (letter === ',' && !quoted) {
      cells.push(cell);
      cell = '';
    } else cell += letter;
  }
  cells.push(cell);
  const [invoice, product, , quantity, date, price, customer, country] = cells as [string, string, string, string, string, string, string, string];
  return { invoice, product, units: Number(quantity), cents: cents(BigInt(quantity), price), time: new Date(`${date}Z`).getTime(), customer: customer.split('.')[0]!, country };
}

/** In tenths of a cent as whole numbers; half a cent goes away from zero. */
function cents(units: bigint, price: string): number {
  const [whole, fraction = ''] = price.replace('-', '').split('.') as [string, string?];
  const tenths = units * BigInt(whole + fraction.padEnd(3, '0').slice(0, 3)) * (price.startsWith('-') ? -1n : 1n);
  const size = tenths < 0n ? -tenths : tenths;
  const rounded = (size + 5n) / 10n;
  return Number(tenths < 0n ? -rounded : rounded);
}
