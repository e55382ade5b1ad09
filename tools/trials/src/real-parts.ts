import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startBroker } from '@weir/kafka-broker';
import type { Broker, BrokerOptions } from '@weir/kafka-broker';
import { ClickHouse } from '@weir/connector-clickhouse';
import { openCatalog } from '@weir/connector-postgres';
import type { Catalog } from '@weir/connector-postgres';
import { catalogMigrations } from '@weir/settings';
import { Program } from './program.ts';
import type { ProgramName } from './program.ts';

/** A real broker, the stores, and programs over them; all of it in a directory that is removed with them. */
export class RealParts {
  readonly root: string;
  readonly broker: Broker;
  readonly catalog: Catalog;
  readonly clickhouse: ClickHouse;
  readonly #environment: Readonly<Record<string, string>>;
  readonly #programs: Program[];

  private constructor(root: string, broker: Broker, catalog: Catalog, environment: Readonly<Record<string, string>>, programs: Program[]) {
    this.root = root;
    this.broker = broker;
    this.catalog = catalog;
    this.clickhouse = new ClickHouse({ url: environment['WEIR_CLICKHOUSE_URL']! });
    this.#environment = environment;
    this.#programs = programs;
  }

  static async start(options: BrokerOptions = {}): Promise<RealParts> {
    const root = mkdtempSync(join(tmpdir(), 'weir-trial-'));
    const postgres = new Program('postgres', ['--path', join(root, 'postgres'), '--supervised']);
    const clickhouse = new Program('clickhouse', ['--path', join(root, 'clickhouse'), '--supervised']);
    const brokers = startBroker(options);
    try {
      const [broker, url, port] = await Promise.all([brokers, postgres.told<string>('url'), clickhouse.told<number>('port')]);
      const environment = {
        WEIR_LOG: 'kafka',
        WEIR_KAFKA_BROKERS: broker.bootstrap,
        WEIR_POSTGRES_URL: url,
        WEIR_CLICKHOUSE_URL: `http://127.0.0.1:${port}`,
        WEIR_DATA: join(root, 'data'),
      };
      return new RealParts(root, broker, await openCatalog({ url, migrations: catalogMigrations() }), environment, [postgres, clickhouse]);
    } catch (error) {
      const started = await Promise.allSettled([brokers]);
      for (const each of started) if (each.status === 'fulfilled') await each.value.stop();
      await Promise.all([postgres.stop(), clickhouse.stop()]);
      rmSync(root, { recursive: true, force: true });
      throw error;
    }
  }

  /** Starts a program that is told by its environment where the parts are. */
  run(name: ProgramName, ...args: readonly string[]): Program {
    const program = new Program(name, args, this.#environment);
    this.#programs.push(program);
    return program;
  }

  /** Ends everything, the last started first. */
  async stop(): Promise<void> {
    await this.clickhouse.close();
    await this.catalog.close();
    for (const program of [...this.#programs].reverse()) await program.stop();
    await this.broker.stop();
    rmSync(this.root, { recursive: true, force: true });
  }
}
