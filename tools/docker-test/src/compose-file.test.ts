import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { COMPOSE_FILE, interpolated, isOneShot, readComposeFile, repositoryRoot } from './compose-file.ts';

const file = readComposeFile();
const services = Object.entries(file.services);
const isOurs = (image: string): boolean => image.startsWith('${WEIR_IMAGE');
const version = (JSON.parse(readFileSync(join(repositoryRoot, 'package.json'), 'utf8')) as { version: string }).version;

it('has all parts of the demo', () => {
  expect(services.map(([name]) => name)).toEqual(
    expect.arrayContaining(['kafka', 'clickhouse', 'postgres', 'migrate', 'load', 'generator', 'speed', 'reprocessor', 'verify', 'serving', 'console', 'prometheus', 'grafana']),
  );
  expect(file.services['speed']?.scale).toBe(2);
});

describe.each(services)('service %s', (_, service) => {
  it('has a pinned image, which the environment can replace', () => {
    const [, name, image] = /^\$\{(WEIR_\w*IMAGE):-([^}]+)\}$/.exec(service.image) ?? [];
    expect(name).toBeDefined();
    expect(image).toMatch(/^[a-z0-9./-]+:v?\d+\.\d+[\w.-]*$/);
    if (isOurs(service.image)) expect(image).toBe(`weir:${version}`);
  });

  it('runs as nobody special: no root, no capabilities, no new privileges', () => {
    expect(service.user).toMatch(/^[1-9]\d*:[1-9]\d*$/);
    expect(service.cap_drop).toEqual(['ALL']);
    expect(service.security_opt).toContain('no-new-privileges:true');
    if (isOurs(service.image)) expect(service.read_only).toBe(true);
  });

  it('has bounds: memory, processors, processes, logs', () => {
    expect(service.mem_limit).toMatch(/^\d+[mg]$/);
    expect(service.cpus).toBeGreaterThan(0);
    expect(service.pids_limit).toBeGreaterThan(0);
    expect(service.logging?.options?.['max-size']).toMatch(/^\d+m$/);
    expect(Number(service.logging?.options?.['max-file'])).toBeGreaterThan(0);
  });

  it('is started again, or says by its end how it was; and has a health check with a deadline unless it ends soon', () => {
    expect(['unless-stopped', 'no']).toContain(service.restart);
    const { healthcheck } = service;
    if (isOneShot(service) && healthcheck?.disable === true) return;
    expect(healthcheck?.test?.[0]).toMatch(/^CMD(-SHELL)?$/);
    for (const time of [healthcheck?.interval, healthcheck?.timeout]) expect(time).toMatch(/^\d+s$/);
    expect(healthcheck?.retries).toBeGreaterThan(0);
    if (isOurs(service.image)) expect(healthcheck?.test?.slice(0, 3)).toEqual(['CMD', 'node', 'infra/health.mjs']);
  });

  it('waits for others until they are healthy, or have ended well', () => {
    for (const [other, { condition }] of Object.entries(service.depends_on ?? {})) {
      const there = file.services[other];
      expect(there, other).toBeDefined();
      expect(condition, other).toBe(isOneShot(there!) ? 'service_completed_successfully' : 'service_healthy');
    }
  });

  it('is open to this machine alone', () => {
    for (const port of service.ports ?? []) expect(port).toMatch(/^127\.0\.0\.1:\$\{WEIR_\w+_PORT:-\d+\}:\d+$/);
  });

  it('mounts volumes that are declared, and files that are there, which it cannot change', () => {
    for (const volume of service.volumes ?? []) {
      const [source = '', target, mode] = volume.split(':');
      expect(target).toMatch(/^\//);
      if (!source.startsWith('.')) expect(Object.keys(file.volumes)).toContain(source);
      else {
        expect(existsSync(join(repositoryRoot, 'infra', source)), source).toBe(true);
        expect(mode).toBe('ro');
      }
    }
  });
});

describe('together', () => {
  it('no two services have one port of the machine, and every volume is used', () => {
    const ports = services.flatMap(([, { ports: own = [] }]) => own.map((port) => interpolated(port).split(':')[1]));
    expect(new Set(ports).size).toBe(ports.length);
    const used = new Set(services.flatMap(([, { volumes = [] }]) => volumes.map((volume) => volume.split(':')[0])));
    for (const volume of Object.keys(file.volumes)) expect(used).toContain(volume);
  });

  it('nothing waits for itself', () => {
    const waits = (name: string, path: readonly string[]): void => {
      expect(path).not.toContain(name);
      for (const other of Object.keys(file.services[name]?.depends_on ?? {})) waits(other, [...path, name]);
    };
    for (const [name] of services) waits(name, []);
  });

  it('addresses lead to services, and to the ports on which they listen', () => {
    const listens: Readonly<Record<string, readonly number[]>> = { kafka: [19_092], clickhouse: [8123], postgres: [5432], serving: [8080] };
    for (const [, { environment = {} }] of services) {
      for (const [name, value] of Object.entries(environment)) {
        if (!/^WEIR_(.*_URL|KAFKA_BROKERS|SERVING)$/.test(name)) continue;
        const { hostname, port } = new URL(value.includes('://') ? interpolated(value) : `kafka://${value}`);
        expect(listens[hostname], value).toContain(Number(port));
      }
    }
    expect(file.services['kafka']?.environment?.['KAFKA_LISTENERS']).toContain('INSIDE://:19092');
    for (const name of ['serving', 'console']) expect(file.services[name]?.ports?.[0]).toMatch(new RegExp(`:${file.services[name]?.environment?.['WEIR_PORT']}$`));
  });

  it('secrets and names of one thing are the same wherever they are said', () => {
    const { clickhouse, postgres, speed } = file.services;
    const views = new URL(interpolated(speed!.environment!['WEIR_CLICKHOUSE_URL']!));
    expect([views.username, views.password]).toEqual([clickhouse!.environment!['CLICKHOUSE_USER'], interpolated(clickhouse!.environment!['CLICKHOUSE_PASSWORD']!)]);
    expect(speed!.environment!['WEIR_CLICKHOUSE_DATABASE']).toBe(clickhouse!.environment!['CLICKHOUSE_DB']);
    const catalog = new URL(interpolated(speed!.environment!['WEIR_POSTGRES_URL']!));
    expect([catalog.username, catalog.password, catalog.pathname]).toEqual([
      postgres!.environment!['POSTGRES_USER'],
      interpolated(postgres!.environment!['POSTGRES_PASSWORD']!),
      `/${postgres!.environment!['POSTGRES_DB']}`,
    ]);
    expect(readFileSync(join(repositoryRoot, COMPOSE_FILE), 'utf8')).not.toMatch(/PASSWORD: (?!\$\{)/);
  });
});
