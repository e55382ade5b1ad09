import { Readable } from 'node:stream';
import { ClickHouseLogLevel, createClient } from '@clickhouse/client';
import type { ClickHouseClient } from '@clickhouse/client';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { StartedEngine } from './started-engine.ts';

const RUNS = { numRuns: Number(process.env['WEIR_RUNS'] ?? 100) };

let engine: StartedEngine;
let url: string;
let client: ClickHouseClient;

beforeAll(async () => {
  engine = await StartedEngine.start();
  url = engine.url;
  client = createClient({ url, database: 'weir', log: { level: ClickHouseLogLevel.OFF } });
});

afterAll(async () => {
  await client.close();
  expect(await engine.stop()).toBe(0);
});

async function rows(query: string, params: Record<string, unknown> = {}): Promise<unknown[]> {
  const result = await client.query({ query, query_params: params, format: 'JSONEachRow' });
  return result.json();
}

describe('the embedded engine behind the stock client', () => {
  it('answers a ping', async () => {
    expect(await client.ping()).toEqual({ success: true });
  });

  it('keeps every byte of a binary insert and of a binary answer', async () => {
    await client.command({ query: 'CREATE TABLE bytes (i UInt16, s String) ENGINE = MergeTree ORDER BY i' });
    // Each row: the number, little-endian, and a string of two bytes, so that every pair of neighbours occurs.
    const body = Buffer.concat(Array.from({ length: 65_536 }, (_, i) => Buffer.from([i & 255, i >> 8, 2, i & 255, i >> 8])));
    const { response_headers: headers } = await client.exec({ query: 'INSERT INTO bytes FORMAT RowBinary', values: Readable.from([body], { objectMode: false }) });
    expect(JSON.parse(String(headers?.['x-clickhouse-summary']))).toMatchObject({ written_rows: '65536' });
    const { stream } = await client.exec({ query: 'SELECT i, s FROM bytes ORDER BY i FORMAT RowBinary' });
    const chunks: Buffer[] = [];
    for await (const chunk of stream as AsyncIterable<Buffer>) chunks.push(chunk);
    expect(Buffer.concat(chunks).equals(body)).toBe(true);
  });

  it('keeps an insert whole that holds what ends one elsewhere', async () => {
    await client.command({ query: 'CREATE TABLE lines (s String) ENGINE = MergeTree ORDER BY s' });
    const texts = ['', '\n\n', 'a;b', ';\n', '"', '\\', '\0', '-- x', "'", '}{', '\r\n\r\n', '\ufeff', '😀'];
    const { stream } = await client.exec({ query: 'INSERT INTO lines FORMAT JSONEachRow', values: Readable.from(['\n\n{"s":"first"}\n\n{"s":"second"}\n'], { objectMode: false }) });
    stream.destroy();
    await client.insert({ table: 'lines', values: texts.map((s) => ({ s })), format: 'JSONEachRow', columns: ['s'] });
    expect(new Set((await rows('SELECT s FROM lines')).map((row) => (row as { s: string }).s))).toEqual(new Set([...texts, 'first', 'second']));
  });

  it('takes statement and data in one body, text or binary', async () => {
    await client.command({ query: 'CREATE TABLE one_body (s String) ENGINE = MergeTree ORDER BY s' });
    const post = async (body: Buffer | string): Promise<number> => (await fetch(`${url}/?database=weir`, { method: 'POST', body: Buffer.from(body) })).status;
    expect(await post(Buffer.concat([Buffer.from('INSERT INTO one_body FORMAT RowBinary\n'), Buffer.from([3, 10, 0, 255])]))).toBe(200);
    expect(await post('INSERT INTO one_body (s) FORMAT JSONEachRow\n{"s":"json"}\n')).toBe(200);
    expect(await post(`INSERT INTO one_body VALUES ('a FORMAT b\n c')`)).toBe(200);
    expect(await rows('SELECT hex(s) AS s FROM one_body ORDER BY s')).toEqual([{ s: '0A00FF' }, { s: Buffer.from('a FORMAT b\n c').toString('hex').toUpperCase() }, { s: '6A736F6E' }]);
  });

  it('binds parameters as data, whatever they hold', async () => {
    const hostile = [`'; DROP TABLE bytes; --`, `\\'`, '\\', '\\N', '\\\\N', '{x:String}', '`', '"', '\0', '\t\n\r\b\f', '%00', '&param_x=1', '+ ', '😀', '\u2028', `1' OR '1'='1`, '${1}', '--', '/*', '#'];
    await fc.assert(
      fc.asyncProperty(fc.array(fc.oneof(fc.constantFrom(...hostile), fc.string({ unit: 'binary' })), { maxLength: 4 }).map((parts) => parts.join('')), async (x) => {
        const expected = Buffer.from(x).toString('hex').toUpperCase();
        expect(await rows('SELECT hex({x:String}) AS x', { x })).toEqual([{ x: expected }]);
      }),
      { ...RUNS, examples: hostile.map((text) => [text]) },
    );
    expect(await rows('SELECT {a:Array(String)} AS a, {n:Nullable(Int64)} AS n, {i:UInt8} AS i, {b:Bool} AS b', { a: hostile.filter((text) => text !== '\0'), n: null, i: 255, b: true })).toEqual([
      { a: hostile.filter((text) => text !== '\0'), n: null, i: 255, b: true },
    ]);
    await expect(rows('SELECT {i:UInt8} AS i', { i: '1; DROP TABLE bytes' })).rejects.toMatchObject({ code: '457' });
  });

  it('leaves no parameter, setting or database of a query for the next one', async () => {
    await rows('SELECT {left:String} AS x', { left: 'over' });
    await expect(rows('SELECT {left:String} AS x')).rejects.toMatchObject({ code: '456', type: 'UNKNOWN_QUERY_PARAMETER' });
    const limited = await client.query({ query: 'SELECT number FROM numbers(10)', format: 'JSONEachRow', clickhouse_settings: { limit: '3' } });
    expect(await limited.json()).toHaveLength(3);
    expect(await rows('SELECT number FROM numbers(10)')).toHaveLength(10);
    const elsewhere = createClient({ url, database: 'system', log: { level: ClickHouseLogLevel.OFF } });
    expect(await (await elsewhere.query({ query: 'SELECT currentDatabase() AS d', format: 'JSONEachRow' })).json()).toEqual([{ d: 'system' }]);
    await elsewhere.close();
    expect(await rows('SELECT currentDatabase() AS d')).toEqual([{ d: 'weir' }]);
  });

  it('answers in the format that is asked for, with the counts that the client reads', async () => {
    const json = await client.query({ query: 'SELECT 1 AS x', format: 'JSON' });
    expect(await json.json()).toMatchObject({ data: [{ x: 1 }], rows: 1 });
    const csv = await client.query({ query: `SELECT 'a,b' AS x, 2 AS y`, format: 'CSV' });
    expect(await csv.text()).toBe('"a,b",2\n');
    const response = await fetch(`${url}/?query=${encodeURIComponent('SELECT number FROM numbers(7)')}&default_format=JSONCompactEachRow&query_id=mine`);
    expect(await response.text()).toBe('[0]\n[1]\n[2]\n[3]\n[4]\n[5]\n[6]\n');
    expect(response.headers.get('x-clickhouse-query-id')).toBe('mine');
    expect(response.headers.get('content-type')).toContain('application/x-ndjson');
    expect(JSON.parse(response.headers.get('x-clickhouse-summary')!)).toMatchObject({ read_rows: '7' });
  });

  it('words errors so that the client reads their code and kind', async () => {
    await expect(rows('SELECT * FROM not_there')).rejects.toMatchObject({ code: '60', type: 'UNKNOWN_TABLE' });
    await expect(rows('SELEC 1')).rejects.toMatchObject({ code: '62' });
    await expect(client.insert({ table: 'bytes', values: [{ i: 'x' }], format: 'JSONEachRow' })).rejects.toMatchObject({ name: 'Error', code: expect.stringMatching(/^\d+$/) as string });
    await expect(client.query({ query: 'SELECT 1', clickhouse_settings: { 'no_such_setting': '1' } as never })).rejects.toMatchObject({ code: '115' });
    expect((await fetch(`${url}/?query=SELECT%20*%20FROM%20nope`)).status).toBe(404);
    expect((await fetch(`${url}/?query=SELEC`)).status).toBe(400);
  });

  it('changes nothing on GET, and answers no web page', async () => {
    const readonly = await fetch(`${url}/?query=${encodeURIComponent('CREATE TABLE g (x Int8) ENGINE = Memory')}`);
    expect([readonly.status, readonly.headers.get('x-clickhouse-exception-code')]).toEqual([400, '164']);
    expect((await fetch(`${url}/?query=SELECT%201`, { headers: { Origin: 'https://example.org' } })).status).toBe(403);
    expect((await fetch(`${url}/?query=SELECT%201`, { headers: { 'Sec-Fetch-Site': 'cross-site' } })).status).toBe(403);
  });

  it('refuses a body that is too long', async () => {
    const response = await fetch(url, { method: 'POST', body: `SELECT '${'x'.repeat(9 * 1024 * 1024)}'` }).catch(() => undefined);
    // The connection may be closed before the whole body was sent.
    if (response !== undefined) expect(response.status).toBe(413);
    expect(await client.ping()).toEqual({ success: true });
  });

  it('answers pings and queries while an insert is parsed', async () => {
    await client.command({ query: 'CREATE TABLE wide (k String, n UInt64) ENGINE = MergeTree ORDER BY k' });
    const values = Array.from({ length: 100_000 }, (_, n) => ({ k: `key ${n} ${'x'.repeat(60)}`, n }));
    let inserting = true;
    const insert = client.insert({ table: 'wide', values, format: 'JSONEachRow' }).finally(() => (inserting = false));
    let answered = 0;
    while (inserting) {
      expect(await client.ping()).toEqual({ success: true });
      await rows('SELECT {x:UInt32} AS x', { x: answered });
      answered++;
    }
    await insert;
    expect(answered).toBeGreaterThan(1);
    expect(await rows('SELECT count() AS c, sum(n) AS s FROM wide')).toEqual([{ c: 100_000, s: 4_999_950_000 }]);
  });

  it('runs many clients at once, each with its own parameters', async () => {
    await Promise.all(
      Array.from({ length: 100 }, async (_, i) => {
        expect(await rows('SELECT {x:String} AS x, sleepEachRow(0.001) AS s', { x: `of ${i}` })).toEqual([{ x: `of ${i}`, s: 0 }]);
      }),
    );
  });
});
