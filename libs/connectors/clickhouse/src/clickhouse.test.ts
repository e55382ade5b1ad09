import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ClickHouse } from './clickhouse.ts';

/** What a scripted server does with one request: answers, refuses with a code of ClickHouse, or hangs up after it has the request. */
type Act = { readonly answer: string } | { readonly code: number; readonly text?: string } | 'hang up' | 'say nothing';

let server: Server;
let script: Act[];
let asked: { readonly query: string; readonly body: string }[];
let clickhouse: ClickHouse;

beforeEach(async () => {
  script = [];
  asked = [];
  server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const url = new URL(request.url!, 'http://x');
      asked.push({ query: url.searchParams.get('query') ?? '', body: Buffer.concat(chunks).toString() });
      const act = script.shift() ?? { answer: '' };
      if (act === 'hang up') request.socket.destroy();
      else if (act === 'say nothing') return;
      else if ('answer' in act) response.end(act.answer);
      else response.writeHead(500, { 'X-ClickHouse-Exception-Code': String(act.code) }).end(`Code: ${act.code}. DB::Exception: ${act.text ?? 'no'}. (NAME)\n`);
    });
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  clickhouse = new ClickHouse({ url: `http://weir:secret@127.0.0.1:${(server.address() as AddressInfo).port}`, requestTimeoutMilliseconds: 200, tries: 4 });
});

afterEach(async () => {
  await clickhouse.close();
  server.closeAllConnections();
  await new Promise((closed) => server.close(closed));
});

describe('ClickHouse', () => {
  it('repeats an insert whose outcome is not known, with the same rows', async () => {
    script = ['hang up', 'say nothing', { code: 252, text: 'Too many parts' }, { answer: '' }];
    await clickhouse.insert('t', [{ a: 1 }, { a: 2 }]);
    expect(asked).toHaveLength(4);
    expect(new Set(asked.map(({ body }) => body))).toEqual(new Set(['{"a":1}\n{"a":2}\n']));
  });

  it('gives up after its tries, and says what is the matter', async () => {
    script = Array.from({ length: 9 }, () => 'hang up');
    const failure = clickhouse.command('SELECT 1');
    await expect(failure).rejects.toMatchObject({ code: 'CLICKHOUSE_UNREACHABLE', retryable: true });
    await expect(failure).rejects.not.toThrow('secret');
    expect(asked).toHaveLength(4);
  });

  it('does not repeat what was refused', async () => {
    script = [{ code: 62, text: 'Syntax error' }];
    await expect(clickhouse.query('SELEC')).rejects.toMatchObject({ code: 'CLICKHOUSE_REJECTED', retryable: false, message: expect.stringContaining('62') as string });
    script = [{ code: 243 }];
    await expect(clickhouse.insert('t', [{ a: 1 }])).rejects.toMatchObject({ code: 'CLICKHOUSE_DISK_FULL', retryable: false });
    script = [{ code: 1001, text: 'write failed: No space left on device' }];
    await expect(clickhouse.insert('t', [{ a: 1 }])).rejects.toMatchObject({ code: 'CLICKHOUSE_DISK_FULL' });
    expect(asked).toHaveLength(3);
  });

  it('throws the mistakes of the program as they are', async () => {
    await expect(clickhouse.insert('t', [{ a: 1n }])).rejects.toThrow(TypeError);
    script = [{ answer: '{"a":}\n' }];
    await expect(clickhouse.query('SELECT 1')).rejects.toThrow(SyntaxError);
    expect(asked.length).toBeLessThanOrEqual(2);
  });

  it('sends nothing for no rows', async () => {
    await clickhouse.insert('t', []);
    expect(asked).toEqual([]);
  });

  it('names a server that is not there, on a ping at once', async () => {
    const nowhere = new ClickHouse({ url: 'http://127.0.0.1:1', tries: 2 });
    await expect(nowhere.ping()).rejects.toMatchObject({ code: 'CLICKHOUSE_UNREACHABLE' });
    await expect(nowhere.query('SELECT 1')).rejects.toMatchObject({ code: 'CLICKHOUSE_UNREACHABLE' });
    await nowhere.close();
  });
});
