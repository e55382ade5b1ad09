import type { Catalog, JobStatus, Ownership, Run, Verification } from '@weir/connector-postgres';
import { mergeRows } from '@weir/views';
import type { MergeableRow, ServedRow, View, ViewQueryOptions } from '@weir/views';
import type { ReadCatalog } from '../src/catalog-snapshot.ts';
import type { ViewStore } from '../src/view-store.ts';

/** A row that a layer of the fixture holds. */
export interface HeldRow extends MergeableRow {
  readonly key: string;
  readonly data: Readonly<Record<string, unknown>>;
  readonly run?: string;
}

/** Views in memory, merged by the plain rule of the merge; stands for ClickHouse in tests. */
export class MemoryViewStore implements ViewStore {
  readonly speed = new Map<string, HeldRow[]>();
  readonly batch = new Map<string, HeldRow[]>();
  /** What the next calls fail with, when set. */
  failure: Error | null = null;
  /** Options of the calls so far. */
  readonly asked: ViewQueryOptions[] = [];

  rows(view: View, options: ViewQueryOptions): Promise<readonly ServedRow[]> {
    if (this.failure !== null) return Promise.reject(this.failure);
    this.asked.push(options);
    const { ownership, from = -Infinity, to = Infinity, key, cursor, newestFirst } = options;
    const owned = (this.batch.get(view.name) ?? []).filter((row) => row.run === ownership?.runId);
    const merged = mergeRows(view, owned, this.speed.get(view.name) ?? [], { ...options, frontier: ownership?.frontier ?? null });
    const found = merged
      .filter(({ row }) => row.start >= from && row.start < to && (key === undefined || row.key === key))
      .map(({ layer, row }): ServedRow => ({
        key: row.key,
        start: row.start,
        end: row.end,
        paneIndex: 0,
        version: 0,
        data: row.data,
        label: {
          layer,
          timing: row.isLast ? 'on-time' : 'early',
          complete: layer === 'batch' || row.isLast || row.end <= (options.settledUpTo ?? -Infinity),
          watermark: row.start,
          frontier: ownership?.frontier ?? null,
          run: layer === 'batch' ? (row.run ?? null) : null,
          codeVersion: 'test',
        },
      }));
    if (newestFirst === true) found.reverse();
    const first = cursor === undefined ? 0 : found.findIndex((row) => row.end === cursor.end && row.start === cursor.start && row.key === cursor.key) + 1;
    return Promise.resolve(found.slice(first, first + options.limit));
  }

  ping(): Promise<void> {
    return this.failure === null ? Promise.resolve() : Promise.reject(this.failure);
  }
}

/** A catalog in memory; its parts are there to be set. */
export class MemoryCatalog implements ReadCatalog {
  jobList: JobStatus[] = [];
  runList: Run[] = [];
  owned = new Map<string, Ownership>();
  verification: Verification | null = null;
  failure: Error | null = null;

  jobs(): Promise<readonly JobStatus[]> {
    return this.failure === null ? Promise.resolve(this.jobList) : Promise.reject(this.failure);
  }

  runs(limit: number): Promise<readonly Run[]> {
    return Promise.resolve(this.runList.slice(0, limit));
  }

  ownership(view: string): ReturnType<Catalog['ownership']> {
    return Promise.resolve(this.owned.get(view) ?? null);
  }

  lastVerification(): Promise<Verification | null> {
    return Promise.resolve(this.verification);
  }
}
