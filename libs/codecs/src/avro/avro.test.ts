import { boolean, float, int, json as nested, nullable, record, string, timestamp } from '@weir/schema';
import avsc from 'avsc';
import type { Schema } from 'avsc';
import { describe, expect, it } from 'vitest';
import { decodeValues } from '../codec-laws.ts';
import type { Seen } from '../codec-laws.ts';
import { avro } from './avro.ts';
import type { AvroOptions } from './avro.ts';
import { avroSchema } from './avro-schema-of.ts';
import type { AvroSchema } from './avro-type.ts';

const recordOf = (...fields: readonly object[]): AvroSchema => ({ type: 'record', name: 'Row', fields });

/** Writes rows by avsc and reads them as a field `x`. */
async function readX(type: unknown, values: readonly unknown[], field: Parameters<typeof record>[1][string], options: AvroOptions = {}): Promise<{ readonly values: unknown[]; readonly codes: string[] }> {
  const writer = recordOf({ name: 'x', type });
  const written = avsc.Type.forSchema(writer as Schema, { wrapUnions: 'never' });
  const { rows, rejections } = await decodeValues(avro(record('Row', { x: field }), { writer, ...options }).decoder(), values.map((x) => written.toBuffer({ x })));
  return { values: rows.map(({ row }) => row['x']), codes: rejections.map(({ code }) => code) };
}

describe('times', () => {
  it.each([
    ['timestamp-millis', [0, -1, 1_700_000_000_123], [0, -1, 1_700_000_000_123]],
    ['local-timestamp-millis', [5], [5]],
    ['timestamp-micros', [1_700_000_000_123_999, -1, -1_000], [1_700_000_000_123, -1, -1]],
    ['timestamp-nanos', [999_999, -1, 123_456_789_012], [0, -1, 123_456]],
    [undefined, [77], [77]],
  ])('in a long of %s are milliseconds, rounded down', async (logicalType, written, expected) => {
    expect(await readX({ type: 'long', ...(logicalType === undefined ? {} : { logicalType }) }, written, timestamp())).toEqual({ values: expected, codes: [] });
  });

  it('in an int of days are milliseconds', async () => {
    expect((await readX({ type: 'int', logicalType: 'date' }, [0, 19_700, -1], timestamp())).values).toEqual([0, 19_700 * 86_400_000, -86_400_000]);
  });

  it('in a long of 64 bits of nanoseconds are exact', async () => {
    const writer = recordOf({ name: 'x', type: { type: 'long', logicalType: 'timestamp-nanos' } });
    const decoder = avro(record('Row', { x: timestamp() }), { writer }).decoder();
    const instants = [1_700_000_000_123_999_999n, 1_700_000_000_124_000_000n, -1_700_000_000_123_000_000n, -1_700_000_000_123_000_001n, 2n ** 63n - 1n, -(2n ** 63n), 2n ** 53n, 2n ** 55n + 1n];
    const { rows } = await decodeValues(decoder, instants.map(zigzag));
    const floor = (value: bigint): number => Number(value / 1_000_000n) - (value < 0n && value % 1_000_000n !== 0n ? 1 : 0);
    expect(rows.map(({ row }) => row['x'])).toEqual(instants.map(floor));
  });

  it('of the day are no timestamps, and those beyond the range of dates are rejected', async () => {
    expect(() => avro(record('Row', { x: timestamp() }), { writer: recordOf({ name: 'x', type: { type: 'int', logicalType: 'time-millis' } }) }).decoder()).toThrow('AVRO_SCHEMA');
    expect((await readX('long', [8.64e15, 8.64e15 + 1], timestamp())).codes).toEqual(['NUMBER_RANGE']);
  });

  it('are written in the unit of the schema', () => {
    const codec = avro(record('Row', { x: nullable(timestamp()) }), { writer: recordOf({ name: 'x', type: ['null', { type: 'long', logicalType: 'timestamp-micros' }] }) });
    expect(Buffer.from(codec.encode({ x: 1_700_000_000_123 })).subarray(1)).toEqual(zigzag(1_700_000_000_123_000n));
  });
});

/** A varint as Avro has it, by big integers. */
function zigzag(value: bigint): Buffer {
  let rest = value < 0n ? -value * 2n - 1n : value * 2n;
  const bytes: number[] = [];
  for (; rest > 127n; rest >>= 7n) bytes.push(Number(rest & 127n) | 128);
  return Buffer.from([...bytes, Number(rest)]);
}

describe('numbers', () => {
  it('beyond 2^53 are rejected as integers, also in nested values, and rounded as floats', async () => {
    const values = [2n ** 53n - 1n, 2n ** 53n, -(2n ** 53n) + 1n, -(2n ** 53n), 2n ** 62n + 12_345n].map(zigzag);
    const writer = recordOf({ name: 'x', type: 'long' });
    for (const [field, kept] of [[int(), 2], [nested<unknown>(), 2], [float(), 5]] as const) {
      const { rows, rejections } = await decodeValues(avro(record('Row', { x: field }), { writer }).decoder(), values);
      expect(rows).toHaveLength(kept);
      expect(new Set(rejections.map(({ code }) => code))).toEqual(new Set(kept === 5 ? [] : ['NUMBER_RANGE']));
      if (kept === 5) expect(rows.map(({ row }) => row['x'])).toEqual(values.map((_, i) => Number([2n ** 53n - 1n, 2n ** 53n, -(2n ** 53n) + 1n, -(2n ** 53n), 2n ** 62n + 12_345n][i])));
    }
  });

  it('that are not finite are rejected', async () => {
    expect(await readX('double', [1.5, Number.NaN, Number.POSITIVE_INFINITY], float())).toEqual({ values: [1.5], codes: ['NUMBER_RANGE', 'NUMBER_RANGE'] });
    expect((await readX('float', [1.5, Number.NaN], nested<unknown>())).codes).toEqual(['NUMBER_RANGE']);
  });

  it('of more than 64 bits are damage', async () => {
    const decoder = avro(record('Row', { x: int() })).decoder();
    expect((await decodeValues(decoder, [Buffer.from('ffffffffffffffffffff01', 'hex'), Buffer.from('ffffffffffffffffff03', 'hex')])).rejections.map(({ code }) => code)).toEqual(['AVRO_SYNTAX', 'AVRO_SYNTAX']);
  });

  it('that are decimals are texts, and written back', async () => {
    for (const type of [{ type: 'bytes', logicalType: 'decimal', precision: 30, scale: 2 }, { type: 'fixed', name: 'F', size: 12, logicalType: 'decimal', precision: 20, scale: 2 }]) {
      for (const field of [string(), nested<string>()]) {
        const codec = avro(record('Row', { x: field }), { writer: recordOf({ name: 'x', type }) });
        const texts = ['0.00', '12.34', '-0.01', '-12.50', '123456789012345678901234.56'];
        const { rows } = await decodeValues(codec.decoder(), texts.map((x) => codec.encode({ x })));
        expect(rows.map(({ row }) => row['x'])).toEqual(texts);
        expect(() => codec.encode({ x: '1.234' })).toThrow('AVRO_VALUE');
      }
    }
  });
});

describe('unions and enums', () => {
  it('give null, a text, or a rejection', async () => {
    const type = ['null', 'string', 'int'];
    const written = [null, 'a', 5];
    expect(await readX(type, written, nullable(string()))).toEqual({ values: [null, 'a'], codes: ['FIELD_TYPE'] });
    expect(await readX(type, written, string())).toEqual({ values: ['a'], codes: ['FIELD_TYPE', 'FIELD_TYPE'] });
    expect(await readX(type, written, nullable(nested<unknown>()))).toEqual({ values: written, codes: [] });
    expect(await readX({ type: 'enum', name: 'E', symbols: ['OPEN', 'PAID'] }, ['PAID', 'OPEN', 'PAID'], string())).toEqual({ values: ['PAID', 'OPEN', 'PAID'], codes: [] });
  });

  it('are written by the branch that takes the value with the least loss', () => {
    const Row = record('Row', { x: nested<unknown>() });
    const written = (type: unknown, x: unknown): unknown => {
      const writer = recordOf({ name: 'x', type });
      return (avsc.Type.forSchema(writer as Schema, { wrapUnions: 'always' }).fromBuffer(Buffer.from(avro(Row, { writer }).encode({ x }))) as { readonly x: unknown }).x;
    };
    const pair = { type: 'record', name: 'P', fields: [{ name: 'a', type: 'int' }, { name: 'b', type: ['null', 'int'], default: null }] };
    const floats = { type: 'map', values: 'float' };
    // A map and a record of the same members: never one that rounds or adds something where another one does not.
    expect(written([floats, pair], { a: 16_777_217, b: null })).toEqual({ P: { a: 16_777_217, b: null } });
    expect(written([floats, pair], { a: 16_777_217 })).toEqual({ P: { a: 16_777_217, b: null } });
    expect(written([pair, floats], { a: 1 })).toEqual({ map: { a: 1 } });
    expect(written(['float', 'double'], 0.1)).toEqual({ double: 0.1 });
    expect(written(['float', 'double'], 0.5)).toEqual({ float: 0.5 });
    expect(written(['int', 'double'], -0)).toEqual({ double: -0 });
    expect(written(['null', 'float'], 0.1)).toEqual({ float: Math.fround(0.1) });
  });

  it('are read by the branch of the full name, if a reader has one', async () => {
    const entry = (namespace: string, field: string): object => ({ type: 'record', name: 'P', namespace, fields: [{ name: field, type: 'int', default: 7 }] });
    const reader = recordOf({ name: 'x', type: [entry('first', 'a'), entry('second', 'b')] });
    expect((await readX(entry('second', 'b'), [{ b: 1 }], nested<unknown>(), { reader })).values).toEqual([{ b: 1 }]);
  });

  it('give what a reader\u2019s schema takes of them', async () => {
    const type = { type: 'enum', name: 'E', symbols: ['OPEN', 'PAID', 'LOST'] };
    const reader = (fallback: object): AvroSchema => recordOf({ name: 'x', type: { type: 'enum', name: 'E', symbols: ['NEW', 'PAID', 'OTHER'], ...fallback } });
    expect((await readX(type, ['PAID', 'LOST'], string(), { reader: reader({ default: 'OTHER' }) })).values).toEqual(['PAID', 'OTHER']);
    expect(() => avro(record('Row', { x: string() }), { writer: recordOf({ name: 'x', type }), reader: reader({}) }).decoder()).toThrow('the symbol OPEN');
  });
});

describe('fields', () => {
  const Row = record('Row', { a: int(), b: nullable(string()), c: boolean() });

  it('are taken by name, added ones from defaults and aliases, whatever else is written', async () => {
    const writer = recordOf({ name: 'z', type: { type: 'array', items: 'string' } }, { name: 'old', type: 'int' }, { name: 'y', type: 'double' });
    const reader = recordOf({ name: 'c', type: 'boolean', default: true }, { name: 'a', type: 'long', aliases: ['old'] }, { name: 'b', type: 'string', default: 'none' });
    const value = avsc.Type.forSchema(writer as Schema).toBuffer({ z: ['p', 'q'], old: 7, y: 0.5 });
    expect((await decodeValues(avro(Row, { writer, reader }).decoder(), [value])).rows[0]?.row).toEqual({ a: 7, b: 'none', c: true });
  });

  it('that cannot be read are said, when they are read', () => {
    const writer = recordOf({ name: 'a', type: 'string' }, { name: 'c', type: 'boolean' });
    expect(() => avro(Row, { writer }).decoder()).toThrow('AVRO_SCHEMA: The Avro schema cannot be used: at a, string does not fit a field of type int.');
    expect(() => avro(Row, { writer: recordOf({ name: 'a', type: 'int' }) }).decoder()).toThrow('field c is not written and has no default');
    expect(() => avro(Row, { writer: 'string' }).decoder()).toThrow('a string is written');
    expect(() => avro(Row, { writer }).decoder({ projection: ['b', 'c'] })).not.toThrow();
  });

  it('are written in the order of the schema, others by their defaults', async () => {
    const writer = recordOf({ name: 'c', type: 'boolean' }, { name: 'extra', type: ['null', 'int'], default: null }, { name: 'a', type: 'int' });
    const codec = avro(Row, { writer });
    expect(avsc.Type.forSchema(writer as Schema).fromBuffer(Buffer.from(codec.encode({ a: 1, b: 'x', c: true })))).toEqual({ a: 1, c: true, extra: null });
    expect(() => codec.encode({ a: 2 ** 31, b: null, c: true })).toThrow("AVRO_VALUE: Field 'a'");
    expect(() => avro(Row, { writer: recordOf({ name: 'other', type: 'int' }) }).encode({ a: 1, b: null, c: true })).toThrow('no field other');
  });
});

describe('nested values', () => {
  it('may hold themselves, as deep as JSON may', async () => {
    const list = { type: 'record', name: 'List', fields: [{ name: 'next', type: ['null', 'List'], default: null }] };
    const value = (depth: number): Buffer => Buffer.from([...Array.from({ length: depth - 1 }, () => 2), 0]);
    const decoder = avro(record('Row', { x: nested<unknown>() }), { writer: recordOf({ name: 'x', type: list }) }).decoder();
    const { rows, rejections } = await decodeValues(decoder, [value(1), value(3), value(511), value(600)]);
    expect(rows.slice(0, 2).map(({ row }) => row['x'])).toEqual([{ next: null }, { next: { next: { next: null } } }]);
    expect(rows).toHaveLength(3);
    expect(rejections.map(({ code }) => code)).toEqual(['AVRO_SYNTAX']);
  });

  it('that are lists of nothing do not grow without end', async () => {
    const decoder = avro(record('Row', { x: nested<unknown>() }), { writer: recordOf({ name: 'x', type: { type: 'array', items: 'null' } }) }).decoder();
    const { rows, rejections } = await decodeValues(decoder, [Buffer.concat([zigzag(3n), Buffer.from([0])]), Buffer.concat([zigzag(2n ** 40n), Buffer.from([0])])]);
    expect(rows.map(({ row }) => row['x'])).toEqual([[null, null, null]]);
    expect(rejections.map(({ code }) => code)).toEqual(['AVRO_SYNTAX']);
  });

  it('do not become much larger than they were written', async () => {
    const name = 'a'.repeat(10_000);
    const writer = recordOf({ name: 'x', type: { type: 'array', items: { type: 'enum', name: 'E', symbols: [name] } } });
    const decoder = avro(record('Row', { x: nested<unknown>() }), { writer }).decoder();
    const value = (count: number): Buffer => Buffer.concat([zigzag(BigInt(count)), Buffer.alloc(count), Buffer.from([0])]);
    const { rows, rejections } = await decodeValues(decoder, [value(2), value(100_000), value(3)]);
    expect(rows.map(({ row }) => row['x'])).toEqual([[name, name], [name, name, name]]);
    expect(rejections.map(({ code }) => code)).toEqual(['RECORD_TOO_LARGE']);
  });

  it('are JSON in a text where the schema says so', async () => {
    const marked = await readX({ type: 'string', logicalType: 'json' }, ['[1,{"a":null}]', 'null', '{', '"a" '], nullable(nested<unknown>()));
    expect(marked).toEqual({ values: [[1, { a: null }], null, 'a'], codes: ['FIELD_TYPE'] });
    expect((await readX('string', ['[1]'], nested<unknown>())).values).toEqual(['[1]']);
  });
});

describe('schemas', () => {
  it.each([
    ['{', 'not JSON'],
    [{ type: 'record', fields: [] }, 'no name'],
    [{ type: 'record', name: '1', fields: [] }, 'no name'],
    [{ type: 'record', name: 'R' }, 'no list of fields'],
    [recordOf({ name: 'a', type: 'int' }, { name: 'a', type: 'int' }), 'two fields a'],
    [recordOf({ name: 'a', type: 'Other' }), 'names Other'],
    [recordOf({ name: 'a', type: ['int', ['null']] }), 'a union holds a union'],
    [recordOf({ name: 'a', type: ['int', 'int'] }), 'twice'],
    [recordOf({ name: 'a', type: { type: 'enum', name: 'E', symbols: ['A'], default: 'B' } }), 'default of E'],
    [recordOf({ name: 'a', type: { type: 'fixed', name: 'F', size: -1 } }), 'size of F'],
    [recordOf({ name: 'a', type: { type: 'enum', name: 'Row', symbols: ['A'] } }), 'defined twice'],
  ])('that are none are refused: %j', (schema, why) => {
    expect(() => avro(record('Row', { a: nested<unknown>() }), { writer: schema })).toThrow(why);
  });

  it('have names with and without namespaces', async () => {
    const schema: AvroSchema = { type: 'record', name: 'Row', namespace: 'a.b', fields: [{ name: 'x', type: { type: 'enum', name: 'E', symbols: ['P'] } }, { name: 'y', type: 'a.b.E' }, { name: 'z', type: ['null', 'E'] }] };
    const value = avsc.Type.forSchema(schema as Schema).toBuffer({ x: 'P', y: 'P', z: 'P' });
    const seen: Seen = await decodeValues(avro(record('Row', { x: string(), y: string(), z: nullable(string()) }), { writer: schema }).decoder(), [value]);
    expect(seen.rows[0]?.row).toEqual({ x: 'P', y: 'P', z: 'P' });
  });

  it('are made of those of Weir', () => {
    const Row = record('Row', { a: nullable(int()), at: timestamp() });
    expect(avroSchema(Row)).toEqual(recordOf({ name: 'a', type: ['null', 'long'], default: null }, { name: 'at', type: { type: 'long', logicalType: 'timestamp-millis' } }));
    expect(() => avroSchema(record('Row', { 'a b': int() }))).toThrow('AVRO_SCHEMA');
  });
});
