import { METRICS, seriesNames } from '@weir/telemetry';
import { describe, expect, it } from 'vitest';
import { CatalogSnapshots } from '../src/catalog-snapshot.ts';
import type { ReadCatalog } from '../src/catalog-snapshot.ts';
import { Metrics } from '../src/metrics.ts';

const books = { records: 10, counted: 5, late: 2, filtered: 1, deadLettered: 1 };
const job = {
  pipeline: 'p', layer: 'speed', state: 'running', epoch: 1, codeVersion: 'c', watermark: 2_000, books, flushed: [], cpuSeconds: 0, updatedAt: 0,
  partitions: [{ partition: 0, position: 4, highWatermark: 9, watermark: 2_000 }],
} as const;
const catalog: ReadCatalog = {
  jobs: async () => [job],
  runs: async () => [],
  ownership: async (view) => ({ view, runId: 'r', frontier: 3_000, version: 1 }),
  lastVerification: async () => ({ verifiedAt: 0, rowsCompared: 1, equal: 1, causes: { UNKNOWN: 0 }, perView: {} }),
};

async function exposed(): Promise<readonly string[]> {
  const views = [{ name: 'v' }] as unknown as ConstructorParameters<typeof CatalogSnapshots>[1];
  const metrics = new Metrics(new CatalogSnapshots(catalog, views), () => new Map([['v', 2]]));
  metrics.requested('/v1/views', 'GET', 200, 0.01);
  metrics.served('v', [{ label: { layer: 'batch' } }, { label: { layer: 'speed' } }] as unknown as Parameters<Metrics['served']>[1]);
  const text = await metrics.text();
  await metrics.close();
  return text.split('\n');
}

describe('what is exposed', () => {
  it('is the catalogue of metrics, with its names, kinds, explanations and labels, and nothing else', async () => {
    const lines = await exposed();
    for (const metric of Object.values(METRICS)) {
      expect(lines).toContain(`# HELP ${metric.name} ${metric.help}`);
      expect(lines).toContain(`# TYPE ${metric.name} ${metric.kind}`);
    }
    const known = new Map<string, readonly string[]>(Object.values(METRICS).flatMap((metric) => seriesNames(metric).map((name) => [name, metric.labels] as const)));
    const samples = lines.filter((line) => line !== '' && !line.startsWith('#'));
    expect(samples.length).toBeGreaterThanOrEqual(known.size);
    for (const sample of samples) {
      const [, name, labels = ''] = /^(\w+)(?:\{(.*)\})? /.exec(sample)!;
      const named = [...labels.matchAll(/(\w+)="/g)].map(([, label]) => label).filter((label) => label !== 'le');
      expect(named.sort(), sample).toEqual([...(known.get(name!) ?? ['not in the catalogue'])].sort());
    }
  });

  it('says what the catalog says', async () => {
    const lines = await exposed();
    expect(lines).toContain('weir_job_lag_records{pipeline="p",layer="speed",partition="0"} 5');
    expect(lines).toContain('weir_job_books_imbalance{pipeline="p",layer="speed"} 1');
    expect(lines).toContain('weir_view_frontier_seconds{view="v"} 3');
    expect(lines).toContain('weir_catalog_up 1');
  });
});
