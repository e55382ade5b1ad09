import { boolean, float, int, json as nested, nullable, record, string, timestamp } from '@weir/schema';
import { describe, expect, it } from 'vitest';
import { decodeValues } from '../codec-laws.ts';
import { protobuf } from './protobuf.ts';
import type { ProtobufBinding } from './protobuf-field.ts';

type Spec = Parameters<typeof record>[1][string];

/** Reads messages with one field `x`, given as bytes in hexadecimal. */
async function readX(field: Spec, binding: ProtobufBinding | number, ...messages: readonly string[]): Promise<{ readonly values: unknown[]; readonly codes: string[] }> {
  const decoder = protobuf(record('Row', { x: field }), { fields: { x: binding } }).decoder();
  const { rows, rejections } = await decodeValues(decoder, messages.map((hex) => Buffer.from(hex.replaceAll(' ', ''), 'hex')));
  return { values: rows.map(({ row }) => row['x']), codes: rejections.map(({ code }) => code) };
}

describe('a field that is not there', () => {
  it.each<[string, Spec, ProtobufBinding | number, unknown]>([
    ['an integer', int(), 1, 0],
    ['a float', float(), 1, 0],
    ['a truth value', boolean(), 1, false],
    ['a text', string(), 1, ''],
    ['an instant in milliseconds', timestamp(), 1, 0],
    ['an enum', string(), { number: 1, enum: { NONE: 0, SOME: 1 } }, 'NONE'],
    ['a list', nested<unknown>(), { number: 1, type: 'int32', repeated: true }, []],
    ['anything that may be null', nullable(int()), 1, null],
    ['a message that may be null', nullable(nested<unknown>()), { number: 1, message: {} }, null],
  ])('is the default: %s', async (_, field, binding, expected) => {
    expect(await readX(field, binding, '')).toEqual({ values: [expected], codes: [] });
  });

  it.each<[string, Spec, ProtobufBinding | number]>([
    ['a message', nested<unknown>(), { number: 1, message: {} }],
    ['a text of JSON', nested<unknown>(), 1],
    ['a google.protobuf.Timestamp', timestamp(), { number: 1, type: 'timestamp' }],
    ['an enum without a name for 0', string(), { number: 1, enum: { SOME: 1 } }],
  ])('has no default: %s', async (_, field, binding) => {
    expect(await readX(field, binding, '')).toEqual({ values: [], codes: ['FIELD_MISSING'] });
  });
});

describe('a value', () => {
  it('beyond what a double holds exactly is rejected', async () => {
    expect(await readX(int(), { number: 1, type: 'uint64' }, '08 ffffffffffffff0f', '08 8080808080808010', '08 ffffffffffffffffff01')).toEqual({ values: [2 ** 53 - 1], codes: ['NUMBER_RANGE', 'NUMBER_RANGE'] });
    expect(await readX(int(), { number: 1, type: 'int64' }, '08 ffffffffffffffffff01')).toEqual({ values: [-1], codes: [] });
    expect(await readX(int(), { number: 1, type: 'fixed64' }, '09 ffffffffffff1f00', '09 0000000000002000')).toEqual({ values: [2 ** 53 - 1], codes: ['NUMBER_RANGE'] });
    expect(await readX(nested<unknown>(), { number: 1, type: 'sint64', repeated: true }, '0a 0a feffffffffffffffff01')).toEqual({ values: [], codes: ['NUMBER_RANGE'] });
    expect((await readX(float(), { number: 1, type: 'double' }, '09 000000000000f07f')).codes).toEqual(['NUMBER_RANGE']);
    expect((await readX(timestamp(), { number: 1, type: 'timestamp' }, '0a 08 08 80c0caf384a302')).codes).toEqual(['NUMBER_RANGE']);
  });

  it('that is written as something else is rejected', async () => {
    expect((await readX(int(), 1, '0a 00', '09 0000000000000000', '0d 00000000', '0b 0c')).codes).toEqual(['FIELD_TYPE', 'FIELD_TYPE', 'FIELD_TYPE', 'FIELD_TYPE']);
    expect((await readX(string(), 1, '08 01')).codes).toEqual(['FIELD_TYPE']);
    expect((await readX(string(), { number: 1, enum: { A: 1 } }, '08 02')).codes).toEqual(['FIELD_TYPE']);
    expect((await readX(nested<unknown>(), 1, '0a 01 7b')).codes).toEqual(['FIELD_TYPE']);
    expect((await readX(nested<unknown>(), { number: 1, message: { a: { number: 1, type: 'int32' } } }, '0a 02 0a 00')).codes).toEqual(['FIELD_TYPE']);
  });

  it('that comes twice is the last one, and messages are taken together', async () => {
    expect((await readX(int(), 1, '08 01 08 02')).values).toEqual([2]);
    const binding: ProtobufBinding = { number: 1, message: { a: { number: 1, type: 'int32' }, at: { number: 2, type: 'timestamp' }, all: { number: 3, type: 'int32', repeated: true } } };
    expect((await readX(nested<unknown>(), binding, '0a 08 08 05 12 02 08 07 18 01 0a 07 12 00 1a 03 02 03 04')).values).toEqual([{ a: 5, at: 7_000, all: [1, 2, 3, 4] }]);
    expect((await readX(timestamp(), { number: 1, type: 'timestamp' }, '0a 02 08 07 0a 04 10 c0843d')).values).toEqual([7_001]);
  });
});

describe('damage', () => {
  it.each([
    ['a field number 0', '00 00'],
    ['an unknown way of writing', '0e 00'],
    ['a number that does not end', '08 ff'],
    ['a number of more than ten bytes', '08 ffffffffffffffffffff01'],
    ['a text that is longer than the message', '12 05 61'],
    ['a length beyond all memory', '12 ffffffffffffffffff01'],
    ['a group that does not end', '13 08 01'],
    ['a group that ends as another', '13 1c'],
    ['an end without a group', '14'],
    ['a packed list that is cut', '1a 02 80 80'],
  ])('is found: %s', async (_, message) => {
    const decoder = protobuf(record('Row', { x: int(), list: nested<unknown>() }), { fields: { x: 1, list: { number: 3, type: 'int32', repeated: true } } }).decoder();
    expect((await decodeValues(decoder, [Buffer.from(message.replaceAll(' ', ''), 'hex')])).rejections.map(({ code }) => code)).toEqual(['PROTOBUF_SYNTAX']);
  });

  it('is not what is unknown: groups in groups, large numbers of fields', async () => {
    const groups = '13 1b 08 01 1a 01 61 1c 14';
    expect(await readX(int(), 1, `${groups} f8ffffff0f 01 08 07`)).toEqual({ values: [7], codes: [] });
  });

  it('of the frame is found', async () => {
    const codec = protobuf(record('Row', { x: int() }), { schemaId: 1 });
    const frames = ['00 00000001 00', '00 00000009 02 04 08 07', '00 00000001 04 00 02 08 08', '01 00000001 00', '00 00000001', '', '00 00000001 06 00', '00 00000001 01'];
    const { rows, rejections } = await decodeValues(codec.decoder(), frames.map((hex) => Buffer.from(hex.replaceAll(' ', ''), 'hex')));
    expect(rows.map(({ row }) => row['x'])).toEqual([0, 7, 8]);
    expect(rejections.map(({ code }) => code)).toEqual(['SCHEMA_FRAME', 'SCHEMA_FRAME', 'SCHEMA_FRAME', 'SCHEMA_FRAME', 'SCHEMA_FRAME']);
  });
});

describe('bindings', () => {
  const Row = record('Row', { x: int(), y: nullable(string()) });

  it.each<[string, Readonly<Record<string, ProtobufBinding | number>>]>([
    ['is no field', { x: 1, y: 2, z: 3 }],
    ['has no number', { x: 1 }],
    ['another one has it', { x: 1, y: 1 }],
    ['cannot have the number 0', { x: 0, y: 1 }],
    ['cannot have the number 19500', { x: 19_500, y: 1 }],
    ['cannot have the number 536870912', { x: 2 ** 29, y: 1 }],
    ['of type int cannot be written as string', { x: { number: 1, type: 'string' }, y: 2 }],
    ['of type int cannot be written as a list of int64', { x: { number: 1, repeated: true }, y: 2 }],
    ['of type string cannot be written as message', { x: 1, y: { number: 2, message: {} } }],
  ])('that do not fit are refused: a field %s', (why, fields) => {
    expect(() => protobuf(Row, { fields })).toThrow(why);
  });

  it('of messages need types', () => {
    expect(() => protobuf(record('Row', { x: nested<unknown>() }), { fields: { x: { number: 1, message: { a: 1 } } } })).toThrow("PROTOBUF_BINDING: Field 'a' has no type");
  });

  it('refuse rows that do not fit', () => {
    const { encode } = protobuf(record('Row', { x: int(), n: nullable(nested<unknown>()) }), { fields: { x: { number: 1, type: 'int32' }, n: { number: 2, message: { a: { number: 1, type: 'string' } } } } });
    expect(() => encode({ x: 2 ** 31, n: null })).toThrow("PROTOBUF_VALUE: Field 'x'");
    expect(() => encode({ x: null as unknown as number, n: null })).toThrow("PROTOBUF_VALUE: Field 'x'");
    expect(() => encode({ x: 1, n: { a: 5 } })).toThrow("PROTOBUF_VALUE: Field 'a'");
    expect(() => encode({ x: 1, n: { b: 'unknown' } })).toThrow("PROTOBUF_VALUE: Field 'n'");
  });
});

describe('a list of messages of nothing', () => {
  it('does not become much larger than it was written', async () => {
    const message = Object.fromEntries(Array.from({ length: 20 }, (_, i) => [`field${i}`, { number: i + 1, type: 'int32' as const }]));
    const list = (count: number): string => '0a 00'.repeat(count);
    const { values, codes } = await readX(nested<unknown>(), { number: 1, repeated: true, message }, list(2), list(100_000), list(1));
    expect(values).toHaveLength(2);
    expect(codes).toEqual(['RECORD_TOO_LARGE']);
  });
});
