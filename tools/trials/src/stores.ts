import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ClickHouse } from '@weir/connector-clickhouse';
import { openCatalog } from '@weir/connector-postgres';
import type { Catalog } from '@weir/connector-postgres';
import { catalogMigrations } from '@weir/settings';
import { Program } from './program.ts';
import type { ProgramName } from './program.ts';

type Environment = Readonly<Record<string, string>>;

/** Postgres, ClickHouse's engine and a data directory, and programs over them; all of it in a directory that is removed with them. */
export class Stores {
  readonly root: string;
  readonly catalog: Catalog;
  readonly clickhouse: ClickHouse;
  readonly #environment: Environment;
  readonly #programs: Program[];

  private constructor(root: string, catalog: Catalog, environment: Environment, programs: Program[]) {
    this.root = root;
    this.catalog = catalog;
    this.clickhouse = new ClickHouse({ url: environment['WEIR_CLICKHOUSE_URL']! });
    this.#environment = environment;
    this.#programs = programs;
  }

  static async start(): Promise<Stores> {
    const root = mkdtempSync(join(tmpdir(), 'weir-trial-'));
    const postgres = new Program('postgres', ['--path', join(root, 'postgres'), '--supervised']);
    const clickhouse = new Program('clickhouse', ['--path', join(root, 'clickhouse'), '--supervised']);
    try {
      const [url, port] = await Promise.all([postgres.told<string>('url'), clickhouse.told<number>('port')]);
      const environment = { WEIR_POSTGRES_URL: url, WEIR_CLICKHOUSE_URL: `http://127.0.0.1:${port}`, WEIR_DATA: join(root, 'data') };
      return new Stores(root, await openCatalog({ url, migrations: catalogMigrations() }), environment, [postgres, clickhouse]);
    } catch (error) {
      await Promise.all([postgres.stop(), clickhouse.stop()]);
      rmSync(root, { recursive: true, force: true });
      throw error;
    }
  }

  /** Starts a program that is told by its environment where the stores are, and what else is said. */
  run(name: ProgramName, args: readonly string[], environment: Environment = {}): Program {
    const program = new Program(name, args, { ...this.#environment, ...environment });
    this.#programs.push(program);
    return program;
  }

  /** Ends everything, the last started first. */
  async stop(): Promise<void> {
    await this.clickhouse.close();
    await this.catalog.close();
    for (const program of [...this.#programs].reverse()) await program.stop();
    rmSync(this.root, { recursive: true, force: true });
  }
}
