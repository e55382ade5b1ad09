import type { ClickHouse } from '@weir/connector-clickhouse';
import type { Catalog, JobStatus } from '@weir/connector-postgres';
import type { Auditor } from './auditor.ts';
import { compared } from './findings.ts';
import type { Finding } from './findings.ts';
import { naiveBestSellers, naiveRevenue, naiveSessions } from './naive-views.ts';
import type { NaiveRows, PlainOrder } from './naive-views.ts';

type Raw = Readonly<Record<string, unknown>>;

/** One view: how to compute it naively, and the numbers of a row of its tables in the same order. */
interface NaiveView {
  readonly name: string;
  readonly stem: string;
  readonly rows: (orders: readonly PlainOrder[], upTo: number) => NaiveRows;
  readonly numbers: (row: Raw) => unknown;
  /** In a day that ends every hour an order may be too late for some windows only, and the topic of late rows does not say for which. */
  readonly isLateAsAWhole: boolean;
  /** A window that may merge is over when the watermark is behind its end. */
  readonly behind: number;
}

const VIEWS: readonly NaiveView[] = [
  { name: 'revenue-by-country', stem: 'revenue_by_country', rows: naiveRevenue, numbers: (row) => [row['cents'], row['units'], row['orders']].map(Number), isLateAsAWhole: true, behind: 0 },
  { name: 'best-sellers', stem: 'best_sellers', rows: naiveBestSellers, numbers: (row) => (JSON.parse(String(row['top'])) as readonly { readonly product: string; readonly units: number }[]).map(({ product, units }) => [product, units]), isLateAsAWhole: false, behind: 0 },
  { name: 'shopping-sessions', stem: 'shopping_sessions', rows: naiveSessions, numbers: (row) => [row['lines'], row['invoices'], row['cents']].map(Number), isLateAsAWhole: true, behind: 1 },
];

/**
 * Compares the tables of the views, to the cent, with what the orders come to that the auditor saw in the topic: those of the batch layer
 * with all of them, those of the speed layer without the ones that it told to be too late.
 */
export async function viewFindings(orders: readonly PlainOrder[], auditor: Auditor, clickhouse: ClickHouse, catalog: Catalog, jobs: readonly JobStatus[]): Promise<readonly Finding[]> {
  const findings: Finding[] = [];
  for (const view of VIEWS) {
    const { frontier, runId } = (await catalog.ownership(view.name))!;
    const batch = await stored(clickhouse, view, 'batch', frontier, runId);
    findings.push(compared(`${view.name}: rows of the batch layer, to the cent`, texts(view.rows(orders, frontier)), texts(batch)));
    if (!view.isLateAsAWhole) continue;
    const late = new Set([...auditor.of(`${view.name}.late`).values()].map(({ value }) => (JSON.parse(value) as PlainOrder).line));
    const watermark = (jobs.find(({ pipeline }) => pipeline === view.name)!.watermark ?? Number.NEGATIVE_INFINITY) - view.behind;
    const speed = await stored(clickhouse, view, 'speed', watermark, '');
    const timely = orders.filter(({ line }) => !late.has(line));
    findings.push(compared(`${view.name}: rows of the speed layer, to the cent`, texts(view.rows(timely, watermark)), texts(speed)));
  }
  return findings;
}

async function stored(clickhouse: ClickHouse, { stem, numbers }: NaiveView, layer: 'batch' | 'speed', upTo: number, run: string): Promise<NaiveRows> {
  const rows = await clickhouse.query(`SELECT * FROM ${stem}_${layer} FINAL WHERE is_deleted = 0 AND window_end <= {upTo:Int64} AND run_id = {run:String}`, { upTo, run });
  return new Map(rows.map((row) => [`${String(row['result_key'])}|${Number(row['window_start'])}|${Number(row['window_end'])}`, JSON.stringify(numbers(row))]));
}

function texts(rows: NaiveRows): readonly string[] {
  return [...rows].map(([id, numbers]) => `${id} ${numbers}`);
}
