import { openEmbeddedLog } from '@weir/connector-embedded-log';
import { openCatalog } from '@weir/connector-postgres';
import type { Books, Catalog } from '@weir/connector-postgres';
import type { Log } from '@weir/connector-api';
import { WeirError } from '@weir/model';
import { catalogMigrations } from '@weir/settings';
import { caughtUp } from './caught-up.ts';
import type { DataDirectory } from './data-directory.ts';
import type { Options } from './options.ts';
import type { Platform } from './platform.ts';
import type { VerifiedView } from './report.ts';
import { bar } from './stages.ts';
import type { Stages } from './stages.ts';

const PIPELINES = ['revenue-by-country', 'best-sellers', 'shopping-sessions'];

/** What the stages found out, for the report. */
export interface Findings {
  load: { rows: number; rowsPerSecond: number };
  speed: { cpuSeconds: number; books: Record<string, Books> };
  reprocessor: { cpuSeconds: number; books: Record<string, Books> };
  verified: readonly VerifiedView[];
  table: string;
}

/** Weir's main job, stage by stage, over the embedded parts; each is shown as it happens. */
export class MainJob {
  readonly #platform: Platform;
  readonly #stages: Stages;
  readonly #data: DataDirectory;
  readonly #now: () => number;
  #log: Log | undefined;
  #catalog: Catalog | undefined;
  readonly findings: Findings = {
    load: { rows: 0, rowsPerSecond: 0 },
    speed: { cpuSeconds: 0, books: {} },
    reprocessor: { cpuSeconds: 0, books: {} },
    verified: [],
    table: '',
  };

  constructor(platform: Platform, stages: Stages, data: DataDirectory, now: () => number) {
    this.#platform = platform;
    this.#stages = stages;
    this.#data = data;
    this.#now = now;
  }

  /** Postgres and ClickHouse start side by side; then the catalog is brought up to date and the log opened. */
  async servers(): Promise<void> {
    await this.#stage('embedded Postgres and ClickHouse', async () => {
      const postgres = this.#platform.stay('postgres', ['--path', this.#data.postgres, '--supervised']);
      const clickhouse = this.#platform.stay('clickhouse', ['--path', this.#data.clickhouse, '--supervised']);
      const [url, port] = await Promise.all([postgres.waitFor((message) => field<string>(message, 'url')), clickhouse.waitFor((message) => field<number>(message, 'port'))]);
      this.#platform.tell({ WEIR_POSTGRES_URL: url, WEIR_CLICKHOUSE_URL: `http://127.0.0.1:${port}` });
      this.#catalog = await openCatalog({ url, migrations: catalogMigrations() });
      return `ClickHouse on port ${port}, catalog migrated`;
    });
    await this.#stage('embedded log', async () => {
      this.#log = await openEmbeddedLog(this.#data.log);
      return this.#data.log;
    });
  }

  async load(): Promise<void> {
    const started = this.#now();
    await this.#stage('load UCI Online Retail into topic orders', async (progress) => {
      const loader = this.#platform.start('generator', ['load', '--supervised']);
      loader.onMessage((message) => {
        const at = field<{ done: number; total: number }>(message, 'progress');
        if (at === undefined) return;
        const rowsPerSecond = Math.round((at.done * 1000) / Math.max(1, this.#now() - started));
        this.findings.load = { rows: at.done, rowsPerSecond };
        progress(`${bar(at.done / at.total)}  ${at.done.toLocaleString('en')} lines, ${rowsPerSecond.toLocaleString('en')} a second`);
      });
      await loader.finished();
      return `${this.findings.load.rows.toLocaleString('en')} order lines`;
    });
  }

  async speedLayer(): Promise<void> {
    await this.#stage('speed layer catches up', async (progress) => {
      const since = this.#now();
      const speed = this.#platform.stay('speed', ['--owner', 'standalone', '--supervised']);
      await speed.waitFor((message) => field<boolean>(message, 'ready'));
      const jobs = await caughtUp(this.#catalog!, this.#log!, PIPELINES, since, ({ done, total }) => progress(`${bar(total === 0 ? 1 : done / total)}  three pipelines`));
      this.findings.speed = { cpuSeconds: Math.max(...jobs.map(({ cpuSeconds }) => cpuSeconds)), books: Object.fromEntries(jobs.map(({ pipeline, books }) => [pipeline, books])) };
      return `${jobs.length} pipelines, ${this.findings.speed.cpuSeconds.toFixed(2)} s of CPU`;
    });
  }

  async batchLayer(): Promise<void> {
    await this.#stage('batch layer replays and publishes', async (progress) => {
      const reprocessor = this.#platform.start('reprocessor', ['--supervised']);
      reprocessor.onMessage((message) => {
        const at = field<{ pipeline: string; phase: string; done: number; total: number }>(message, 'progress');
        if (at !== undefined) progress(`${bar(at.done / Math.max(1, at.total))}  ${at.pipeline}: ${at.phase}`);
        const published = field<{ pipeline: string; books: Books }>(message, 'published');
        if (published !== undefined) this.findings.reprocessor.books[published.pipeline] = published.books;
        const cpuSeconds = field<number>(message, 'cpuSeconds');
        if (cpuSeconds !== undefined) this.findings.reprocessor.cpuSeconds = cpuSeconds;
      });
      await reprocessor.finished();
      return `${Object.keys(this.findings.reprocessor.books).length} views, ${this.findings.reprocessor.cpuSeconds.toFixed(2)} s of CPU`;
    });
  }

  /** True when every difference between the layers has a cause. */
  async verify(): Promise<void> {
    await this.#stage('verify: speed against batch', async (progress) => {
      const verify = this.#platform.start('verify', ['verify']);
      verify.onMessage((message) => {
        const view = field<string>(message, 'verifying');
        if (view !== undefined) progress(view);
        const verified = field<readonly VerifiedView[]>(message, 'verified');
        if (verified === undefined) return;
        this.findings.verified = verified;
        this.findings.table = field<string>(message, 'table') ?? '';
      });
      const exit = await verify.exited;
      if (this.findings.verified.length === 0) throw verify.failure(exit);
      return '';
    });
    this.#stages.line(this.findings.table);
  }

  /** The page is built at the first start; then the API, and the shop that goes on. */
  async serve({ port, rate, speed }: Options): Promise<void> {
    await this.#stage('console', async () => {
      const build = this.#platform.start('console', []);
      await build.finished();
      return 'built';
    });
    await this.#stage('serving API', async () => {
      const serving = this.#platform.stay('serving', ['--port', String(port), '--supervised']);
      const bound = await serving.waitFor((message) => field<number>(message, 'port'));
      return `http://127.0.0.1:${bound}  (API description at /docs)`;
    });
    await this.#stage('live shop', async () => {
      this.#platform.stay('generator', ['live', '--rate', String(rate), '--speed', String(speed), '--supervised']);
      return Promise.resolve(`${rate} order lines a second, ${speed} times as fast as the wall`);
    });
  }

  async close(): Promise<void> {
    await this.#platform.stop();
    await this.#catalog?.close();
    await this.#log?.close();
  }

  /** A stage also ends when a process that it stands on does. */
  #stage(name: string, work: (progress: (text: string) => void) => Promise<string>): Promise<void> {
    return this.#stages.run(name, (progress) => Promise.race([work(progress), this.#platform.failure]));
  }
}

/** A field of a message from a process of ours. */
function field<T>(message: unknown, name: string): T | undefined {
  if (typeof message !== 'object' || message === null) return undefined;
  return (message as Record<string, T | undefined>)[name];
}

/** What verify found unexplained. */
export function unknownOf(verified: readonly VerifiedView[]): number {
  if (verified.length === 0) throw new WeirError('NOTHING_VERIFIED', 'No view was verified.', { remedy: 'Look at logs/verify.log in the data directory.' });
  return verified.reduce((sum, { causes }) => sum + (causes['UNKNOWN'] ?? 0), 0);
}
