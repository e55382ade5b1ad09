import { findCoordinatorV4 } from '@platformatic/kafka';
import type { WeirError } from '@weir/model';
import type { Cluster } from './cluster.ts';
import { withRetries } from './retry.ts';
import { call } from './wire/control-channel.ts';
import type { Connection } from './wire/connection.ts';
import { brokerError } from './wire/errors.ts';

/** Which kind of thing a broker coordinates, as FindCoordinator numbers them. */
const KINDS = { group: 0, transaction: 1 } as const;
export type CoordinatorKind = keyof typeof KINDS;

/** Finds the brokers that coordinate transactions and groups, and remembers them. */
export class Coordinators {
  readonly #cluster: Cluster;
  readonly #nodes = new Map<string, number>();

  constructor(cluster: Cluster) {
    this.#cluster = cluster;
  }

  /** The control connection to a coordinator. */
  async of(kind: CoordinatorKind, key: string): Promise<Connection> {
    const place = `${kind} ${key}`;
    let node = this.#nodes.get(place);
    if (node === undefined) {
      const doing = `looking for the coordinator of ${key}`;
      const { coordinators } = await call(await this.#cluster.anyone(), findCoordinatorV4.api, [KINDS[kind], [key]] as never, doing, this.#cluster.requestMilliseconds);
      const [found] = coordinators;
      if (found!.errorCode !== 0) throw brokerError(found!.errorCode, doing);
      node = found!.nodeId;
      this.#cluster.learn(node, found!.host, found!.port);
      this.#nodes.set(place, node);
    }
    return this.#cluster.control(node);
  }

  /** Looks for all of them anew, as after a failure. */
  forget(): void {
    this.#nodes.clear();
  }

  /** Asks a coordinator; again, of whoever it is by then, while it answers that it cannot yet. What breaks on the way is not asked again. */
  asking<T>(kind: CoordinatorKind, key: string, ask: (coordinator: Connection) => Promise<T>): Promise<T> {
    const budget = { milliseconds: this.#cluster.retryMilliseconds, isStopped: () => this.#cluster.isClosed };
    return withRetries(budget, async () => ask(await this.of(kind, key)), () => this.forget(), isNotYet);
  }
}

function isNotYet({ code }: WeirError): boolean {
  return code === 'KAFKA_UNAVAILABLE';
}
