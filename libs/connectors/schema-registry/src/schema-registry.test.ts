import { startRegistryServer } from '@weir/registry-server';
import type { RegistryServer, RegistryServerOptions } from '@weir/registry-server';
import { afterEach, describe, expect, it } from 'vitest';
import { SchemaRegistry } from './index.ts';
import type { SchemaRegistryOptions } from './index.ts';

const running: RegistryServer[] = [];
afterEach(async () => {
  await Promise.all(running.splice(0).map((server) => server.close()));
});

async function started(options: RegistryServerOptions = {}): Promise<RegistryServer> {
  const server = await startRegistryServer(options);
  running.push(server);
  return server;
}

async function both(options: Partial<SchemaRegistryOptions> = {}): Promise<{ readonly server: RegistryServer; readonly registry: SchemaRegistry }> {
  const server = await started();
  return { server, registry: new SchemaRegistry({ url: server.url, ...options }) };
}

const recordOf = (...fields: readonly object[]): string => JSON.stringify({ type: 'record', name: 'Order', fields });
const V1 = recordOf({ name: 'id', type: 'long' });
const V2 = recordOf({ name: 'id', type: 'long' }, { name: 'note', type: 'string', default: '' });
const BAD = recordOf({ name: 'id', type: 'long' }, { name: 'shop', type: 'string' });

describe('schemas by id', () => {
  it('are asked once, also when many ask at the same time', async () => {
    const { server, registry } = await both();
    const { id } = await registry.register('orders-value', { schema: V1 });
    const found = await Promise.all(Array.from({ length: 5 }, () => registry.schemaById(id)));
    for (const schema of [...found, await registry.schemaById(id)]) expect(schema).toEqual({ id, type: 'AVRO', schema: V1, references: [] });
    expect(server.requests.filter((request) => request.includes('/schemas/ids/'))).toHaveLength(1);
  });

  it('are undefined when there is none, and asked again', async () => {
    const { registry } = await both();
    expect(await registry.schemaById(1)).toBeUndefined();
    const { id } = await registry.register('orders-value', { schema: V1 });
    expect((await registry.schemaById(id))?.schema).toBe(V1);
  });

  it('may be known a moment later, as those of followers are; but not of any number of ids', async () => {
    const { server, registry } = await both();
    const { id } = await registry.register('orders-value', { schema: V1 });
    server.fail(404, 404);
    expect((await registry.schemaById(id))?.schema).toBe(V1);
    const before = server.requests.length;
    expect(await Promise.all(Array.from({ length: 50 }, (_, i) => registry.schemaById(1_000 + i)))).toEqual(Array.from({ length: 50 }, () => undefined));
    // 19 more are asked four times, the others once.
    expect(server.requests.length - before).toBe(19 * 4 + 31);
  });

  it('are forgotten when there are too many, those first that were used longest ago', async () => {
    const { server, registry } = await both({ maxCached: 2 });
    const asked = (): number => server.requests.filter((request) => request.includes('/schemas/ids/')).length;
    for (const subject of ['a', 'b', 'c']) await registry.register(subject, { schema: recordOf({ name: subject, type: 'int' }) });
    for (const id of [1, 2, 1, 3, 1]) await registry.schemaById(id);
    expect(asked()).toBe(3);
    await registry.schemaById(2);
    expect(asked()).toBe(4);
  });

  it('come with the schemas that they name types of, those first that others need', async () => {
    const { registry } = await both();
    const city = JSON.stringify({ type: 'record', name: 'City', fields: [{ name: 'name', type: 'string' }] });
    const address = JSON.stringify({ type: 'record', name: 'Address', fields: [{ name: 'city', type: 'City' }] });
    await registry.register('city', { schema: city });
    const toCity = { name: 'City', subject: 'city', version: 1 };
    await registry.register('address', { schema: address, references: [toCity] });
    const order = recordOf({ name: 'from', type: 'Address' }, { name: 'in', type: 'City' });
    const { id, references } = await registry.register('orders-value', { schema: order, references: [toCity, { name: 'Address', subject: 'address', version: 1 }] });
    expect(references).toEqual([city, address]);
    expect(await registry.schemaById(id)).toEqual({ id, type: 'AVRO', schema: order, references: [city, address] });
  });
});

describe('subjects', () => {
  it('have versions, and a latest one', async () => {
    const { registry } = await both();
    expect(await registry.latest('orders-value')).toBeUndefined();
    expect(await registry.versions('orders-value')).toEqual([]);
    await registry.register('orders-value', { schema: V1 });
    await registry.register('orders-value', { schema: V2 });
    expect(await registry.register('orders-value', { schema: V1 })).toMatchObject({ id: 1 });
    expect((await registry.versions('orders-value')).map(({ version, schema }) => [version, schema])).toEqual([[1, V1], [2, V2]]);
    expect(await registry.latest('orders-value')).toEqual({ subject: 'orders-value', version: 2, id: 2, type: 'AVRO', schema: V2, references: [] });
    expect((await registry.version('orders-value', 1))?.id).toBe(1);
    expect(await registry.version('orders-value', 3)).toBeUndefined();
  });

  it('may have any name', async () => {
    const { registry } = await both();
    expect(await registry.subjects()).toEqual([]);
    const { id } = await registry.register('a/b c?d-é', { schema: V1 });
    expect(await registry.subjects()).toEqual(['a/b c?d-é']);
    expect((await registry.latest('a/b c?d-é'))?.id).toBe(id);
  });

  it('take no schema that breaks their rule, and say so before', async () => {
    const { registry } = await both();
    expect(await registry.compatibility('orders-value', { schema: BAD })).toEqual({ isCompatible: true, messages: [] });
    await registry.register('orders-value', { schema: V1 });
    expect(await registry.compatibility('orders-value', { schema: V2 })).toEqual({ isCompatible: true, messages: [] });
    const answer = await registry.compatibility('orders-value', { schema: BAD });
    expect(answer.isCompatible).toBe(false);
    expect(answer.messages.join()).toContain('shop');
    await expect(registry.register('orders-value', { schema: BAD })).rejects.toMatchObject({ code: 'SCHEMA_INCOMPATIBLE', retryable: false });
    await expect(registry.register('orders-value', { schema: '{"type":"nonsense"}' })).rejects.toMatchObject({ code: 'SCHEMA_INVALID' });
    expect(await registry.compatibilityLevel('orders-value')).toBe('BACKWARD');
  });

  it('may hold schemas of Protobuf', async () => {
    const { registry } = await both();
    const { id } = await registry.register('p', { schema: 'syntax = "proto3";', type: 'PROTOBUF' });
    expect(await registry.schemaById(id)).toMatchObject({ type: 'PROTOBUF' });
  });
});

describe('a registry that does not answer', () => {
  it('is asked again, whatever it did', async () => {
    const { server, registry } = await both({ deadlineMilliseconds: 200 });
    await registry.register('orders-value', { schema: V1 });
    server.fail(500, 'drop', 503, 429, 'silence');
    expect((await registry.schemaById(1))?.schema).toBe(V1);
  });

  it('is given up when the budget is spent, and is asked the next time', async () => {
    const { server, registry } = await both({ budgetMilliseconds: 1_000 });
    await registry.register('orders-value', { schema: V1 });
    server.fail(...Array.from({ length: 20 }, () => 500));
    await expect(registry.schemaById(1)).rejects.toMatchObject({ code: 'SCHEMA_REGISTRY_UNREACHABLE', retryable: true });
    server.recover();
    await expect(registry.schemaById(1)).resolves.toMatchObject({ id: 1 });
  });

  it('is passed over for another one', async () => {
    const server = await started();
    const gone = await startRegistryServer();
    await gone.close();
    const registry = new SchemaRegistry({ url: [gone.url, server.url] });
    expect((await registry.register('orders-value', { schema: V1 })).id).toBe(1);
  });
});

describe('what is wrong', () => {
  it('is said in one line, without the password', async () => {
    const server = await started({ credentials: { user: 'ann', password: 'p@ss/word' } });
    const { host } = new URL(server.url);
    const good = new SchemaRegistry({ url: `http://ann:p%40ss%2Fword@${host}` });
    expect((await good.register('s', { schema: V1 })).id).toBe(1);
    const denied = await new SchemaRegistry({ url: `http://ann:secret@${host}` }).schemaById(1).catch(String);
    expect(denied).toContain('SCHEMA_REGISTRY_DENIED');
    expect(denied).not.toContain('secret');
    expect(denied).not.toContain('\n');
  });

  it('is found in the URL, at once', () => {
    for (const url of ['', 'registry:8081', 'ftp://registry', 'http://ann:100%@registry', []]) expect(() => new SchemaRegistry({ url })).toThrow('SCHEMA_REGISTRY_URL');
  });

  it('is found in answers', async () => {
    const { server, registry } = await both();
    server.fail('garbage');
    await expect(registry.schemaById(1)).rejects.toMatchObject({ code: 'SCHEMA_REGISTRY_ANSWER' });
    await registry.register('s', { schema: V1, references: [] });
    await expect(registry.register('t', { schema: V1, references: [{ name: 'X', subject: 'none', version: 1 }] })).rejects.toMatchObject({ code: 'SCHEMA_REGISTRY_ANSWER' });
  });
});
