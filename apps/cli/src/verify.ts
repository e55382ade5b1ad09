import { createHash } from 'node:crypto';
import { join } from 'node:path';
import type { Codec, Log } from '@weir/connector-api';
import type { ClickHouse } from '@weir/connector-clickhouse';
import type { Catalog, Verification } from '@weir/connector-postgres';
import { canonicalData, resultId, verifyView } from '@weir/evidence';
import type { ExplainedDifference, ResultRow, ViewVerification } from '@weir/evidence';
import { WeirError, invariant } from '@weir/model';
import { referencePipelines } from '@weir/pipelines';
import { CheckpointStore } from '@weir/runtime';
import { describe } from '@weir/topology';
import { layerQuery, referenceViews, servedRow } from '@weir/views';
import type { View } from '@weir/views';

export interface VerifyOptions {
  readonly log: Log;
  /** Of topic `orders`. */
  readonly codec: Codec;
  readonly clickhouse: ClickHouse;
  readonly catalog: Catalog;
  readonly checkpoints: string;
  readonly now: number;
  readonly onView: (view: string) => void;
}

export interface VerifiedView extends ViewVerification {
  /** SHA-256 over the batch numbers of windows that end at or before `historyEnd`, in order. */
  readonly digest: string;
}

/** Numbers of windows up to here come from the loaded data alone, whatever the live shop adds. */
const HISTORY_END = Date.UTC(2011, 11, 9);

/** Verifies every view that has been published, and keeps the outcome in the catalog. Throws NOTHING_PUBLISHED. */
export async function verifyAll({ log, codec, clickhouse, catalog, checkpoints, now, onView }: VerifyOptions): Promise<readonly VerifiedView[]> {
  const verified: VerifiedView[] = [];
  const runs = await catalog.runs(1_000);
  for (const view of referenceViews) {
    const ownership = await catalog.ownership(view.name);
    if (ownership === null) continue;
    onView(view.name);
    const run = runs.find(({ runId }) => runId === ownership.runId);
    invariant(run !== undefined, `run ${ownership.runId} is in the catalog`);
    const topology = referencePipelines.find(({ name }) => name === view.pipeline)!;
    const identity = { pipeline: topology.name, topology: describe(topology), codeVersion: run.codeVersion };
    const reader = await log.reader('orders');
    const batch = await rowsOf(clickhouse, view, layerQuery(view, { layer: 'batch', runId: run.runId }, run.frontier));
    const speed = await rowsOf(clickhouse, view, layerQuery(view, { layer: 'speed' }, run.frontier));
    const verification = await verifyView({
      view,
      topology,
      sources: { orders: { reader, codec } },
      tracks: new CheckpointStore(join(checkpoints, topology.name), identity, () => undefined),
      run,
      served: { speed, batch },
    });
    verified.push({ ...verification, digest: digestOf(batch) });
  }
  if (verified.length === 0) {
    throw new WeirError('NOTHING_PUBLISHED', 'The batch layer has published nothing yet.', { remedy: 'Run the reprocessor first.' });
  }
  await catalog.putVerification(summary(verified, now));
  return verified;
}

async function rowsOf(clickhouse: ClickHouse, view: View, { sql, params }: ReturnType<typeof layerQuery>): Promise<readonly ResultRow[]> {
  const rows = await clickhouse.query(sql, params);
  return rows.map((raw) => {
    const { key, start, end, data } = servedRow(view, raw);
    return { key, start, end, data, isLast: Number(raw['is_last']) === 1 };
  });
}

function digestOf(rows: readonly ResultRow[]): string {
  const hash = createHash('sha256');
  const lines = rows.filter((row) => row.end <= HISTORY_END).map((row) => `${resultId(row)} ${canonicalData(row.data)}\n`);
  for (const line of lines.sort()) hash.update(line);
  return hash.digest('hex');
}

function summary(verified: readonly VerifiedView[], now: number): Verification {
  const causes: Record<string, number> = {};
  for (const { causes: own } of verified) for (const [cause, count] of Object.entries(own)) causes[cause] = (causes[cause] ?? 0) + count;
  return {
    verifiedAt: now,
    rowsCompared: verified.reduce((sum, { rowsCompared }) => sum + rowsCompared, 0),
    equal: verified.reduce((sum, { equal }) => sum + equal, 0),
    causes,
    perView: Object.fromEntries(verified.map(({ view, rowsCompared, equal, causes: own }) => [view, { rowsCompared, equal, causes: own }])),
  };
}

/** A few differences with both sides, for a reader. */
export function examplesOf(differences: readonly ExplainedDifference[], most: number): readonly string[] {
  return differences.slice(0, most).map(({ cause, id, speed, batch }) => `${cause} ${id}: speed ${canonicalData(speed?.data ?? null)}, batch ${canonicalData(batch?.data ?? null)}`);
}
