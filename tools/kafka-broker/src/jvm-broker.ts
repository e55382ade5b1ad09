import { execFile, spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { WeirError } from '@weir/model';
import { READY_MILLISECONDS } from './broker.ts';
import type { Broker, BrokerOptions, RestartOptions } from './broker.ts';
import { CLUSTER, HOST, javaFlags } from './java.ts';
import { accepts, freePorts } from './ports.ts';
import { controllerProperties, listenerNames, propertiesText, serverProperties } from './server-properties.ts';

const run = promisify(execFile);
const DATA = 'data';
const POLL_MILLISECONDS = 100;
/** Longer than `broker.session.timeout.ms` (9 s), which counts from when the controller has become active. */
const EXPIRED_MILLISECONDS = 11_000;

/** What only a broker on this machine's own Java can be given. Key stores are files that its properties name. */
export interface JvmBrokerOptions extends BrokerOptions {
  /** Users that may authenticate by SCRAM from the start, e.g. `SCRAM-SHA-256=[name=a,password=b]`. */
  readonly scramUsers?: readonly string[];
  /** Makes the broker node 2 of the cluster of that one, which is node 1 and its controller: so partitions can have replicas, and leaders that change. */
  readonly joins?: JvmBroker;
}

/** A broker whose files are at hand. */
export interface JvmBroker extends Broker {
  /** The directory with its logs, on this machine: a folder for each partition. */
  readonly data: string;
}

/** Starts a broker out of Maven's jars; resolves when it takes connections. Throws BROKER_JARS or BROKER_START. */
export async function startJvmBroker(options: JvmBrokerOptions = {}): Promise<JvmBroker> {
  const java = await javaFlags();
  const directory = mkdtempSync(join(tmpdir(), 'weir-kafka-'));
  const ports = await freePorts(listenerNames(options));
  const properties = join(directory, 'server.properties');
  writeFileSync(properties, propertiesText({ ...serverProperties({ ports, binds: HOST, host: HOST, data: join(directory, DATA) }, options), ...joining(ports, options) }));
  await run('java', [...java, 'kafka.tools.StorageTool', 'format', '-t', CLUSTER, '-c', properties, ...(options.scramUsers ?? []).flatMap((user) => ['--add-scram', user])]);
  const broker = new BrokerProcess(java, directory, properties, ports, options.heapMebibytes ?? 512);
  await broker.restart();
  return broker;
}

/** What differs for a broker that joins another one. */
function joining(ports: ReadonlyMap<string, number>, { joins }: JvmBrokerOptions): Readonly<Record<string, string>> {
  if (joins === undefined) return {};
  const clients = [...ports].filter(([name]) => name !== 'CONTROLLER');
  return { 'process.roles': 'broker', 'node.id': '2', 'controller.quorum.voters': `1@${joins.address('CONTROLLER')}`, listeners: clients.map(([name, port]) => `${name}://${HOST}:${port}`).join(',') };
}

class BrokerProcess implements JvmBroker {
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

  address(listener: string): string {
    return `${HOST}:${this.#ports.get(listener)!}`;
  }

  async restart({ controllerFirst = false }: RestartOptions = {}): Promise<void> {
    if (controllerFirst) {
      const properties = join(this.#directory, 'controller.properties');
      writeFileSync(properties, controllerProperties(readFileSync(this.#properties, 'utf8')));
      await this.#start(properties, 'CONTROLLER');
      await sleep(EXPIRED_MILLISECONDS);
      await this.#end('SIGTERM');
    }
    await this.#start(this.#properties, 'PLAINTEXT');
  }

  /** Starts Kafka and waits until a listener takes connections. */
  async #start(properties: string, listener: string): Promise<void> {
    const output = join(this.#directory, 'broker.log');
    const file = openSync(output, 'a');
    const memory = [`-Xms${this.#heap}m`, `-Xmx${this.#heap}m`, '-XX:+UseSerialGC'];
    const child = spawn('java', [...memory, ...this.#java, 'kafka.Kafka', properties], { stdio: ['ignore', file, file] });
    closeSync(file);
    this.#child = child;
    const deadline = Date.now() + READY_MILLISECONDS;
    while (!(await accepts(this.#ports.get(listener)!))) {
      if (child.exitCode === null && Date.now() < deadline) {
        await sleep(POLL_MILLISECONDS);
        continue;
      }
      await this.kill();
      throw new WeirError('BROKER_START', `The Kafka broker did not start: ${readFileSync(output, 'utf8').slice(-2_000)}`, { remedy: 'Read its last words above.' });
    }
  }

  kill(): Promise<void> {
    return this.#end('SIGKILL');
  }

  async #end(signal: 'SIGKILL' | 'SIGTERM'): Promise<void> {
    const child = this.#child;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const gone = new Promise((done) => child.once('exit', done));
    child.kill(signal);
    await gone;
  }

  async pause(): Promise<void> {
    this.#child!.kill('SIGSTOP');
    // The signal stops its threads one after the other; nobody tells when the last one stands.
    await sleep(POLL_MILLISECONDS);
  }

  resume(): Promise<void> {
    this.#child!.kill('SIGCONT');
    return Promise.resolve();
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
