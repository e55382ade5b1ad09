import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePorts } from '@weir/kafka-broker';
import { WeirError } from '@weir/model';
import { COMPOSE_FILE, isOneShot, readComposeFile, repositoryRoot } from './compose-file.ts';
import type { Engine } from './engine.ts';
import type { Images } from './images.ts';
import { tail } from './run.ts';

/** A container of the demo, as the engine sees it. */
export interface Container {
  readonly id: string;
  readonly name: string;
  readonly service: string;
  readonly status: 'created' | 'running' | 'paused' | 'restarting' | 'removing' | 'exited' | 'dead';
  readonly exitCode: number;
  /** Undefined when it has no health check. */
  readonly health: 'starting' | 'healthy' | 'unhealthy' | undefined;
}

/** As much as is read of what the engine says of a container. */
interface Inspected {
  readonly Id: string;
  readonly Name: string;
  readonly Config: { readonly Labels: Readonly<Record<string, string>> };
  readonly State: { readonly Status: Container['status']; readonly ExitCode: number; readonly Health?: { readonly Status: Container['health'] } };
}

const LOCAL_FILE = 'tools/docker-test/local/compose.yaml';
const POLL_MILLISECONDS = 1_000;
const LAST_LINES = 5;
const PORTS = ['WEIR_KAFKA_PORT', 'WEIR_SERVING_PORT', 'WEIR_CONSOLE_PORT', 'WEIR_PROMETHEUS_PORT', 'WEIR_GRAFANA_PORT'];

/** The demo under a name and on ports of its own, so that it meets no other. */
export class Demo {
  readonly leftOut: readonly string[];
  readonly #engine: Engine;
  readonly #arguments: readonly string[];
  readonly #environment: Readonly<Record<string, string>>;
  readonly #project: string;

  private constructor(engine: Engine, images: Images, environment: Readonly<Record<string, string>>, project: string) {
    this.#engine = engine;
    this.leftOut = images.leftOut;
    this.#environment = environment;
    this.#project = project;
    const files = [COMPOSE_FILE, ...(images.local.length > 0 ? [LOCAL_FILE] : [])];
    this.#arguments = ['--project-name', project, '--project-directory', join(repositoryRoot, 'infra'), ...files.flatMap((file) => ['--file', join(repositoryRoot, file)])];
  }

  /** Nothing is started yet. `lines` of the real orders are loaded. */
  static async prepare(engine: Engine, images: Images, lines: number): Promise<Demo> {
    const project = `weir-test-${process.pid}`;
    const ports = await freePorts(PORTS);
    const environment = {
      ...images.environment,
      ...Object.fromEntries([...ports].map(([name, port]) => [name, String(port)])),
      WEIR_IMAGE: `${project}:latest`,
      WEIR_LINES: String(lines),
    };
    return new Demo(engine, images, environment, project);
  }

  /** Where a service of the demo is on this machine. */
  url(service: 'serving' | 'console' | 'prometheus' | 'grafana'): string {
    return `http://127.0.0.1:${this.#environment[`WEIR_${service.toUpperCase()}_PORT`]}`;
  }

  /** Builds the image of the programs; with `network`, its steps use that of this machine. */
  async build(network: 'host' | 'default'): Promise<void> {
    const { WEIR_IMAGE: image = '', WEIR_NODE_IMAGE: node = '' } = this.#environment;
    const argv = ['build', '--force-rm', '--network', network, '--file', join(repositoryRoot, 'infra/Dockerfile'), '--tag', image, '--build-arg', `NODE_IMAGE=${node}`, repositoryRoot];
    await this.#engine.docker(argv, { seconds: 1_800 });
  }

  /** Starts all services but those that are left out; each begins when what it waits for is healthy or has ended well. */
  async up(seconds: number): Promise<void> {
    const { services } = readComposeFile();
    const names = Object.keys(services).filter((name) => services[name]!.profiles === undefined && !this.leftOut.includes(name));
    await this.#runCompose(['up', '--detach', '--no-build', ...names], seconds);
  }

  /** Runs a service that ends by itself once more; answers what it printed. */
  again(service: string, seconds: number): Promise<string> {
    return this.#runCompose(['run', '--rm', '-T', service], seconds);
  }

  /** Containers, also those that have ended. */
  async containers(service?: string): Promise<readonly Container[]> {
    const filters = [`label=com.docker.compose.project=${this.#project}`, ...(service === undefined ? [] : [`label=com.docker.compose.service=${service}`])];
    const ids = (await this.#engine.docker(['ps', '--all', '--quiet', ...filters.flatMap((filter) => ['--filter', filter])])).split('\n').filter((id) => id !== '');
    if (ids.length === 0) return [];
    const inspected = JSON.parse(await this.#engine.docker(['inspect', ...ids])) as readonly Inspected[];
    return inspected.map(({ Id: id, Name: name, Config: { Labels: labels }, State: { Status: status, ExitCode: exitCode, Health: health } }) => ({
      id, name: name.replace(/^\//, ''), service: labels['com.docker.compose.service'] ?? '', status, exitCode, health: health?.Status,
    }));
  }

  /** Waits until every service that stays is healthy, and each of the others has ended well. Throws DEMO_CHECK. */
  async settled(seconds: number): Promise<void> {
    const { services } = readComposeFile();
    await this.until('all services to be healthy, or to have ended well', seconds, async () => {
      const unsettled = (await this.containers()).filter(({ service, status, health, exitCode }) => (isOneShot(services[service]!) ? status !== 'exited' || exitCode !== 0 : status !== 'running' || health !== 'healthy'));
      const failed = unsettled.find(({ service, status, exitCode }) => isOneShot(services[service]!) && status === 'exited' && exitCode !== 0);
      if (failed !== undefined) throw new WeirError('DEMO_CHECK', `${failed.name} ended with ${failed.exitCode}:\n${tail(await this.logs(failed.name))}\n`, { remedy: 'Look at what it says.' });
      return unsettled.length === 0 ? undefined : unsettled.map(({ name, status, health }) => `${name} is ${health ?? status}`).join(', ');
    });
  }

  /** Asks again each second until there is no complaint. Throws DEMO_CHECK with the last one when the time is over. */
  async until(what: string, seconds: number, complaint: () => Promise<string | undefined>): Promise<void> {
    const end = performance.now() + seconds * 1_000;
    for (;;) {
      const found = await complaint();
      if (found === undefined) return;
      if (performance.now() >= end) throw new WeirError('DEMO_CHECK', `Waited ${seconds} s for ${what}; ${found}.`, { remedy: 'Look at the logs of the services.' });
      await sleep(POLL_MILLISECONDS, undefined, { signal: this.#engine.interrupted });
    }
  }

  /** SIGKILL, as a crash. */
  async kill({ id }: Container): Promise<void> {
    await this.#engine.docker(['kill', '--signal', 'KILL', id]);
  }

  logs(name: string): Promise<string> {
    return this.#engine.logs(name, 200);
  }

  /** What each container said last, for who reads why a check failed. */
  async lastWords(): Promise<string> {
    const all = await this.containers();
    const words = all.map(async ({ name, status, health }) => `--- ${name}, ${status}${health === undefined ? '' : `, ${health}`}\n${tail(await this.logs(name), LAST_LINES)}`);
    return (await Promise.all(words)).join('\n');
  }

  /** Stops and removes containers, networks, volumes and the image, also when the test has been interrupted and compose with it. */
  async down(): Promise<void> {
    const engine = this.#engine.uninterrupted();
    try {
      await engine.compose([...this.#arguments, '--profile', 'tools', 'down', '--volumes', '--remove-orphans', '--timeout', '20'], { seconds: 300, environment: this.#environment });
    } finally {
      await engine.sweep(`com.docker.compose.project=${this.#project}`);
      const image = this.#environment['WEIR_IMAGE']!;
      if (await engine.hasImage(image)) await engine.docker(['image', 'rm', '--force', image]);
    }
  }

  #runCompose(argv: readonly string[], seconds: number): Promise<string> {
    return this.#engine.compose([...this.#arguments, ...argv], { seconds, environment: this.#environment });
  }
}
