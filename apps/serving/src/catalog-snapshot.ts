import type { Catalog, JobStatus, Ownership, Run, Verification } from '@weir/connector-postgres';
import type { View } from '@weir/views';

/** What serving reads of the catalog. */
export type ReadCatalog = Pick<Catalog, 'jobs' | 'runs' | 'ownership' | 'lastVerification'>;

/** The catalog as it was at one moment, less than a second ago. */
export interface CatalogSnapshot {
  readonly jobs: readonly JobStatus[];
  /** Newest first. */
  readonly runs: readonly Run[];
  /** By the name of the view; null when nothing has been published. */
  readonly ownership: ReadonlyMap<string, Ownership | null>;
  readonly verification: Verification | null;
}

const RUNS = 10;
const FRESH_MILLISECONDS = 1_000;

/** Reads the catalog at most once in a second, however many ask; a failure is not kept. */
export class CatalogSnapshots {
  readonly #catalog: ReadCatalog;
  readonly #views: readonly View[];
  readonly #now: () => number;
  #held: Promise<CatalogSnapshot> | null = null;
  #heldSince = 0;

  constructor(catalog: ReadCatalog, views: readonly View[], now: () => number = () => performance.now()) {
    this.#catalog = catalog;
    this.#views = views;
    this.#now = now;
  }

  current(): Promise<CatalogSnapshot> {
    const now = this.#now();
    if (this.#held !== null && now - this.#heldSince < FRESH_MILLISECONDS) return this.#held;
    const reading = this.#read();
    this.#held = reading;
    this.#heldSince = now;
    reading.catch(() => {
      if (this.#held === reading) this.#held = null;
    });
    return reading;
  }

  async #read(): Promise<CatalogSnapshot> {
    const [jobs, runs, verification, owned] = await Promise.all([
      this.#catalog.jobs(),
      this.#catalog.runs(RUNS),
      this.#catalog.lastVerification(),
      Promise.all(this.#views.map(async ({ name }) => [name, await this.#catalog.ownership(name)] as const)),
    ]);
    return { jobs, runs, verification, ownership: new Map(owned) };
  }
}
