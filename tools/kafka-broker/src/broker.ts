import { execFile, spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { WeirError } from '@weir/model';
import { CLUSTER, javaFlags } from './java.ts';
import { accepts, freePort } from './ports.ts';

const run = promisify(execFile);
const DATA = 'data';

const READY_MILLISECONDS = 60_000;
const POLL_MILLISECONDS = 100;

export interface BrokerOptions {
  /** More lines of `server.properties`; they win over those that are there. */
  readonly properties?: Readonly<Record<string, string>>;
  /** Of the Java heap; default 512 MiB. */
  readonly heapMebibytes?: number;
  /** More listeners by name (e.g. `SASL`), each on a free port of its own; their settings are said in `properties`. */
  readonly listeners?: readonly string[];
  /** By listener, the port that clients are told instead of the broker's own: that of a proxy of the test. */
  readonly advertised?: Readonly<Record<string, number>>;
  /** Users that may authenticate by SCRAM from the start, e.g. `SCRAM-SHA-256=[name=a,password=b]`. */
  readonly scramUsers?: readonly string[];
}

/** A real Apache Kafka broker (KRaft, one node) of its own data directory. */
export interface Broker {
  /** `127.0.0.1:port` of the plain listener. */
  readonly bootstrap: string;
  /** `127.0.0.1:port` of a listener that was asked for. */
  address(listener: string): string;
  readonly pid: number;
  /** The directory with its logs: a folder for each partition. */
  readonly data: string;
  /** Ends it without notice, as a crash does. */
  kill(): Promise<void>;
  /** Starts it again over the same data and on the same port. */
  restart(): Promise<void>;
  /** Runs a class of Kafka's own tools with arguments, and answers what it printed. */
  tool(className: string, args: readonly string[], input?: string): Promise<string>;
  /** Ends it and removes its data. */
  stop(): Promise<void>;
}

/** Starts a broker; resolves when it takes connections. Throws BROKER_JARS or BROKER_START. */
export async function startBroker(options: BrokerOptions = {}): Promise<Broker> {
  const java = await javaFlags();
  const directory = mkdtempSync(join(tmpdir(), 'weir-kafka-'));
  const names = ['PLAINTEXT', 'CONTROLLER', ...(options.listeners ?? [])];
  const ports = new Map<string, number>();
  for (const name of names) ports.set(name, await freePort(new Set(ports.values())));
  const properties = join(directory, 'server.properties');
  writeFileSync(properties, propertiesText(directory, ports, options));
  await run('java', [...java, 'kafka.tools.StorageTool', 'format', '-t', CLUSTER, '-c', properties, ...(options.scramUsers ?? []).flatMap((user) => ['--add-scram', user])]);
  const broker = new JvmBroker(java, directory, properties, ports, options.heapMebibytes ?? 512);
  await broker.restart();
  return broker;
}

function propertiesText(directory: string, ports: ReadonlyMap<string, number>, { properties = {}, advertised = {} }: BrokerOptions): string {
  const listeners = [...ports].map(([name, port]) => `${name}://127.0.0.1:${port}`);
  const told = [...ports].filter(([name]) => name !== 'CONTROLLER').map(([name, port]) => `${name}://127.0.0.1:${advertised[name] ?? port}`);
  const all: Record<string, string> = {
    'process.roles': 'broker,controller',
    'node.id': '1',
    'controller.quorum.voters': `1@127.0.0.1:${ports.get('CONTROLLER')!}`,
    listeners: listeners.join(','),
    'advertised.listeners': told.join(','),
    'controller.listener.names': 'CONTROLLER',
    'inter.broker.listener.name': 'PLAINTEXT',
    'listener.security.protocol.map': [...ports.keys()].map((name) => `${name}:PLAINTEXT`).join(','),
    'log.dirs': join(directory, DATA),
    'offsets.topic.replication.factor': '1',
    'offsets.topic.num.partitions': '4',
    'transaction.state.log.replication.factor': '1',
    'transaction.state.log.min.isr': '1',
    'transaction.state.log.num.partitions': '4',
    'share.coordinator.state.topic.replication.factor': '1',
    'share.coordinator.state.topic.min.isr': '1',
    'share.coordinator.state.topic.num.partitions': '1',
    'group.initial.rebalance.delay.ms': '0',
    'auto.create.topics.enable': 'false',
    ...properties,
  };
  return Object.entries(all).map(([name, value]) => `${name}=${value}\n`).join('');
}

class JvmBroker implements Broker {
  readonly #java: readonly string[];
  readonly #directory: string;
  readonly #properties: string;
  readonly #ports: ReadonlyMap<string, number>;
  readonly #heap: number;
  #child: ChildProcess | undefined;
  readonly #onExit = (): void => void this.#child?.kill('SIGKILL');

  constructor(java: readonly string[], directory: string, properties: string, ports: ReadonlyMap<string, number>, heap: number) {
    this.#java = java;
    this.#directory = directory;
    this.#properties = properties;
    this.#ports = ports;
    this.#heap = heap;
    process.once('exit', this.#onExit);
  }

  get bootstrap(): string {
    return this.address('PLAINTEXT');
  }

  get data(): string {
    return join(this.#directory, DATA);
  }

  get pid(): number {
    return this.#child!.pid!;
  }

  address(listener: string): string {
    return `127.0.0.1:${this.#ports.get(listener)!}`;
  }

  async restart(): Promise<void> {
    const output = join(this.#directory, 'broker.log');
    const file = openSync(output, 'a');
    const memory = [`-Xms${this.#heap}m`, `-Xmx${this.#heap}m`, '-XX:+UseSerialGC'];
    const child = spawn('java', [...memory, ...this.#java, 'kafka.Kafka', this.#properties], { stdio: ['ignore', file, file] });
    closeSync(file);
    this.#child = child;
    const deadline = Date.now() + READY_MILLISECONDS;
    while (!(await accepts(this.#ports.get('PLAINTEXT')!))) {
      if (child.exitCode === null && Date.now() < deadline) {
        await sleep(POLL_MILLISECONDS);
        continue;
      }
      await this.kill();
      throw new WeirError('BROKER_START', `The Kafka broker did not start: ${readFileSync(output, 'utf8').slice(-2_000)}`, { remedy: 'Read its last words above.' });
    }
  }

  async kill(): Promise<void> {
    const child = this.#child;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const gone = new Promise((done) => child.once('exit', done));
    child.kill('SIGKILL');
    await gone;
  }

  async tool(className: string, args: readonly string[], input = ''): Promise<string> {
    const running = run('java', ['-XX:+UseSerialGC', ...this.#java, className, ...args], { maxBuffer: 64 * 1024 * 1024 });
    running.child.stdin?.end(input);
    return (await running).stdout;
  }

  async stop(): Promise<void> {
    await this.kill();
    process.removeListener('exit', this.#onExit);
    rmSync(this.#directory, { recursive: true, force: true });
  }
}
