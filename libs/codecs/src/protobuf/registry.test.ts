import { SchemaRegistry } from '@weir/connector-schema-registry';
import { startRegistryServer } from '@weir/registry-server';
import type { RegistryServer } from '@weir/registry-server';
import { int, nullable, record, string, timestamp } from '@weir/schema';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { batchOf, decodeValues } from '../codec-laws.ts';
import { checkProtobufSubject } from './protobuf-compatibility.ts';
import { protobufSchema } from './proto-schema-of.ts';
import { protobuf } from './protobuf.ts';

const Order = record('Order', { id: int(), note: nullable(string()) });
const V1 = 'syntax = "proto3"; message Order { int32 id = 1; }';
const V2 = protobufSchema(Order);
/** Two messages, of which the second one has an inner one that is an order. */
const SEVERAL = 'syntax = "proto3"; message Other { string id = 1; } message Outer { message Inner { int64 id = 1; } bytes id = 1; }';

let server: RegistryServer;
let registry: SchemaRegistry;
beforeEach(async () => {
  server = await startRegistryServer();
  registry = new SchemaRegistry({ url: server.url });
});
afterEach(() => server.close());

const registered = (subject: string, schema: string, type = 'PROTOBUF') => registry.register(subject, { schema, type });
const frame = (id: number, ...rest: readonly number[]): Uint8Array => Uint8Array.from([0, id >>> 24, id >>> 16, id >>> 8, id, ...rest]);

describe('protobuf by registry', () => {
  it('writes the schema of its fields', () => {
    expect(V2).toBe('syntax = "proto3";\n\nmessage Order {\n  int64 id = 1;\n  optional string note = 2;\n}\n');
    const At = record('At', { at: timestamp(), kind: string() });
    expect(protobufSchema(At, { at: { number: 2, type: 'timestamp' }, kind: { number: 1, enum: { NONE: 0, SOME: 1 } } })).toContain('google.protobuf.Timestamp at = 2;');
    expect(() => protobufSchema(record('a b', { x: int() }))).toThrow('PROTOBUF_SCHEMA');
    expect(() => protobufSchema(At, { at: 1, kind: { number: 2, enum: { SOME: 1 } } })).toThrow('PROTOBUF_SCHEMA');
  });

  it('reads values of several schemas in one batch, and asks for each once', async () => {
    const [first, second] = [await registered('orders-value', V1), await registered('orders-value', V2)];
    const codec = protobuf(Order, { registry, registered: second });
    const values = [frame(first.id, 0, 8, 7), codec.encode({ id: 8, note: 'x' }), frame(first.id, 2, 0, 8, 9)];
    const decoder = codec.decoder();
    for (let i = 0; i < 2; i++) expect((await decodeValues(decoder, values)).rows.map(({ row }) => row)).toEqual([{ id: 7, note: null }, { id: 8, note: 'x' }, { id: 9, note: null }]);
    expect(server.requests.filter((request) => request.startsWith('GET /schemas/ids/'))).toHaveLength(2);
    expect(decoder.prepare?.(batchOf(values, 0), 0, 3)).toBeUndefined();
  });

  it('takes the message that a value names by its place', async () => {
    const { id } = await registered('several', SEVERAL);
    const values = [frame(id, 0, 10, 1, 65), frame(id, 4, 2, 0, 8, 5), frame(id, 2, 2, 10, 0), frame(id, 2, 4, 8, 1), frame(id, 1, 8, 1), frame(id, 255, 255, 255, 255, 15, 8, 1), frame(id), frame(id, 4, 2, 0, 8, 6)];
    const { rows, rejections } = await decodeValues(protobuf(Order, { registry }).decoder(), values);
    expect(rows.map(({ offset, row }) => [offset, row['id']])).toEqual([[1, 5], [7, 6]]);
    expect(rejections.map(({ offset, code }) => [offset, code])).toEqual([[0, 'SCHEMA_MISMATCH'], [2, 'SCHEMA_MISMATCH'], [3, 'SCHEMA_MISMATCH'], [4, 'SCHEMA_FRAME'], [5, 'SCHEMA_FRAME'], [6, 'SCHEMA_FRAME']]);
  });

  it('rejects what it cannot read, each with its code, and nothing else', async () => {
    const good = await registered('orders-value', V2);
    const other = await registered('other', 'message Order { string id = 1; }');
    const none = await registered('none', 'message Order { int32 x = 9; }');
    const broken = await registered('broken', 'message {');
    const avroId = await registry.register('avro', { schema: '"int"' });
    const codec = protobuf(Order, { registry, registered: good });
    const row = codec.encode({ id: 1, note: null });
    const bad = [frame(99, 0), frame(avroId.id, 0), frame(other.id, 0), frame(none.id, 0), frame(broken.id, 0), Uint8Array.of(1, 0, 0, 0, 1, 0), new Uint8Array(0), frame(good.id, 0, 8), null];
    const { rows, rejections } = await decodeValues(codec.decoder(), bad.flatMap((value) => [value, row]));
    expect(rows).toHaveLength(bad.length);
    expect(rejections.map(({ code }) => code)).toEqual(['SCHEMA_UNKNOWN', 'SCHEMA_TYPE', 'SCHEMA_MISMATCH', 'SCHEMA_MISMATCH', 'SCHEMA_MISMATCH', 'SCHEMA_FRAME', 'SCHEMA_FRAME', 'PROTOBUF_SYNTAX', 'RECORD_EMPTY']);
  });

  it('compares the fields that are read, and no others', async () => {
    const { id } = await registered('orders-value', 'message Order { string id = 1; string note = 2; }');
    const decoder = protobuf(Order, { registry }).decoder({ projection: ['note'] });
    expect((await decodeValues(decoder, [frame(id, 0, 10, 0, 18, 1, 65)])).rows.map(({ row }) => row)).toEqual([{ note: 'A' }]);
  });

  it('writes nothing when it was not told what', () => {
    expect(() => protobuf(Order, { registry }).encode({ id: 1, note: null })).toThrow('SCHEMA_UNREGISTERED');
  });
});

describe('a check before a job', () => {
  const check = { subject: 'orders-value', schema: Order };

  it('says what will be read as not there, and that there is nothing to check', async () => {
    expect(await checkProtobufSubject({ ...check, registry })).toEqual(['Subject orders-value has no versions: nothing could be checked.']);
    await registered('orders-value', V1);
    await registered('orders-value', V2);
    expect(await checkProtobufSubject({ ...check, registry })).toEqual(['Of schema 1 of orders-value, field note (2) will be read as not there.']);
    expect(await checkProtobufSubject({ ...check, registry, versions: 'latest' })).toEqual([]);
  });

  it.each([
    ['message Order { string id = 1; }', 'field 1 of Order is string id, and id is read as int64'],
    ['message Order { repeated int64 id = 1; }', 'repeated int64'],
    ['message Order { sint64 id = 1; }', 'sint64'],
    ['message Order { fixed64 id = 1; }', 'fixed64'],
    ['package a; message Order { message Id {} Id id = 1; }', 'a.Order.Id'],
    ['message Order { map<int32, int32> id = 1; }', 'map'],
    ['message Other { int64 x = 7; }', 'none of the fields'],
    ['enum Nothing { A = 0; }', 'has no message'],
  ])('refuses %s', async (schema, why) => {
    await registered('orders-value', schema);
    await expect(checkProtobufSubject({ ...check, registry })).rejects.toMatchObject({ code: 'SCHEMA_MISMATCH', message: expect.stringContaining(why) as string });
  });

  it('refuses another format', async () => {
    await registry.register('orders-value', { schema: '"int"' });
    await expect(checkProtobufSubject({ ...check, registry })).rejects.toMatchObject({ code: 'SCHEMA_TYPE' });
  });

  it('takes what is written alike', async () => {
    await registered('orders-value', 'message Order { uint32 id = 1; bytes note = 2; }');
    await registered('orders-value', 'enum Id { A = 0; } message Order { Id id = 1; string note = 2; }');
    expect(await checkProtobufSubject({ ...check, registry })).toEqual([]);
  });
});
