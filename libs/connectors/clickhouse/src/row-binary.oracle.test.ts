import { cases } from '@weir/testkit';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ByteWriter } from './byte-writer.ts';
import { ClickHouse } from './clickhouse.ts';
import type { Column } from './column.ts';
import { RowBinary } from './row-binary.ts';
import { StartedEngine } from './started-engine.ts';

// The witness is ClickHouse itself, reading the same values as JSON, which the stock client writes.

let engine: StartedEngine;
let clickhouse: ClickHouse;
let tables = 0;

beforeAll(async () => {
  engine = await StartedEngine.start();
  clickhouse = new ClickHouse({ url: engine.url });
});

afterAll(async () => {
  await clickhouse.close();
  expect(await engine.stop()).toBe(0);
});

const texts = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 12 }),
  fc.string({ unit: 'grapheme', maxLength: 60 }),
  fc.constantFrom('', '\0', '\n', '"', '\\N', 'half \ud83d', '\udc00', '\u2028', '\ufeff', 'é', '😀'.repeat(40)),
  fc.integer({ min: 38, max: 42 }).map((length) => 'x'.repeat(length)),
  fc.integer({ min: 120, max: 135 }).map((length) => 'ü'.repeat(length)),
);
const edges = (...values: number[]): fc.Arbitrary<number> => fc.constantFrom(...values);
const wide = fc.oneof(fc.maxSafeInteger(), edges(0, -1, 1, 2 ** 31, -(2 ** 31), 2 ** 32, -(2 ** 32), 2 ** 32 - 1, Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER));
const signed = (bits: number): fc.Arbitrary<number> => fc.oneof(fc.integer({ min: -(2 ** (bits - 1)), max: 2 ** (bits - 1) - 1 }), edges(-(2 ** (bits - 1)), 2 ** (bits - 1) - 1, 0, -1));
const unsigned = (bits: number): fc.Arbitrary<number> => fc.oneof(fc.integer({ min: 0, max: 2 ** bits - 1 }), edges(0, 2 ** bits - 1, 2 ** (bits - 1)));

/** Each type with its values; JSON has neither NaN nor -0: those are tested apart. */
const TYPES: Readonly<Record<string, fc.Arbitrary<unknown>>> = {
  String: texts,
  'LowCardinality(String)': texts,
  Int8: signed(8),
  Int16: signed(16),
  Int32: signed(32),
  Int64: wide,
  UInt8: unsigned(8),
  UInt16: unsigned(16),
  UInt32: unsigned(32),
  UInt64: wide.map(Math.abs),
  Float64: fc.oneof(fc.double({ noNaN: true, noDefaultInfinity: true }), edges(0.1, 5e-324, 1.7976931348623157e308, 2 ** 60)).map((value) => (value === 0 ? 0 : value)),
  Bool: fc.boolean(),
  "Enum8('late' = -128, 'early' = 0, 'on-time' = 1)": fc.constantFrom('early', 'on-time', 'late'),
};
const anyType = fc.oneof(
  fc.constantFrom(...Object.keys(TYPES)).map((type) => ({ type, values: TYPES[type]! })),
  fc
    .constantFrom(...Object.keys(TYPES).filter((type) => !type.startsWith('Low')))
    .map((type) => ({ type: `Nullable(${type})`, values: fc.option(TYPES[type]!) })),
);
const anyTable = fc.array(anyType, { minLength: 1, maxLength: 8 }).chain((types) =>
  fc.record({ types: fc.constant(types.map(({ type }) => type)), rows: fc.array(fc.tuple(...types.map(({ values }) => values)) as fc.Arbitrary<unknown[]>, { minLength: 1, maxLength: 12 }) }),
);

async function tableOf(columns: readonly Column[]): Promise<string> {
  const table = `t_${++tables}`;
  await clickhouse.command(`CREATE TABLE ${table} (ordinal UInt32, ${columns.map(({ name, type }) => `${name} ${type}`).join(', ')}) ENGINE = MergeTree ORDER BY ordinal`);
  return table;
}

async function insertBinary(table: string, columns: readonly Column[], rows: readonly unknown[][]): Promise<void> {
  const all = [{ name: 'ordinal', type: 'UInt32' }, ...columns];
  const format = new RowBinary(table, all);
  const out = new ByteWriter();
  rows.forEach((row, ordinal) => format.encode([ordinal, ...row], out));
  await clickhouse.insertBinary(table, all.map(({ name }) => name), RowBinary.FORMAT, [format.header, out.slice(0, out.length)]);
}

describe('RowBinary', () => {
  it('reads back as what JSON says, for any types and values', async () => {
    await fc.assert(
      fc.asyncProperty(anyTable, async ({ types, rows }) => {
        const columns = types.map((type, index) => ({ name: `c${index}`, type }));
        const [binary, json] = [await tableOf(columns), await tableOf(columns)];
        await insertBinary(binary, columns, rows);
        await clickhouse.insert(json, rows.map((row, ordinal) => ({ ordinal, ...Object.fromEntries(row.map((value, index) => [`c${index}`, value])) })));
        const found = await Promise.all([binary, json].map((table) => clickhouse.query(`SELECT * FROM ${table} ORDER BY ordinal`)));
        expect(found[0]).toEqual(found[1]);
        expect(found[0]).toHaveLength(rows.length);
        for (const table of [binary, json]) await clickhouse.command(`DROP TABLE ${table}`);
      }),
      { numRuns: Math.min(cases(60), 500) },
    );
  });

  it('carries numbers that JSON cannot', async () => {
    const columns = [{ name: 'x', type: 'Float64' }];
    const table = await tableOf(columns);
    await insertBinary(table, columns, [[Number.NaN], [Number.POSITIVE_INFINITY], [-0]]);
    expect(await clickhouse.query(`SELECT toString(x) AS x FROM ${table} ORDER BY ordinal`)).toEqual([{ x: 'nan' }, { x: 'inf' }, { x: '-0' }]);
  });

  it('refuses what a column cannot hold, and appends nothing of its row', () => {
    const refused: Readonly<Record<string, readonly unknown[]>> = {
      String: [1, null, undefined, {}, true],
      Int64: [1.5, Number.NaN, '1', 2 ** 53, null, true, 1n],
      Int8: [128, -129],
      UInt64: [-1],
      UInt8: [256, -1],
      Float64: ['1', null],
      Bool: [0, 'true', null],
      "Enum8('a' = 1)": ['b', 1, null],
      'Nullable(Int32)': [2 ** 31, 'x'],
    };
    for (const [type, values] of Object.entries(refused)) {
      const format = new RowBinary('t', [{ name: 'first', type: 'String' }, { name: 'x', type }]);
      for (const value of values) {
        const out = new ByteWriter();
        expect(() => format.encode(['before', value], out), `${type} ${String(value)}`).toThrow(expect.objectContaining({ code: 'CLICKHOUSE_VALUE' }));
        expect(out.length).toBe(0);
      }
    }
  });

  it('is refused by a table that has other types or lacks a column, instead of being misread', async () => {
    const table = await tableOf([{ name: 'a', type: 'Int64' }]);
    for (const column of [{ name: 'a', type: 'UInt64' }, { name: 'a', type: 'Float64' }, { name: 'b', type: 'Int64' }]) {
      await expect(insertBinary(table, [column], [[1]])).rejects.toMatchObject({ code: 'CLICKHOUSE_REJECTED', retryable: false });
    }
    expect(await clickhouse.query(`SELECT count() AS c FROM ${table}`)).toEqual([{ c: 0 }]);
  });
});
