import { SchemaRegistry } from '@weir/connector-schema-registry';
import { startRegistryServer } from '@weir/registry-server';
import type { RegistryServer } from '@weir/registry-server';
import { int, nullable, record, string } from '@weir/schema';
import { cases } from '@weir/testkit';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { batchOf, decodeValues } from '../codec-laws.ts';
import { avro } from './avro.ts';
import { avroIncompatibility, checkAvroSubject } from './avro-compatibility.ts';
import type { CompatibilityLevel } from './avro-compatibility.ts';
import { avroSchema } from './avro-schema-of.ts';
import { evolvedRecord, recordShape, schemaOf } from './avro-shapes.ts';
import type { AvroSchema } from './avro-type.ts';

const Order = record('Order', { id: int(), note: nullable(string()) });
const V1 = JSON.stringify({ type: 'record', name: 'Order', fields: [{ name: 'id', type: 'int' }] });
const V2 = JSON.stringify(avroSchema(Order));

let server: RegistryServer;
let registry: SchemaRegistry;
beforeEach(async () => {
  server = await startRegistryServer();
  registry = new SchemaRegistry({ url: server.url });
});
afterEach(() => server.close());

const frame = (id: number, ...body: readonly number[]): Uint8Array => Uint8Array.from([0, id >>> 24, id >>> 16, id >>> 8, id, ...body]);

describe('avro by registry', () => {
  it('reads values of several schemas in one batch, and asks for each once', async () => {
    const [first, second] = [await registry.register('orders-value', { schema: V1 }), await registry.register('orders-value', { schema: V2 })];
    const values = [frame(first.id, 14), avro(Order, { registry, registered: second }).encode({ id: 8, note: 'x' }), frame(first.id, 18)];
    const decoder = avro(Order, { registry }).decoder();
    for (let i = 0; i < 3; i++) expect((await decodeValues(decoder, values)).rows.map(({ row }) => row)).toEqual([{ id: 7, note: null }, { id: 8, note: 'x' }, { id: 9, note: null }]);
    expect(server.requests.filter((request) => request.startsWith('GET /schemas/ids/'))).toHaveLength(2);
    expect(decoder.prepare?.(batchOf(values, 0), 0, 3)).toBeUndefined();
  });

  it('rejects what it cannot read, each with its code, and nothing else', async () => {
    const good = await registry.register('orders-value', { schema: V2 });
    const proto = await registry.register('proto', { schema: 'syntax = "proto3";', type: 'PROTOBUF' });
    const other = await registry.register('other', { schema: '{"type":"record","name":"Order","fields":[{"name":"note","type":"string"}]}' });
    const codec = avro(Order, { registry, registered: good });
    const row = codec.encode({ id: 1, note: null });
    const bad = [frame(99, 2), frame(proto.id, 2), frame(other.id, 2), Uint8Array.of(1, 0, 0, 0, 1, 2, 0), Uint8Array.of(0, 0, 0), new Uint8Array(0), frame(good.id, 2), frame(good.id, 2, 0, 0), null];
    const { rows, rejections } = await decodeValues(codec.decoder(), bad.flatMap((value) => [value, row]));
    expect(rows).toHaveLength(bad.length);
    expect(rejections.map(({ code }) => code)).toEqual(['SCHEMA_UNKNOWN', 'SCHEMA_TYPE', 'SCHEMA_MISMATCH', 'SCHEMA_FRAME', 'SCHEMA_FRAME', 'SCHEMA_FRAME', 'AVRO_SYNTAX', 'AVRO_SYNTAX', 'RECORD_EMPTY']);
  });

  it('reads a schema that names types of others', async () => {
    const text = JSON.stringify({ type: 'enum', name: 'Kind', symbols: ['A', 'B'] });
    await registry.register('kind', { schema: text });
    const { id } = await registry.register('orders-value', { schema: JSON.stringify({ type: 'record', name: 'Order', fields: [{ name: 'id', type: 'int' }, { name: 'note', type: 'Kind' }] }), references: [{ name: 'Kind', subject: 'kind', version: 1 }] });
    expect((await decodeValues(avro(Order, { registry }).decoder(), [frame(id, 4, 2)])).rows[0]?.row).toEqual({ id: 2, note: 'B' });
  });

  it('does not go on while the registry does not answer, and does when it answers', async () => {
    const registered = await registry.register('orders-value', { schema: V2 });
    const codec = avro(Order, { registry: new SchemaRegistry({ url: server.url, budgetMilliseconds: 20 }), registered });
    const values = [codec.encode({ id: 1, note: null })];
    server.fail(500, 500, 500);
    const decoder = codec.decoder();
    await expect(decodeValues(decoder, values)).rejects.toMatchObject({ code: 'SCHEMA_REGISTRY_UNREACHABLE', retryable: true });
    server.recover();
    expect((await decodeValues(decoder, values)).rows).toHaveLength(1);
  });

  it('writes only when it knows what', () => {
    expect(() => avro(Order, { registry }).encode({ id: 1, note: null })).toThrow('SCHEMA_UNREGISTERED');
  });
});

describe('a check before a job', () => {
  const check = { subject: 'orders-value', schema: Order };

  it('finds every version readable, or says which is not', async () => {
    expect(await checkAvroSubject({ ...check, registry })).toEqual(['Subject orders-value has no versions: nothing could be checked.']);
    await registry.register('orders-value', { schema: V1 });
    await registry.register('orders-value', { schema: V2 });
    expect(await checkAvroSubject({ ...check, registry })).toEqual([]);
    const Shop = record('Order', { id: int(), shop: string() });
    await expect(checkAvroSubject({ ...check, schema: Shop, registry })).rejects.toMatchObject({ code: 'SCHEMA_MISMATCH', message: expect.stringContaining('Schema 1 of orders-value cannot be read as Order: field shop is not written') as string });
    expect(await checkAvroSubject({ ...check, schema: Shop, projection: ['id'], registry })).toEqual([]);
    const reader: AvroSchema = { type: 'record', name: 'Order', fields: [{ name: 'id', type: 'long' }, { name: 'shop', type: 'string', default: '?' }] };
    expect(await checkAvroSubject({ ...check, schema: Shop, reader, registry })).toEqual([]);
  });

  it('tells of data that will be rejected', async () => {
    await registry.register('orders-value', { schema: V2 });
    expect(await checkAvroSubject({ ...check, schema: record('Order', { id: int(), note: string() }), registry })).toEqual(['Of schema 1 of orders-value, null in field note will be rejected.']);
  });

  it('looks at the versions that matter', async () => {
    await registry.register('orders-value', { schema: V1 });
    await registry.register('orders-value', { schema: JSON.stringify({ type: 'record', name: 'Order', fields: [{ name: 'id', type: 'int' }, { name: 'note', type: 'string', default: '' }] }) });
    const schema = record('Order', { id: int(), note: string() });
    expect(await checkAvroSubject({ ...check, schema, versions: 'latest', registry })).toEqual([]);
    await expect(checkAvroSubject({ ...check, schema, registry })).rejects.toMatchObject({ code: 'SCHEMA_MISMATCH' });
    await registry.register('proto', { schema: 'syntax = "proto3";', type: 'PROTOBUF' });
    await expect(checkAvroSubject({ ...check, subject: 'proto', registry })).rejects.toMatchObject({ code: 'SCHEMA_TYPE' });
  });
});

describe('the rules of compatibility', () => {
  it('are those of the registry, which has them from avsc', async () => {
    const levels: readonly CompatibilityLevel[] = ['NONE', 'BACKWARD', 'BACKWARD_TRANSITIVE', 'FORWARD', 'FORWARD_TRANSITIVE', 'FULL', 'FULL_TRANSITIVE'];
    const history = recordShape.chain((first) => fc.tuple(fc.constant(first), evolvedRecord(first), evolvedRecord(first)));
    let subject = 0;
    await fc.assert(
      fc.asyncProperty(history, fc.constantFrom(...levels), async (shapes, level) => {
        const [v1, v2, next] = shapes.map((shape) => JSON.stringify(schemaOf(shape)));
        const name = `subject-${subject++}`;
        const setLevel = (compatibility: string) => fetch(`${server.url}/config/${name}`, { method: 'PUT', body: JSON.stringify({ compatibility }) });
        await setLevel('NONE');
        await registry.register(name, { schema: v1! });
        await registry.register(name, { schema: v2! });
        const versions = (await registry.versions(name)).map(({ schema }) => schema);
        await setLevel(level);
        const isTaken = await registry.register(name, { schema: next! }).then(() => true, () => false);
        expect(isTaken || versions.includes(next!)).toBe(avroIncompatibility(level, next!, versions) === undefined || versions.includes(next!));
      }),
      { numRuns: cases(15) },
    );
  });
});
