import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { COMPOSE_FILE, interpolated, readComposeFile, repositoryRoot } from './compose-file.ts';

const read = (path: string): string => readFileSync(join(repositoryRoot, path), 'utf8');
const { services } = readComposeFile();
const manifest = JSON.parse(read('package.json')) as { devDependencies: Record<string, string> };

describe('the Dockerfile', () => {
  const text = read('infra/Dockerfile');
  const stages = text.split(/^FROM /m).slice(1);
  const last = stages.at(-1)!;

  it('builds on the Node that the project pins, whichever image that is, as the compose file says too', () => {
    const initial = /^ARG NODE_IMAGE=(\S+)$/m.exec(text)![1]!;
    expect(initial).toMatch(new RegExp(`^node:${manifest.devDependencies['node']!.replaceAll('.', '\\.')}-`));
    for (const stage of stages) expect(stage).toMatch(/^\$\{NODE_IMAGE\}(\s|$)/);
    for (const { build } of Object.values(services)) if (build !== undefined) expect(interpolated(build.args['NODE_IMAGE']!)).toBe(initial);
  });

  it('ends in an image without root, with a health check, and with what was locked', () => {
    expect(last).toMatch(/^USER 1000:1000$/m);
    expect(last).toMatch(/^HEALTHCHECK .*infra\/health\.mjs/m);
    expect(last).not.toMatch(/npm /);
    for (const [command] of text.matchAll(/npm (ci|install|i)\b[^\n]*/g)) expect(command).toMatch(/^npm ci .*--ignore-scripts/);
    expect(last.indexOf('USER ')).toBeGreaterThan(last.indexOf('RUN '));
  });

  it('copies what is there, and every program that the compose file starts', () => {
    const copied = [...last.matchAll(/^COPY (?!--from)(.+) \S+$/gm)].flatMap(([, sources]) => sources!.split(' '));
    for (const source of copied) expect(existsSync(join(repositoryRoot, source)), source).toBe(true);
    for (const { command, healthcheck } of Object.values(services)) {
      const program = command?.[0];
      if (program?.startsWith('apps/') === true) {
        expect(existsSync(join(repositoryRoot, program)), program).toBe(true);
        expect(copied).toContain(program.split('/').slice(0, 2).join('/'));
        // Its packages are installed; for the console those of serving do.
        expect(text).toContain(`--workspace=@weir/${program.split('/')[1]}`);
      }
      const script = healthcheck?.test?.find((word) => word.endsWith('.mjs'));
      if (script !== undefined) expect(copied).toContain(script);
    }
  });
});

describe("the console's server", () => {
  it('imports nothing that serving does not need too', () => {
    const packages = (app: string): Record<string, string> => (JSON.parse(read(`apps/${app}/package.json`)) as { dependencies: Record<string, string> }).dependencies;
    const [own, installed] = [packages('console'), packages('serving')];
    const imported = readdirSync(join(repositoryRoot, 'apps/console/server')).flatMap((file) => [...read(`apps/console/server/${file}`).matchAll(/from '((?:@[\w-]+\/)?[\w-]+)'/g)].map(([, name]) => name!));
    for (const name of new Set(imported)) expect([name, own[name]]).toEqual([name, installed[name]]);
    expect(imported).toContain('fastify');
  });

  it('gives the page the headers that serving gives it', () => {
    const [own, theirs] = [read('apps/console/server/console-server.ts'), read('apps/serving/src/security-headers.ts')];
    const policy = /^const PAGE = (".*");$/m.exec(theirs)![1]!;
    const headers = (text: string): readonly string[] => text.match(/^ +'[a-z-]+': ['"].*['"],$/gm)!.map((line) => line.trim());
    expect(headers(own)).toEqual([`'content-security-policy': ${policy},`, ...headers(theirs)]);
    expect(headers(own)).toHaveLength(7);
  });
});

describe('Prometheus', () => {
  it('scrapes services of the demo, on ports on which they answer', () => {
    const { scrape_configs: jobs } = parse(read('infra/prometheus/prometheus.yaml')) as { scrape_configs: { job_name: string; static_configs: { targets: string[] }[] }[] };
    const targets = Object.fromEntries(jobs.map(({ job_name: name, static_configs: [first] }) => [name, first!.targets[0]]));
    expect(targets).toEqual({
      serving: `serving:${services['serving']!.environment!['WEIR_PORT']}`,
      clickhouse: `clickhouse:${/<port>(\d+)<\/port>/.exec(read('infra/clickhouse/weir.xml'))![1]}`,
      prometheus: '127.0.0.1:9090',
      grafana: 'grafana:3000',
    });
    for (const name of Object.keys(targets)) expect(Object.keys(services)).toContain(name);
  });
});

describe('Grafana', () => {
  const { grafana } = services;
  const mounted = new Map(grafana!.volumes!.filter((volume) => volume.startsWith('./')).map((volume) => [volume.split(':')[1]!, join('infra', volume.split(':')[0]!)]));

  it('is given a data source that leads to Prometheus, and the folder of the dashboards', () => {
    const { datasources } = parse(read('infra/grafana/provisioning/datasources/prometheus.yaml')) as { datasources: { type: string; url: string; isDefault: boolean }[] };
    expect(datasources).toMatchObject([{ type: 'prometheus', url: 'http://prometheus:9090', isDefault: true }]);
    const { providers } = parse(read('infra/grafana/provisioning/dashboards/weir.yaml')) as { providers: { options: { path: string } }[] };
    expect(mounted.get(providers[0]!.options.path)).toBe('infra/grafana/dashboards');
    expect(mounted.get('/etc/grafana/provisioning')).toBe('infra/grafana/provisioning');
  });

  it('begins with a dashboard that is there', () => {
    const [, file] = /^\/etc\/grafana\/dashboards\/(.+)$/.exec(grafana!.environment!['GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH']!)!;
    expect(JSON.parse(read(`infra/grafana/dashboards/${file}`))).toMatchObject({ uid: 'weir-layers' });
  });
});

describe('the health check', () => {
  const check = (subject: string): number | null => spawnSync(process.execPath, [join(repositoryRoot, 'infra/health.mjs'), subject]).status;

  it('looks at the age of a file', () => {
    const folder = mkdtempSync(join(tmpdir(), 'weir-health-'));
    const file = join(folder, 'alive');
    expect(check(file)).toBe(1);
    writeFileSync(file, '');
    expect(check(file)).toBe(0);
    const old = Date.now() / 1000 - 60;
    utimesSync(file, old, old);
    expect(check(file)).toBe(1);
    rmSync(folder, { recursive: true });
  });

  it('asks an address', async () => {
    let status = 200;
    const server = createServer((_, response) => void response.writeHead(status).end());
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/health/ready`;
    const asked = (): Promise<number | null> => new Promise((done) => void spawn(process.execPath, [join(repositoryRoot, 'infra/health.mjs'), url]).once('exit', done));
    expect(await asked()).toBe(0);
    status = 503;
    expect(await asked()).toBe(1);
    await new Promise((closed) => server.close(closed));
    expect(await asked()).toBe(1);
  });
});

const hasCompose = spawnSync('docker', ['compose', 'version']).status === 0;

describe.skipIf(!hasCompose)(`docker compose${hasCompose ? '' : ' (skipped: there is no docker compose)'}`, () => {
  it('takes the file', () => {
    const { status, stderr } = spawnSync('docker', ['compose', '-f', join(repositoryRoot, COMPOSE_FILE), '--profile', 'tools', 'config', '--quiet'], { encoding: 'utf8' });
    expect(stderr).toBe('');
    expect(status).toBe(0);
  });
});
