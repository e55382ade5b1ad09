import { startBroker } from '@weir/kafka-broker';
import type { Broker, BrokerOptions } from '@weir/kafka-broker';
import type { ClickHouse } from '@weir/connector-clickhouse';
import type { Catalog } from '@weir/connector-postgres';
import type { Program, ProgramName } from './program.ts';
import { Stores } from './stores.ts';

/** A real broker and the stores, and programs over them. */
export class RealParts {
  readonly broker: Broker;
  readonly #stores: Stores;

  private constructor(broker: Broker, stores: Stores) {
    this.broker = broker;
    this.#stores = stores;
  }

  static async start(options: BrokerOptions = {}): Promise<RealParts> {
    const [broker, stores] = await Promise.allSettled([startBroker(options), Stores.start()]);
    if (broker.status === 'fulfilled' && stores.status === 'fulfilled') return new RealParts(broker.value, stores.value);
    if (broker.status === 'fulfilled') await broker.value.stop();
    if (stores.status === 'fulfilled') await stores.value.stop();
    throw (broker.status === 'rejected' ? broker.reason : (stores as PromiseRejectedResult).reason) as unknown;
  }

  get root(): string {
    return this.#stores.root;
  }

  get catalog(): Catalog {
    return this.#stores.catalog;
  }

  get clickhouse(): ClickHouse {
    return this.#stores.clickhouse;
  }

  /** Starts a program that is told by its environment where the parts are. */
  run(name: ProgramName, ...args: readonly string[]): Program {
    return this.#stores.run(name, args, { WEIR_LOG: 'kafka', WEIR_KAFKA_BROKERS: this.broker.bootstrap });
  }

  /** Ends everything. */
  async stop(): Promise<void> {
    await this.#stores.stop();
    await this.broker.stop();
  }
}
