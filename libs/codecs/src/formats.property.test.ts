import type { Codec, RegisteredSchema, SchemaSource } from '@weir/connector-api';
import { boolean, int, json as nested, nullable, record, string, timestamp } from '@weir/schema';
import { cases } from '@weir/testkit';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeValues } from './codec-laws.ts';
import { avro, avroSchema, csv, json, protobuf, protobufSchema } from './index.ts';

const Row = record('Row', { id: int(), name: string(), note: nullable(string()), at: timestamp(), paid: boolean(), tags: nullable(nested<unknown>()) });
const row = { id: 1, name: 'a', note: null, at: 5, paid: true, tags: { a: [1] } };

const avroSchemaOf = { id: 1, type: 'AVRO', schema: JSON.stringify(avroSchema(Row)), references: [] };
const protobufSchemaOf = { id: 1, type: 'PROTOBUF', schema: protobufSchema(Row), references: [] };
/** Knows one schema, and that it does not know others. */
const knowing = (registered: RegisteredSchema): SchemaSource => ({ schemaById: async (id) => Promise.resolve(id === registered.id ? registered : undefined) });

/** Types that hold others, and count what they hold. */
const Deep = record('Deep', { list: nullable(nested<unknown>()), map: nullable(nested<unknown>()), self: nullable(nested<unknown>()), text: nullable(string()) });
const deepAvro = {
  type: 'record', name: 'Deep', fields: [
    { name: 'list', type: { type: 'array', items: ['null', 'int', { type: 'array', items: 'null' }] } },
    { name: 'map', type: { type: 'map', values: { type: 'map', values: 'bytes' } } },
    { name: 'self', type: { type: 'record', name: 'Node', fields: [{ name: 'next', type: ['null', 'Node'] }, { name: 'all', type: { type: 'array', items: 'Node' } }] } },
    { name: 'text', type: { type: 'bytes', logicalType: 'decimal', precision: 9, scale: 2 } },
  ],
};
const node = { number: 1, message: { next: { number: 1, message: { next: { number: 1, type: 'int32' as const, repeated: true } } }, all: { number: 2, type: 'string' as const, repeated: true } } };

const formats: readonly (readonly [string, Codec])[] = [
  ['json', json(Row)],
  ['avro', avro(Row)],
  ['avro by registry', avro(Row, { registry: knowing(avroSchemaOf), registered: avroSchemaOf })],
  ['avro of nested types', avro(Deep, { writer: deepAvro })],
  ['protobuf', protobuf(Row)],
  ['protobuf by registry', protobuf(Row, { registry: knowing(protobufSchemaOf), registered: protobufSchemaOf })],
  ['protobuf of nested types', protobuf(Deep, { fields: { list: { number: 4, type: 'sint64', repeated: true }, map: { number: 2, message: { a: { number: 1, type: 'double' } } }, self: node, text: { number: 3, type: 'bytes' } } })],
  ['csv', csv(Row)],
  ['csv with a header', csv(Row, { header: true })],
] as readonly (readonly [string, Codec])[];

/** Lengths and counts that say more than there is: up to 64 bits, and beyond. */
const lie = fc.oneof(
  fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }).map((value) => varint(value)),
  fc.constantFrom(varint(2n ** 31n - 1n), varint(2n ** 31n), varint(2n ** 32n), varint(2n ** 63n), varint(2n ** 64n - 1n), Uint8Array.from({ length: 11 }, () => 255)),
);
const piece = fc.oneof({ weight: 3, arbitrary: fc.uint8Array({ maxLength: 20 }) }, { weight: 2, arbitrary: lie }, { weight: 1, arbitrary: fc.constantFrom(Uint8Array.of(0, 0, 0, 0, 1), Uint8Array.of(0, 0, 0, 0, 1, 0), Uint8Array.of(10), Uint8Array.of(0x0b), Uint8Array.of(0x5b), Uint8Array.of(0x22)) });
const garbage = fc.array(piece, { maxLength: 12 }).map((pieces) => Buffer.concat(pieces));

function varint(value: bigint): Uint8Array {
  const bytes: number[] = [];
  let rest = value;
  for (; rest > 127n; rest >>= 7n) bytes.push(Number(rest & 127n) | 128);
  return Uint8Array.from([...bytes, Number(rest)]);
}

const MEGABYTE = 2 ** 20;

describe.each(formats)('%s', (_, codec) => {
  it('makes a row or a coded rejection of any bytes, and needs no more room than they do', async () => {
    const decoder = codec.decoder();
    const before = process.memoryUsage().arrayBuffers;
    await fc.assert(
      fc.asyncProperty(fc.array(garbage, { minLength: 1, maxLength: 5 }), async (values) => {
        const { rows, rejections } = await decodeValues(decoder, values);
        expect(rows.length + rejections.length).toBe(values.length);
        for (const { code } of rejections) expect(code).toMatch(/^[A-Z]+(_[A-Z]+)+$/);
      }),
      { numRuns: cases(300) },
    );
    // Whatever they said of themselves; a value of these is 200 bytes.
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(256 * MEGABYTE);
  });
});

const rows: readonly (readonly [string, Codec<typeof row>])[] = [
  ['json', json(Row)],
  ['avro', avro(Row)],
  ['avro by registry', avro(Row, { registry: knowing(avroSchemaOf), registered: avroSchemaOf })],
  ['protobuf', protobuf(Row)],
  ['protobuf by registry', protobuf(Row, { registry: knowing(protobufSchemaOf), registered: protobufSchemaOf })],
  ['csv', csv(Row)],
] as readonly (readonly [string, Codec<typeof row>])[];

describe.each(rows)('%s', (name, codec) => {
  it.each([
    [[0xff], '\ufffd'],
    [[0xc3], '\ufffd'],
    [[0xed, 0xa0, 0x80], '\ufffd\ufffd\ufffd'],
    [[0xc0, 0x80], '\ufffd\ufffd'],
    [[0xf0, 0x9f, 0x98], '\ufffd'],
    [[0xef, 0xbf, 0xbd], '\ufffd'],
    [[0xf0, 0x9f, 0x98, 0x80], '😀'],
  ])('reads bytes %j that are no UTF-8 as U+FFFD, as every format does', async (bytes, read) => {
    const value = codec.encode({ ...row, name: `<${'#'.repeat(bytes.length)}>` });
    const at = Buffer.from(value).indexOf('<#');
    Buffer.from(value.buffer, value.byteOffset).set(bytes, at + 1);
    expect((await decodeValues(codec.decoder(), [value])).rows.map((each) => each.row['name'])).toEqual([`<${read}>`]);
  });

  it('rejects a value that is cut anywhere, or reads it as a row', async () => {
    const value = codec.encode(row);
    const cuts = Array.from({ length: value.length }, (_, length) => value.slice(0, length));
    const { rows: read, rejections } = await decodeValues(codec.decoder(), cuts);
    expect(read.length + rejections.length).toBe(cuts.length);
    // Of Protocol Buffers any field may be left out; a row of CSV may end in a text that is cut.
    if (!name.startsWith('protobuf') && name !== 'csv') expect(read).toEqual([]);
  });

  it('decodes no field that is not asked for: what is wrong with it does not matter', async () => {
    const Big = record('Row', { id: int(), name: string(), at: timestamp() });
    const wrong = { id: 2 ** 53, name: 'x', at: 9e15 };
    const values = [bigValue(name, wrong)];
    const big = codecOf(name, Big as never) as Codec;
    expect((await decodeValues(big.decoder(), values)).rejections.map(({ code }) => code)).toEqual([name === 'json' ? 'FIELD_TYPE' : 'NUMBER_RANGE']);
    expect((await decodeValues(big.decoder({ projection: ['name'] }), values)).rows.map((each) => each.row)).toEqual([{ name: 'x' }]);
  });
});

type Rows = typeof Row;

function codecOf(name: string, schema: Rows): Codec {
  if (name === 'json') return json(schema) as Codec;
  if (name === 'csv') return csv(schema) as Codec;
  const isFramed = name.endsWith('registry');
  if (name.startsWith('avro')) return avro(schema, isFramed ? { registry: knowing({ ...avroSchemaOf, schema: JSON.stringify(avroSchema(schema)) }) } : {}) as Codec;
  return protobuf(schema, isFramed ? { registry: knowing({ ...protobufSchemaOf, schema: protobufSchema(schema) }) } : {}) as Codec;
}

/** A row with numbers that are beyond what fields hold, as another program might write it. */
function bigValue(name: string, { id, name: text, at }: { readonly id: number; readonly name: string; readonly at: number }): Uint8Array {
  if (name === 'json') return Buffer.from(JSON.stringify({ id, name: text, at }));
  if (name === 'csv') return Buffer.from(`${id},${text},${at}`);
  const frame = name.endsWith('registry') ? [0, 0, 0, 0, 1] : [];
  if (name.startsWith('avro')) return Buffer.concat([Uint8Array.from(frame), varint(BigInt(id) * 2n), Uint8Array.of(text.length * 2), Buffer.from(text), varint(BigInt(at) * 2n)]);
  return Buffer.concat([Uint8Array.from(frame.length === 0 ? [] : [...frame, 0]), Uint8Array.of(8), varint(BigInt(id)), Uint8Array.of(18, text.length), Buffer.from(text), Uint8Array.of(24), varint(BigInt(at))]);
}
