import { minutes, seconds } from '@weir/model';
import type { CustomerChange, Sale } from '@weir/pipelines';
import { arrivals } from './arrivals.ts';
import type { Arrived, Disorder } from './arrivals.ts';
import { Draw, burstTime, untilEnough } from './draw.ts';
import type { StreamOptions } from './draw.ts';

const BASE = Date.UTC(2026, 0, 12, 8);
const STEP = seconds(5);
const TIERS = ['bronze', 'silver', 'gold'];
const CITIES = ['Leeds', 'York', 'Hull', 'Bath', 'Derby'];
const SALES_OF_CUSTOMER = 40;

/** The row of the customer that held when the sale was made; null when there was none. */
export interface SaleTruth {
  readonly saleId: string;
  readonly tier: string | null;
  readonly city: string | null;
}

interface CustomerStory {
  readonly changes: readonly CustomerChange[];
  readonly sales: readonly Sale[];
}

/** A table of customers that changes, rows deleted and put in again among it, and sales before, between, at and after the changes. */
export function customersAndSales({ seed, events }: StreamOptions, disorder: Disorder): {
  readonly changes: readonly Arrived<CustomerChange>[];
  readonly sales: readonly Arrived<Sale>[];
  readonly truth: readonly SaleTruth[];
} {
  const stories = untilEnough(events, (index) => story(new Draw(seed, index)), ({ changes, sales }) => changes.length + sales.length);
  const changes = stories.flatMap((each) => each.changes.map((row) => ({ row, time: row.changedAt, key: row.customer })));
  const sales = stories.flatMap((each) => each.sales.map((row) => ({ row, time: row.soldAt, key: row.customer })));
  changes.sort((a, b) => a.time - b.time);
  sales.sort((a, b) => a.time - b.time);
  return { changes: arrivals(seed, changes, disorder), sales: arrivals(seed + 1, sales, disorder), truth: stories.flatMap(truthOf) };
}

function story(draw: Draw): CustomerStory {
  const customer = `customer-${draw.index}`;
  const born = burstTime(BASE, STEP, draw.index);
  const changes: CustomerChange[] = [];
  let row = { customer, name: `Customer ${draw.index}`, tier: draw.of(TIERS, 1), city: draw.of(CITIES, 2) };
  let changedAt = born;
  let there = false;
  for (let n = 0; n < 1 + draw.skewed(8, 3); n++) {
    const each = new Draw(draw.between(0, 2 ** 31, 4), n);
    if (n > 0) changedAt += each.between(1, minutes(30), 0);
    if (there && each.unit(1) < 0.15) {
      changes.push({ op: 'delete', ...row, changedAt });
      there = false;
      continue;
    }
    row = { ...row, tier: each.of(TIERS, 2), city: each.of(CITIES, 3) };
    changes.push({ op: there ? 'update' : 'insert', ...row, changedAt });
    there = true;
  }
  const sales = Array.from({ length: draw.skewed(SALES_OF_CUSTOMER, 5) }, (_, n) => {
    const each = new Draw(draw.between(0, 2 ** 31, 6), n);
    const near = each.of(changes, 0).changedAt;
    // On the very millisecond of a change, one before it, or anywhere around.
    const kind = each.unit(1);
    const soldAt = kind < 0.1 ? near : kind < 0.2 ? near - 1 : each.between(born - minutes(10), changedAt + minutes(30), 2);
    return { saleId: `${customer}-${n}`, customer, cents: each.between(100, 20_000, 3), soldAt };
  });
  return { changes, sales };
}

/** A change holds from its own millisecond on. */
function truthOf({ changes, sales }: CustomerStory): readonly SaleTruth[] {
  return sales.map(({ saleId, soldAt }) => {
    const last = changes.filter(({ changedAt }) => changedAt <= soldAt).at(-1);
    return last === undefined || last.op === 'delete' ? { saleId, tier: null, city: null } : { saleId, tier: last.tier, city: last.city };
  });
}
