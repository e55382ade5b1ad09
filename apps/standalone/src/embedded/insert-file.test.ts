import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { Agent, createServer, request } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ClickHouseEngine } from './clickhouse-engine.ts';
import { ClickHouseHttp } from './clickhouse-http.ts';
import { InsertFiles } from './insert-file.ts';

const MAX_BYTES = 400_000;
/** More than is written at once. */
const LARGE = 300_000;

let parent: string;
let directory: string;

beforeEach(() => {
  parent = mkdtempSync(join(tmpdir(), 'weir-inserts-'));
  directory = join(parent, 'inserts');
});

afterEach(() => rmSync(parent, { recursive: true }));

/** A body that comes in chunks and has no end. */
function endless(): Readable {
  return Readable.from((function* () {
    for (;;) yield Buffer.alloc(50_000, 'x');
  })());
}

describe('the files of inserts', () => {
  it('hold a body, whether small or large, and remove what is done', async () => {
    const files = new InsertFiles(directory, { maxBytes: MAX_BYTES });
    for (const length of [0, 10, LARGE, MAX_BYTES]) {
      const body = Readable.from([Buffer.alloc(Math.floor(length / 2), 'a'), Buffer.alloc(Math.ceil(length / 2), 'b')]);
      const path = await files.keep(body);
      expect(readFileSync(path)).toHaveLength(length);
      files.remove(path);
    }
    // That of small bodies is used again.
    expect(readdirSync(directory)).toHaveLength(1);
  });

  it('ask no more of a body that is too long, nor of one that cannot be written', async () => {
    const files = new InsertFiles(directory, { maxBytes: MAX_BYTES });
    const long = endless();
    await expect(files.keep(long)).rejects.toThrow('TOO_MANY_BYTES');
    expect([long.destroyed, readdirSync(directory)]).toEqual([true, []]);

    rmSync(directory, { recursive: true });
    const unwritten = endless();
    await expect(files.keep(unwritten)).rejects.toThrow('ENOENT');
    expect(unwritten.destroyed).toBe(true);
  });
});

describe('an insert over HTTP', () => {
  let server: Server;
  let agent: Agent;

  beforeEach(async () => {
    const engine = { run: () => Promise.resolve({ bytes: Buffer.from('1\n'), rows: 1, rowBytes: 1, elapsedSeconds: 0 }) } as unknown as ClickHouseEngine;
    const http = new ClickHouseHttp(engine, new InsertFiles(directory, { maxBytes: MAX_BYTES }));
    server = createServer((question, answer) => void http.handle(question, answer));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    // One connection: the next request comes on it, if it is kept.
    agent = new Agent({ keepAlive: true, maxSockets: 1 });
  });

  afterEach(async () => {
    agent.destroy();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });

  /** Asks; a body without its end stays open for as long as the connection. */
  function ask(path: string, body: Buffer, length = body.length): Promise<{ readonly status: number | undefined; readonly connection: string | undefined }> {
    return new Promise((resolve, reject) => {
      const { port } = server.address() as AddressInfo;
      const asked = request({ host: '127.0.0.1', port, method: 'POST', path, agent, headers: { 'Content-Length': length } }, (answer) => {
        answer.resume().on('end', () => resolve({ status: answer.statusCode, connection: answer.headers.connection }));
      });
      asked.on('error', reject);
      if (length === body.length) asked.end(body);
      else asked.write(body);
    });
  }

  const INSERT = `/?query=${encodeURIComponent('INSERT INTO t FORMAT JSONEachRow')}`;

  it('that is too long is refused, whether its body has come to its end or not, and others follow', async () => {
    for (const body of [Buffer.alloc(MAX_BYTES + 1), Buffer.alloc(20 * MAX_BYTES)]) {
      expect(await ask(INSERT, body)).toMatchObject({ status: 413 });
      expect(await ask('/', Buffer.from('SELECT 1'))).toEqual({ status: 200, connection: 'keep-alive' });
    }
    expect(await ask(INSERT, Buffer.alloc(MAX_BYTES + 1), 20 * MAX_BYTES)).toEqual({ status: 413, connection: 'close' });
    expect(await ask('/', Buffer.from('SELECT 1'))).toEqual({ status: 200, connection: 'keep-alive' });
    expect(readdirSync(directory)).toEqual([]);
  });

  it('that cannot be written is refused in the same way', async () => {
    rmSync(directory, { recursive: true });
    expect(await ask(INSERT, Buffer.alloc(LARGE), 2 * LARGE)).toEqual({ status: 500, connection: 'close' });
    expect(await ask('/', Buffer.from('SELECT 1'))).toEqual({ status: 200, connection: 'keep-alive' });
  });
});
