/** An order as another client reads it from the topic. */
export interface PlainOrder {
  readonly invoice: string;
  readonly line: number;
  readonly product: string;
  readonly units: number;
  readonly cents: number;
  readonly placedAt: number;
  readonly customer: string | null;
  readonly country: string;
}

/** The rows of a view by `key|start|end`, as JSON of their numbers. */
export type NaiveRows = ReadonlyMap<string, string>;

const HOUR = 3_600_000;
const GAP = 1_800_000;
const DAY_HOURS = 24;
const TOP = 10;

/** Revenue, units and orders per country and hour of windows with `end <= upTo`: group and fold. Shares no code with what it checks. */
export function naiveRevenue(orders: readonly PlainOrder[], upTo: number): NaiveRows {
  const groups = Map.groupBy(sold(orders), ({ country, placedAt }) => `${country}|${startOfHour(placedAt)}`);
  const rows = new Map<string, string>();
  for (const [id, group] of groups) {
    const end = Number(id.split('|')[1]) + HOUR;
    if (end <= upTo) rows.set(`${id}|${end}`, JSON.stringify([total(group, 'cents'), total(group, 'units'), invoicesOf(group)]));
  }
  return rows;
}

/** The ten best-selling products of each 24 hours that end by `upTo`: sum, sort and cut. */
export function naiveBestSellers(orders: readonly PlainOrder[], upTo: number): NaiveRows {
  const hours = new Map<number, Map<string, number>>();
  for (const { placedAt, product, units } of sold(orders)) {
    const hour = startOfHour(placedAt);
    const sums = hours.get(hour) ?? new Map<string, number>();
    hours.set(hour, sums);
    sums.set(product, (sums.get(product) ?? 0) + units);
  }
  const ends = new Set([...hours.keys()].flatMap((hour) => Array.from({ length: DAY_HOURS }, (_, i) => hour + (i + 1) * HOUR)).filter((end) => end <= upTo));
  const rows = new Map<string, string>();
  for (const end of ends) {
    const sums = new Map<string, number>();
    for (let i = 1; i <= DAY_HOURS; i++) for (const [product, units] of hours.get(end - i * HOUR) ?? []) sums.set(product, (sums.get(product) ?? 0) + units);
    const ranked = [...sums].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1)).slice(0, TOP);
    rows.set(`all|${end - DAY_HOURS * HOUR}|${end}`, JSON.stringify(ranked));
  }
  return rows;
}

/** Sessions of known customers that are over at `upTo`: sort and cut where half an hour is empty. */
export function naiveSessions(orders: readonly PlainOrder[], upTo: number): NaiveRows {
  const rows = new Map<string, string>();
  for (const [customer, group] of Map.groupBy(sold(orders), (order) => order.customer)) {
    if (customer === null) continue;
    const sorted = [...group].sort((a, b) => a.placedAt - b.placedAt);
    let from = 0;
    for (let i = 1; i <= sorted.length; i++) {
      if (i < sorted.length && sorted[i]!.placedAt - sorted[i - 1]!.placedAt <= GAP) continue;
      const own = sorted.slice(from, i);
      const end = own.at(-1)!.placedAt + GAP;
      if (end <= upTo) rows.set(`${customer}|${own[0]!.placedAt}|${end}`, JSON.stringify([own.length, invoicesOf(own), total(own, 'cents')]));
      from = i;
    }
  }
  return rows;
}

function sold(orders: readonly PlainOrder[]): readonly PlainOrder[] {
  return orders.filter(({ units }) => units > 0);
}

function startOfHour(time: number): number {
  return Math.floor(time / HOUR) * HOUR;
}

function invoicesOf(orders: readonly PlainOrder[]): number {
  return new Set(orders.map(({ invoice }) => invoice)).size;
}

function total(orders: readonly PlainOrder[], field: 'cents' | 'units'): number {
  return Number(orders.reduce((sum, order) => sum + BigInt(order[field]), 0n));
}
