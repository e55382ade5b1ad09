import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Log, Sink } from '@weir/connector-api';
import { Order, referencePipelines } from '@weir/pipelines';
import { startRegistryServer } from '@weir/registry-server';
import type { RegistryServer } from '@weir/registry-server';
import { replayTogether } from '@weir/runtime';
import { readingCodec } from '@weir/settings';
import type { CodecSettings } from '@weir/settings';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { withLog } from './fixture.ts';
import { DEFAULT_SEED, load } from './load.ts';
import type { RetailLines } from './retail-lines.ts';
import { readRetail } from './retail.ts';
import { newestArrival } from './shop-time.ts';
import { shopFormat } from './shop-format.ts';
import { ORDERS } from './topics.ts';

const LINES = 20_000;
const lines: RetailLines = { ...readRetail(), length: LINES };
const credentials = { user: 'shop', password: 'a:b%41@/' };

let server: RegistryServer;
beforeAll(async () => {
  server = await startRegistryServer({ credentials });
});
afterAll(() => server.close());

/** What stands in each view at the end: the last row of each window. */
class Standing implements Sink {
  readonly rows = new Map<string, unknown>();
  readonly pending = 0;
  open = (): Promise<void> => Promise.resolve();
  flush = (): Promise<void> => Promise.resolve();
  close = (): Promise<void> => Promise.resolve();
  write: Sink['write'] = (batch) => {
    for (const position of batch.rows.subarray(0, batch.length)) {
      const { keys, starts, ends } = batch.results!;
      this.rows.set(JSON.stringify([keys[position], starts[position], ends[position]]), { ...(batch.at(position) as object) });
    }
  };
}

async function numbersOf(log: Log, settings: CodecSettings): Promise<readonly unknown[]> {
  const warnings: string[] = [];
  const codec = await readingCodec(settings, { topic: ORDERS, schema: Order, warn: (message) => warnings.push(message) });
  const reader = await log.reader(ORDERS);
  const ends = await Promise.all(Array.from({ length: reader.partitions }, (_, partition) => reader.offsets(partition)));
  const sinks = referencePipelines.map((topology) => Object.fromEntries(Object.keys(topology.sinks).map((name) => [name, new Standing()])));
  const pipelines = referencePipelines.map((topology, index) => ({ topology, sinks: sinks[index]! }));
  const range = { orders: ends.map(({ logStart, highWatermark }) => ({ from: logStart, to: highWatermark })) };
  const results = await replayTogether({ pipelines, sources: { orders: { reader, codec } }, range, isComplete: true });
  await reader.close();
  expect(warnings).toEqual([]);
  expect(results.map(({ books }) => [books.records, books.deadLettered])).toEqual(referencePipelines.map(() => [LINES, 0]));
  return sinks.map((each) => Object.values(each).map(({ rows }) => new Map([...rows].sort(([a], [b]) => (a < b ? -1 : 1)))));
}

/** Loads the shop in a format and answers the numbers of the main job. */
function numbersIn(settings: CodecSettings): Promise<{ readonly numbers: readonly unknown[]; readonly newest: number | null }> {
  return withLog(async (log) => {
    const format = await shopFormat(settings);
    await load({ log, lines, seed: DEFAULT_SEED, format });
    return { numbers: await numbersOf(log, settings), newest: await newestArrival(log, format.orders) };
  });
}

const registry = (): CodecSettings['registry'] => ({ url: server.url, username: credentials.user, password: credentials.password });

describe('the main job over the shop in another format', () => {
  let expected: Awaited<ReturnType<typeof numbersIn>>;
  beforeAll(async () => {
    expected = await numbersIn({ codec: 'json' });
  }, 60_000);

  it.each<[string, () => CodecSettings]>([
    ['Avro, by a registry', () => ({ codec: 'avro', registry: registry() })],
    ['Protocol Buffers, by a registry', () => ({ codec: 'protobuf', registry: registry() })],
    ['Avro', () => ({ codec: 'avro' })],
    ['Protocol Buffers', () => ({ codec: 'protobuf' })],
    ['CSV', () => ({ codec: 'csv' })],
  ])('has the same numbers: %s', async (name, settings) => {
    // A registry's subject has one format; each begins with none.
    if (name.startsWith('Protocol')) await restarted();
    expect(await numbersIn(settings())).toEqual(expected);
  }, 60_000);
});

async function restarted(): Promise<void> {
  await server.close();
  server = await startRegistryServer({ credentials });
}

describe('a program that is told of a registry', () => {
  const SPEED = fileURLToPath(new URL('../../speed/src/main.ts', import.meta.url));
  const REPROCESSOR = fileURLToPath(new URL('../../reprocessor/src/main.ts', import.meta.url));
  const GENERATOR = fileURLToPath(new URL('./main.ts', import.meta.url));

  /** Runs a program that has nothing to work on; answers how it ended and what it said. */
  async function ran(entry: string, args: readonly string[], environment: Readonly<Record<string, string>>): Promise<{ readonly code: number | null; readonly said: string }> {
    const child = spawn(process.execPath, [entry, ...args], {
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: 60_000,
      env: { ...process.env, WEIR_DATA: '/nowhere', WEIR_CLICKHOUSE_URL: 'http://127.0.0.1:1', WEIR_POSTGRES_URL: 'postgres://127.0.0.1:1/none', ...environment },
    });
    let said = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (said += chunk.toString()));
    return { code: await new Promise((resolve) => child.once('close', resolve)), said };
  }

  async function registered(schema: string, type = 'AVRO'): Promise<Readonly<Record<string, string>>> {
    await restarted();
    const { user, password } = credentials;
    const answer = await fetch(`${server.url}/subjects/orders-value/versions`, {
      method: 'POST',
      headers: { authorization: `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}` },
      body: JSON.stringify({ schema, schemaType: type }),
    });
    expect(answer.status).toBe(200);
    return { WEIR_CODEC: 'avro', WEIR_REGISTRY_URL: server.url, WEIR_REGISTRY_USERNAME: user, WEIR_REGISTRY_PASSWORD: 'env:SECRET', SECRET: password };
  }

  it.each([
    ['the speed layer', SPEED, []],
    ['the batch layer', REPROCESSOR, []],
  ])('does not start when a version cannot be read, and says why: %s', async (_, entry, args) => {
    const environment = await registered('{"type":"record","name":"Order","fields":[{"name":"invoice","type":"int"}]}');
    const { code, said } = await ran(entry, args, environment);
    expect(code).toBe(1);
    expect(said).toContain('SCHEMA_MISMATCH: Schema 1 of orders-value cannot be read as Order: ');
    expect(said).not.toContain(credentials.password);
  });

  it('does not start when the subject is of another format', async () => {
    const environment = await registered('syntax = "proto3"; message Order { string invoice = 1; }', 'PROTOBUF');
    expect((await ran(SPEED, [], environment)).said).toContain('SCHEMA_TYPE');
  });

  it('does not write what the rule of the subject forbids', async () => {
    const environment = await registered('{"type":"record","name":"Order","fields":[{"name":"other","type":"int"}]}');
    const { code, said } = await ran(GENERATOR, ['load'], environment);
    expect([code, said]).toEqual([1, expect.stringContaining('SCHEMA_INCOMPATIBLE')]);
  });

  it('does not take one that nobody would ask', async () => {
    const { code, said } = await ran(SPEED, [], { WEIR_CODEC: 'json', WEIR_REGISTRY_URL: server.url });
    expect([code, said]).toEqual([1, expect.stringContaining('SETTING_INVALID')]);
  });
});
