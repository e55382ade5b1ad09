import { randomUUID } from 'node:crypto';
import { WeirError } from '@weir/model';
import type { StartedTestContainer } from 'testcontainers';
import { READY_MILLISECONDS } from './broker.ts';
import type { Broker, BrokerOptions } from './broker.ts';
import { CONTAINER_PREFIX, keep } from './container-keeper.ts';
import type { Keeper } from './container-keeper.ts';
import { engine, testcontainers } from './engine.ts';
import type { EngineContainer } from './engine.ts';
import { kafkaImage } from './image.ts';
import { CLUSTER } from './java.ts';
import { freePorts } from './ports.ts';
import { listenerNames, serverProperties } from './server-properties.ts';

const DATA = '/var/lib/kafka/data';
const INPUT = '/tmp/weir-input';

/**
 * Starts a broker in a container; resolves when it takes connections. It listens inside on the ports on which it is reached from
 * outside, so that one address is right for tests and for tools that run beside it. Throws BROKER_START.
 */
export async function startContainerBroker(options: BrokerOptions = {}): Promise<Broker> {
  const [{ GenericContainer, Wait }, client] = await Promise.all([testcontainers(), engine()]);
  const named = client.info.containerRuntime.host;
  // Not by its name, which may also stand for an address of IPv6.
  const host = named === 'localhost' ? '127.0.0.1' : named;
  const ports = await freePorts(listenerNames(options));
  const heap = options.heapMebibytes ?? 512;
  const name = `${CONTAINER_PREFIX}${randomUUID()}`;
  const keeper = keep(name);
  try {
    const started = await new GenericContainer(kafkaImage())
      .withName(name)
      .withEnvironment({ CLUSTER_ID: CLUSTER, KAFKA_HEAP_OPTS: `-Xms${heap}m -Xmx${heap}m -XX:TieredStopAtLevel=1`, ...variablesOf(serverProperties({ ports, binds: '0.0.0.0', host, data: DATA }, options)) })
      .withExposedPorts(...[...ports].filter(([listener]) => listener !== 'CONTROLLER').map(([, port]) => ({ container: port, host: port })))
      // Not asked from outside, where the engine's proxy takes connections before the broker does.
      .withWaitStrategy(Wait.forSuccessfulCommand(`bash -c 'exec 3<>/dev/tcp/127.0.0.1/${ports.get('PLAINTEXT')!}'`))
      .withStartupTimeout(READY_MILLISECONDS)
      // The keeper does what Ryuk would: that is a second image to be had, and a container that is given the engine's socket.
      .withAutoCleanup(false)
      .start();
    return new BrokerContainer(started, client.container.getById(started.getId()), keeper, new Map([...ports].map(([listener, port]) => [listener, `${host}:${port}`])));
  } catch (cause) {
    await keeper.release();
    throw refused(cause);
  }
}

function refused(cause: unknown): WeirError {
  return new WeirError('BROKER_START', `The Kafka broker did not start in a container of ${kafkaImage()}: ${cause instanceof Error ? cause.message : String(cause)}.`, {
    remedy: 'Name another image with WEIR_KAFKA_IMAGE, or set WEIR_TEST_BROKER=jvm.',
    cause,
  });
}

/** Properties as the variables that the image of the maker takes: `log.dirs` is KAFKA_LOG_DIRS. */
function variablesOf(properties: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(properties).map(([name, value]) => [`KAFKA_${name.replaceAll('_', '__').replaceAll('-', '___').replaceAll('.', '_').toUpperCase()}`, value]));
}

class BrokerContainer implements Broker {
  readonly data = DATA;
  readonly #started: StartedTestContainer;
  readonly #container: EngineContainer;
  readonly #keeper: Keeper;
  readonly #addresses: ReadonlyMap<string, string>;

  constructor(started: StartedTestContainer, container: EngineContainer, keeper: Keeper, addresses: ReadonlyMap<string, string>) {
    this.#started = started;
    this.#container = container;
    this.#keeper = keeper;
    this.#addresses = addresses;
  }

  get bootstrap(): string {
    return this.address('PLAINTEXT');
  }

  address(listener: string): string {
    return this.#addresses.get(listener)!;
  }

  async kill(): Promise<void> {
    if (!(await this.#container.inspect()).State.Running) return;
    await this.#container.kill({ signal: 'SIGKILL' });
    await this.#container.wait();
  }

  async restart(): Promise<void> {
    await this.#started.restart().catch((cause: unknown) => {
      throw refused(cause);
    });
  }

  async pause(): Promise<void> {
    await this.#container.pause();
  }

  async resume(): Promise<void> {
    await this.#container.unpause();
  }

  async tool(className: string, args: readonly string[], input = ''): Promise<string> {
    await this.#started.copyContentToContainer([{ content: input, target: INPUT, mode: 0o644 }]);
    const { stdout, stderr, exitCode } = await this.#started.exec(['bash', '-c', `exec "$@" < ${INPUT}`, 'tool', 'java', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1', '-cp', '/opt/kafka/libs/*', className, ...args]);
    if (exitCode !== 0) throw new Error(`${className} ended with ${exitCode}: ${stderr}`);
    return stdout;
  }

  async stop(): Promise<void> {
    await this.#keeper.release();
  }
}
